"""What the events of this app are called on the auditor's page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENT_WORDS: dict[str, str | Promise] = {
    "opinion.corrections_exported": _("exported the corrections"),
    "opinion.lead_entered": _("entered a lead"),
    "opinion.model_switched": _("switched the scoring model"),
    "opinion.original_opened": _("opened the unmasked text of a post"),
    "opinion.personal_request_answered": _("answered a person's request"),
    "opinion.personal_request_entered": _("entered a person's request"),
    "opinion.post_folded": _("folded a post into another"),
    "opinion.post_ignored": _("ignored a post"),
    "opinion.post_restored": _("put a post back among those waiting"),
    "opinion.post_snoozed": _("put a post aside"),
    "opinion.post_unfolded": _("took a folded post out again"),
    "opinion.posts_exported": _("exported posts"),
    "opinion.relays_exported": _("exported how a story spread"),
    "opinion.retokening_started": _("had all posts cut into words anew"),
    "opinion.retokening_ended": _("all posts are cut into words anew"),
    "opinion.search_saved": _("kept a search"),
    "opinion.search_renamed": _("renamed a kept search"),
    "opinion.search_deleted": _("deleted a kept search"),
    "opinion.term_added": _("added a word of the company's own"),
    "opinion.term_changed": _("changed a word of the company's own"),
    "opinion.tone_confirmed": _("confirmed the tone of a post"),
    "opinion.tone_corrected": _("corrected the tone of a post"),
    "opinion.tone_taken_back": _("took a correction back"),
    "opinion.topic_change_undone": _("undid a change of topics"),
    "opinion.topic_renamed": _("renamed a topic"),
    "opinion.topic_split": _("split a topic"),
    "opinion.topics_merged": _("put two topics together"),
    "opinion.training_asked": _("asked for a model to be trained"),
    "opinion.training_ended": _("the training of a model ended"),
    "opinion.trends_exported": _("exported trends"),
    "opinion.watch_added": _("added a watch"),
    "opinion.watch_changed": _("changed a watch"),
}
