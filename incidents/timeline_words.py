"""The sentence of every timeline event. Upper apps add theirs: `timeline_words.WORDS` in their AppConfig.ready().

WORDS["response.released"] = Words(MARKS["P"], _("Published on %(channel)s: %(title)s"), OUTWARD, "say",
milestone="said")
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from incidents.levels import ClockKind, Level, Stage

DECISION, OUTWARD = "decision", "outward"  # the timeline's filters 决定 and 对外
TOLD = "told"  # 通知: who was told; not entries, but read from the notices themselves

# Milestones a person sees on top of an incident: the first entry of each gives its time. `said` belongs to response.
MILESTONES: dict[str, str | Promise] = {
    "found": pgettext_lazy("milestone", "Found"),
    "assessed": pgettext_lazy("milestone", "Assessed"),
    "levelled": pgettext_lazy("milestone", "Level set"),
    "said": pgettext_lazy("milestone", "First statement"),
    "calmed": pgettext_lazy("milestone", "Calmed"),
    "reviewed": pgettext_lazy("milestone", "Reviewed"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """How an event reads.

    mark       one character beside the entry: 发 升 实 派 级 证 …
    sentence   a lazy string; `%(name)s` is filled from the entry's `detail`. A detail named `level` or `..._level`
               holds a level's code, `stage` or `..._stage` a stage's, `clock` a kind of clock; all are said in words.
               `%(actor)s` and `%(before_level)s`, `%(after_level)s`, `%(before_stage)s`, `%(after_stage)s` are
               always there.
    group      DECISION, OUTWARD or nothing: which filter shows it beside 全部
    tone       up, say, fact or nothing: the colour of the mark
    milestone  a key of MILESTONES: the event's first entry is that milestone
    """

    mark: str | Promise
    sentence: str | Promise
    group: str = ""
    tone: str = ""
    milestone: str = ""


# The one-character marks, translatable; a table, because gettext wants each letter literally.
MARKS: dict[str, Promise] = {
    "P": pgettext_lazy("timeline mark", "P"),  # 发 published
    "U": pgettext_lazy("timeline mark", "U"),  # 升 a level asked for
    "F": pgettext_lazy("timeline mark", "F"),  # 实 fact
    "T": pgettext_lazy("timeline mark", "T"),  # 派 task
    "L": pgettext_lazy("timeline mark", "L"),  # 级 level
    "E": pgettext_lazy("timeline mark", "E"),  # 证 evidence
    "O": pgettext_lazy("timeline mark", "O"),  # 建 opened
    "A": pgettext_lazy("timeline mark", "A"),  # 评 assessed
    "N": pgettext_lazy("timeline mark", "N"),  # 记 note
    "S": pgettext_lazy("timeline mark", "S"),  # 转 stage
    "M": pgettext_lazy("timeline mark", "M"),  # 员 people
    "D": pgettext_lazy("timeline mark", "D"),  # 稿 draft, sign-off
    "R": pgettext_lazy("timeline mark", "R"),  # 报 report
    "C": pgettext_lazy("timeline mark", "C"),  # 时 clock
    "I": pgettext_lazy("timeline mark", "I"),  # 告 people informed
}

WORDS: dict[str, Words] = {
    "incidents.opened": Words(MARKS["O"], _("Incident opened")),
    "incidents.edited": Words(MARKS["N"], _("Incident corrected: %(fields)s")),
    "incidents.post_attached": Words(MARKS["E"], _("Post attached, from %(platform)s")),
    "incidents.post_detached": Words(MARKS["E"], _("Post taken out, from %(platform)s")),
    "incidents.topic_attached": Words(MARKS["E"], _("Topic put in, with %(posts)s posts")),
    "incidents.topic_detached": Words(MARKS["E"], _("Topic taken out, with %(posts)s posts")),
    "incidents.assessed": Words(
        MARKS["A"], _("Assessed: severity %(severity)s, suggestion %(suggestion)s"), milestone="assessed"
    ),
    "incidents.level_requested": Words(
        MARKS["U"], _("%(to_level)s requested"), group=DECISION, tone="up", milestone="assessed"
    ),
    "incidents.level_lapsed": Words(MARKS["U"], _("The request for %(to_level)s lapsed"), group=DECISION),
    "incidents.level_withdrawn": Words(MARKS["U"], _("The request for %(to_level)s was withdrawn"), group=DECISION),
    "incidents.level_returned": Words(MARKS["L"], _("The request for %(to_level)s was returned"), group=DECISION),
    "incidents.level_confirmed": Words(
        MARKS["L"], _("Level confirmed: %(after_level)s"), group=DECISION, tone="up", milestone="levelled"
    ),
    "incidents.level_decided_otherwise": Words(
        MARKS["L"],
        _("Decided otherwise: %(after_level)s instead of %(to_level)s"),
        group=DECISION,
        tone="up",
        milestone="levelled",
    ),
    "incidents.level_taken_back": Words(
        MARKS["L"],
        _("Decision taken back: %(after_level)s again instead of %(before_level)s"),
        group=DECISION,
        tone="up",
    ),
    "incidents.level_started": Words(
        MARKS["L"],
        _("Started provisionally: %(after_level)s, in force at once, waiting to be ratified"),
        group=DECISION,
        tone="up",
        milestone="levelled",
    ),
    "incidents.level_ratified": Words(
        MARKS["L"], _("Provisional start ratified: %(after_level)s"), group=DECISION, tone="up"
    ),
    "incidents.level_start_revoked": Words(
        MARKS["L"],
        _("Provisional start revoked: %(after_level)s again instead of %(before_level)s"),
        group=DECISION,
        tone="up",
    ),
    "incidents.level_decided_alone": Words(
        MARKS["L"],
        _("%(after_level)s set by the working group head under the standing authority; leaders may overturn it"),
        group=DECISION,
        tone="up",
        milestone="levelled",
    ),
    "incidents.level_overturned": Words(
        MARKS["L"],
        _("Overturned: %(after_level)s again instead of %(before_level)s"),
        group=DECISION,
        tone="up",
    ),
    "incidents.approval_recorded": Words(
        MARKS["L"],
        _("Approved by %(given_by)s %(means)s, put down by %(actor)s: %(after_level)s"),
        group=DECISION,
        tone="up",
        milestone="levelled",
    ),
    "incidents.end_approval_recorded": Words(
        MARKS["S"],
        _("Approved by %(given_by)s %(means)s, put down by %(actor)s: the response ends, observation begins"),
        group=DECISION,
        milestone="calmed",
    ),
    "incidents.approval_countersigned": Words(
        MARKS["L"], _("%(actor)s countersigned the approval by word of mouth"), group=DECISION
    ),
    "incidents.approval_denied": Words(
        MARKS["L"], _("%(actor)s did not approve: level and stage are as before"), group=DECISION, tone="up"
    ),
    "incidents.level_denied": Words(
        MARKS["L"], _("%(actor)s did not approve %(to_level)s; something else was decided since"), group=DECISION
    ),
    "incidents.end_denied": Words(
        MARKS["L"], _("%(actor)s did not approve the end; something else was decided since"), group=DECISION
    ),
    "incidents.countersignature_missed": Words(
        MARKS["L"], _("%(given_by)s has not countersigned within 24 hours"), group=DECISION, tone="up"
    ),
    "incidents.end_requested": Words(MARKS["S"], _("The end of the response requested"), group=DECISION),
    "incidents.end_lapsed": Words(MARKS["S"], _("The request to end the response lapsed"), group=DECISION),
    "incidents.end_withdrawn": Words(MARKS["S"], _("The request to end the response was withdrawn"), group=DECISION),
    "incidents.end_returned": Words(MARKS["S"], _("The request to end the response was returned"), group=DECISION),
    "incidents.end_taken_back": Words(MARKS["S"], _("The end was taken back: the response goes on"), group=DECISION),
    "incidents.deciders_reminded": Words(MARKS["U"], _("Deciders reminded of the request for %(to_level)s")),
    "incidents.ratification_climbed": Words(
        MARKS["U"], _("Nobody has ratified %(to_level)s: the whole leadership group was told"), tone="up"
    ),
    "incidents.proposal_opened": Words(MARKS["A"], _("The desk proposes: %(proposed)s")),
    "incidents.proposal_taken_up": Words(MARKS["A"], _("Proposal of the desk taken up: %(proposed)s")),
    "incidents.proposal_dismissed": Words(MARKS["A"], _("Proposal of the desk dismissed: %(proposed)s")),
    "incidents.response_begun": Words(MARKS["S"], _("The response begins"), group=DECISION),
    "incidents.response_taken_back": Words(MARKS["S"], _("The response is taken back"), group=DECISION),
    "incidents.calmed_down": Words(
        MARKS["S"], _("Response ended, observation begins"), group=DECISION, milestone="calmed"
    ),
    "incidents.relapsed": Words(MARKS["S"], _("It came back: the response goes on"), group=DECISION),
    "incidents.review_begun": Words(MARKS["S"], _("Review begun")),
    "incidents.archived": Words(MARKS["S"], _("Archived"), group=DECISION, milestone="reviewed"),
    "incidents.reopened": Words(MARKS["S"], _("Reopened"), group=DECISION),
    "incidents.dismissed": Words(MARKS["S"], _("Dismissed as a false alarm"), group=DECISION),
    "incidents.merged": Words(MARKS["S"], _("Merged into %(into)s"), group=DECISION),
    "incidents.absorbed": Words(MARKS["S"], _("%(from)s was merged into this incident"), group=DECISION),
    "incidents.unmerged": Words(MARKS["S"], _("The merge of %(one)s into %(other)s is undone"), group=DECISION),
    "incidents.split": Words(MARKS["S"], _("Split: %(posts)s posts became %(into)s"), group=DECISION),
    "incidents.split_off": Words(MARKS["O"], _("Split off from %(from)s with %(posts)s posts")),
    "incidents.split_undone": Words(MARKS["S"], _("The split of %(one)s and %(other)s is undone"), group=DECISION),
    "incidents.note_added": Words(MARKS["N"], pgettext_lazy("timeline entry", "Note")),
    "incidents.brief_made": Words(MARKS["R"], _("Brief No. %(number)s written")),
    "incidents.handed_over": Words(MARKS["M"], _("Led by %(lead)s, owned by %(department)s")),
    "incidents.entry_corrected": Words(MARKS["N"], _("Correction of the entry of %(of)s")),
    "incidents.clock_warned": Words(MARKS["C"], _("%(percent)s%% of the time is used: %(clock)s. Told: %(people)s")),
    "incidents.clock_overdue": Words(MARKS["C"], _("Overdue: %(clock)s. Told: %(people)s"), tone="up"),
    "incidents.clock_paused": Words(MARKS["C"], _("Clock paused: %(clock)s"), group=DECISION),
    "incidents.clock_resumed": Words(MARKS["C"], _("Clock goes on: %(clock)s"), group=DECISION),
    "incidents.member_added": Words(MARKS["M"], _("%(person)s joined")),
    "incidents.group_formed": Words(MARKS["M"], _("Emergency working group formed: %(people)s"), group=DECISION),
    "incidents.came_on": Words(MARKS["M"], _("%(actor)s is at work on it")),
    "incidents.went_off": Words(MARKS["M"], _("%(actor)s is off")),
    "incidents.function_given": Words(MARKS["M"], _("What %(person)s does here")),
    "incidents.member_removed": Words(MARKS["M"], _("%(person)s left")),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the timeline's filters: the events of a group, or those with one of these marks."""

    label: str | Promise
    marks: str = ""


KINDS: dict[str, Kind] = {
    DECISION: Kind(_("Decisions")),
    OUTWARD: Kind(_("To the public")),
    "level": Kind(_("Level"), "ULA"),
    "stage": Kind(_("Stage"), "OS"),
    "clock": Kind(_("Clocks"), "C"),
    "task": Kind(_("Tasks"), "T"),
    "fact": Kind(_("Facts and evidence"), "FE"),
    "statement": Kind(_("Statements"), "DP"),
    "report": Kind(_("Reports"), "R"),
    "people": Kind(_("Members"), "M"),
    "note": Kind(_("Notes and corrections"), "N"),
    TOLD: Kind(_("Notices"), "I"),
}


def events_in(kind: str) -> list[str]:
    """Codes of the events one of the timeline's filters shows."""
    marks = [MARKS[letter] for letter in KINDS[kind].marks]
    return [event for event, words in WORDS.items() if words.group == kind or words.mark in marks]


def events_of(milestone: str) -> list[str]:
    return [event for event, words in WORDS.items() if words.milestone == milestone]


def headline(
    event: str, detail: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], actor: str = ""
) -> str:
    """The sentence of an entry. An event nobody registered shows its code: a missing word must not hide an act."""
    words = WORDS.get(event)
    if words is None:
        return event
    filling = {key: said(key, value) for key, value in detail.items()}
    for name, position in (("before", before), ("after", after)):
        for part in ("level", "stage"):
            if part in position:
                filling[f"{name}_{part}"] = said(part, position[part])
    return str(words.sentence) % Filling(filling, actor=actor)


def said(key: str, value: Any) -> Any:
    """A detail's value as a reader sees it: codes of levels and stages become words."""
    if key == "level" or key.endswith("_level"):
        return str(Level(value).label) if value in Level.values else value
    if key == "stage" or key.endswith("_stage"):
        return str(Stage(value).label) if value in Stage.values else value
    if key == "clock":
        return str(ClockKind(value).label) if value in ClockKind.values else value
    if key == "people":
        return pgettext("between items of a list", ", ").join(value) or pgettext("nobody told", "nobody")
    if key == "suggestion":
        return str(SUGGESTIONS.get(str(value), value))
    if key == "means":
        return str(MEANS.get(value, value))
    if key == "proposed":
        return str(gettext("the end of the response")) if value == "end" else str(Level(value).label)
    if key == "fields":
        return pgettext("between items of a list", ", ").join(str(FIELDS.get(name, name)) for name in value)
    return value


SUGGESTIONS: dict[str, str | Promise] = {
    "attention": _("daily attention"),
    **{str(int(level)): level.label for level in Level if level},
}
MEANS: dict[str, str | Promise] = {
    "phone": _("by phone"),
    "chat": _("by chat message"),
    "in_person": _("in person"),
}
FIELDS: dict[str, str | Promise] = {
    "title": _("title"),
    "summary": _("what happened"),
    "affects": _("affects"),
    "department": _("owning department"),
    "lead": _("lead"),
    "is_confidential": _("confidential"),
}


class Filling(dict[str, Any]):
    """A word the detail lacks is shown as a dash instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "—"
