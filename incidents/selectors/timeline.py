"""The timeline as it is read."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from incidents.models import Incident, TimelineEntry
from incidents.timeline_words import WORDS, events_in, headline


@dataclass(frozen=True, slots=True)
class Line:
    """A timeline entry as it is read: mark and tone, the sentence, who did it (and for whom), their own words."""

    entry: TimelineEntry
    mark: str | Promise
    tone: str
    sentence: str
    who: str


def timeline(incident: Incident, group: str = "", limit: int | None = None) -> list[Line]:
    """Entries newest first; `group` "decision" or "outward" shows only those."""
    entries = incident.timeline.filter(event__in=events_in(group)) if group else incident.timeline.all()
    return lines_of(entries, limit)


def lines_of(entries: QuerySet[TimelineEntry], limit: int | None = None) -> list[Line]:
    return [as_line(entry) for entry in entries.select_related("actor", "acting_for")[:limit]]


def as_line(entry: TimelineEntry) -> Line:
    words = WORDS.get(entry.event)
    who = str(entry.actor) if entry.actor else pgettext("actor", "the desk")
    return Line(
        entry=entry,
        mark=words.mark if words else "·",
        tone=words.tone if words else "",
        sentence=headline(entry.event, entry.detail, entry.before, entry.after, who),
        who=_("%(who)s, acting for %(principal)s") % {"who": who, "principal": entry.acting_for}
        if entry.acting_for
        else who,
    )
