"""The timeline as it is read."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from accounts.models import User
from incidents.models import Incident, TimelineEntry
from incidents.timeline_words import MARKS, TOLD, WORDS, events_in, headline
from notices.event_words import words_of
from notices.selectors.told import Telling, tellings


@dataclass(frozen=True, slots=True)
class Line:
    """A timeline entry as it is read: mark and tone, the sentence, who did it (and for whom), their own words."""

    entry: TimelineEntry
    mark: str | Promise
    tone: str
    sentence: str
    who: str

    @property
    def at(self) -> datetime:
        return self.entry.at

    @property
    def note(self) -> str:
        return self.entry.note

    @property
    def event(self) -> str:
        return self.entry.event

    @property
    def corrects(self) -> TimelineEntry | None:
        return self.entry.corrects

    @property
    def url(self) -> str:
        """The page of the row it came from; an act that is its own source has its place on the timeline."""
        return self.entry.url or self.entry.get_absolute_url()


@dataclass(frozen=True, slots=True)
class ToldLine:
    """People were told: one line for each time, beside the entries; what became of it is read from the notices."""

    telling: Telling
    mark: str | Promise
    sentence: str
    who: str
    corrects: None = None

    @property
    def at(self) -> datetime:
        return self.telling.at

    @property
    def event(self) -> str:
        return self.telling.first.event

    @property
    def note(self) -> str:
        """What was said, in the words of the messages, and to whom, with who has said 收到."""
        return "\n".join(filter(None, (*self.telling.subjects, self.names)))

    @property
    def names(self) -> str:
        told = [
            _("%(person)s (acknowledged)") % {"person": notice.person} if notice.acknowledged_at else str(notice.person)
            for notice in self.telling.notices
            if notice.person is not None
        ]
        return pgettext("between items of a list", ", ").join(told)


def told_of(
    incident: Incident, chosen: Mapping[str, Any], since: datetime | None = None, until: datetime | None = None
) -> list[ToldLine]:
    """Who was told in that time, as far as the filters want notices; the newest first."""
    if chosen.get("show") and TOLD not in chosen["show"]:
        return []
    since = max(filter(None, (since, chosen.get("since"))), default=None)
    ends = chosen["until"] + timedelta.resolution if chosen.get("until") else None
    until = min(filter(None, (until, ends)), default=None)
    found = [as_told(telling) for telling in tellings(incident.about, since, until)]
    if chosen.get("who"):
        found = [line for line in found if chosen["who"] in line.telling.people]
    wanted = str(chosen.get("q") or "").casefold().split()
    return [line for line in found if all(word in f"{line.sentence}\n{line.note}".casefold() for word in wanted)]


def as_told(telling: Telling) -> ToldLine:
    n = len(telling.people)
    told = ngettext("%(n)s person told", "%(n)s people told", n) % {"n": n} if n else _("Told in the group chats")
    sentence = told + pgettext("between a field and its error", ": ") + words_of(telling.first.event)
    if telling.first.call is not None:
        sentence += pgettext("between two remarks", ", ")
        sentence += ngettext("%(n)s acknowledged", "%(n)s acknowledged", telling.acknowledged) % {
            "n": telling.acknowledged
        }
    return ToldLine(telling, MARKS["I"], sentence, pgettext("actor", "the desk"))


FOLDED = {
    "incidents.post_attached": ngettext_lazy("%(n)s post attached", "%(n)s posts attached", "n"),
    "incidents.post_detached": ngettext_lazy("%(n)s post taken out", "%(n)s posts taken out", "n"),
}


@dataclass(frozen=True, slots=True)
class Fold:
    """The same small act, again and again by the same person: one line that opens. `at` is the last of them."""

    folded: list[Line]
    mark: str | Promise
    sentence: str
    who: str

    @property
    def at(self) -> datetime:
        return self.folded[0].at


def folded(read: Sequence[Line]) -> list[Line | Fold]:
    """Posts put in or taken out one after the other, three or more, as one; nothing that was corrected is hidden."""
    found: list[Line | Fold] = []
    for (event, _who, _day, is_plain), group in groupby(read, key=_likeness):
        run = list(group)
        if event in FOLDED and is_plain and len(run) > 2:
            found.append(Fold(run, run[0].mark, FOLDED[event] % {"n": len(run)}, run[0].who))
        else:
            found += run
    return found


def _likeness(line: Line) -> tuple[str, str, date, bool]:
    return line.event, line.who, localtime(line.at).date(), not line.entry.corrections.all()


Read = TypeVar("Read", bound=Line | Fold)


def merged(read: Iterable[Read], told: Iterable[ToldLine]) -> list[Read | ToldLine]:
    """One list, the newest first; who was told of an act stands above it."""
    return sorted([*told, *read], key=lambda line: line.at, reverse=True)


def entries_of(incident: Incident, chosen: Mapping[str, Any]) -> QuerySet[TimelineEntry] | list[TimelineEntry]:
    """Entries newest first, with what a page says of them; `chosen` is what TimelineFilters read.

    `show` kinds of timeline_words.KINDS (any of them), `who` did it or had it done in their name, `since` and `until`
    both included. `q` is looked for in the words a reader sees, in their language, so it is read and not asked of the
    database.
    """
    entries = incident.timeline.select_related("actor", "acting_for")
    if chosen.get("show"):
        entries = entries.filter(event__in={event for kind in chosen["show"] for event in events_in(kind)})
    if chosen.get("who"):
        entries = entries.filter(Q(actor=chosen["who"]) | Q(acting_for=chosen["who"]))
    for name, lookup in (("since", "at__gte"), ("until", "at__lte")):
        if chosen.get(name):
            entries = entries.filter(**{lookup: chosen[name]})
    wanted = str(chosen.get("q") or "").casefold().split()
    if not wanted:
        return entries
    return [entry for entry in entries.iterator() if says(entry, wanted)]


def says(entry: TimelineEntry, words: Sequence[str]) -> bool:
    line = as_line(entry)
    text = f"{line.sentence}\n{line.who}\n{entry.note}".casefold()
    return all(word in text for word in words)


def people_on(incident: Incident) -> QuerySet[User]:
    """Everybody who did something here, or in whose name it was done."""
    on_it = incident.timeline.order_by()
    named = Q(pk__in=on_it.values("actor")) | Q(pk__in=on_it.values("acting_for"))
    return User.objects.filter(named).order_by("name", "pk")


def lines(entries: Iterable[TimelineEntry]) -> list[Line]:
    """Entries as they are read, each with the corrections that came later, in one query more."""
    read = list(entries)
    prefetch_related_objects(read, "corrections__actor")
    return [as_line(entry) for entry in read]


def newest(incident: Incident, group: str, limit: int) -> list[Line]:
    """The last entries; `group` is a kind of timeline_words.KINDS or nothing."""
    return lines(entries_of(incident, {"show": [group] if group else []})[:limit])


def place_of(entry: TimelineEntry) -> int:
    """How many entries of its incident's whole timeline stand above it."""
    newer = Q(at__gt=entry.at) | Q(at=entry.at, pk__gt=entry.pk)
    return TimelineEntry.objects.filter(newer, incident=entry.incident_id).count()


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


def fingerprint(entries: Iterable[TimelineEntry]) -> str:
    """SHA-256 over what these entries hold, oldest first, whatever language they are read in: the same entries, the
    same figure.
    """
    digest = hashlib.sha256()
    for entry in entries:
        held = [
            entry.pk, entry.at, entry.event, entry.actor_id, entry.acting_for_id, entry.before, entry.after,
            entry.detail, entry.note, entry.url, entry.corrects_id,
        ]  # fmt: skip
        text = json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(text.encode() + b"\n")
    return digest.hexdigest()
