"""What the events of this app that are on no timeline are called on the auditor's page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENT_WORDS: dict[str, str | Promise] = {
    "incidents.exported": _("exported the list of incidents"),
    "incidents.kind_added": _("added a kind of harm"),
    "incidents.kind_brought_back": _("brought a kind of harm back"),
    "incidents.kind_renamed": _("renamed a kind of harm"),
    "incidents.kind_retired": _("retired a kind of harm"),
}
