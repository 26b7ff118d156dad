"""试跑: a watch tried on what was heard in the last days, before anybody relies on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from opinion import rules
from opinion.models import Heard, Post, Triage, Watch
from opinion.text import excerpt, fold, pieces

MOST = 20_000  # texts looked at, the newest first
SHOWN = 8
WORDS_SHOWN = 20
DECIDED = 2000  # of the newest hits: how many of them people ignored
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """One text the rule wants: where and when, and an excerpt in pieces, True where its words stand."""

    heard: Heard
    say: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Word:
    """What one word of the rule brings: texts it stands in, and those in which no other word of the rule stands."""

    word: str
    found: int
    alone: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a watch would have heard.

    looked_at  texts there were       found    how many it wants       a_day    on average
    days       found by day, oldest first, today last
    hits       the newest of them     words    what each word brings, the most first
    gained, lost   beside the watch it would replace: the newest texts that only one of the two wants; n_gained and
               n_lost are how many there are
    ignored    of `decided` hits that people have sorted, how many they ignored: the noise
    """

    looked_at: int
    found: int
    a_day: float
    days: list[int]
    hits: list[Hit]
    words: list[Word]
    ignored: int = 0
    decided: int = 0
    n_gained: int = 0
    n_lost: int = 0
    gained: list[Hit] = field(default_factory=list)
    lost: list[Hit] = field(default_factory=list)


Found = dict[int, list[str]]  # key of what was heard, the newest first: the words that made the rule want it


def try_watch(watch: Watch, *, now: datetime, instead_of: Watch | None = None) -> Trial:
    """Run a watch, saved or not, over the heard buffer. At most four queries. Raises rules.RuleError.

    instead_of  the watch it would replace: what would be heard that is not now, and what no longer
    """
    asked = {0: watch, **({1: instead_of} if instead_of else {})}
    found, seen = _found(asked, now)
    new = found[0]
    old = found.get(1, {})
    gained, lost = [key for key in new if instead_of and key not in old], [key for key in old if key not in new]
    shown = Heard.objects.select_related("source").in_bulk([*[*new][:SHOWN], *gained[:SHOWN], *lost[:SHOWN]])

    def hits(keys: list[int], words: Found) -> list[Hit]:
        return [
            Hit(shown[key], pieces(excerpt(shown[key].text, words[key]), words[key]))
            for key in keys[:SHOWN]
            if key in shown
        ]

    today = localdate(now)
    by_day = Counter(seen.days[key] for key in new)
    decided = _decided([seen.keys[key] for key in [*new][:DECIDED]])
    return Trial(
        looked_at=seen.texts,
        found=len(new),
        a_day=len(new) / max((now - seen.first_at) / DAY, 1),
        days=[by_day[today - DAY * back] for back in range(settings.HEARD_DAYS, -1, -1)],
        hits=hits([*new], new),
        words=_words(new),
        ignored=decided[Triage.IGNORED],
        decided=decided.total(),
        n_gained=len(gained),
        n_lost=len(lost),
        gained=hits(gained, new),
        lost=hits(lost, old),
    )


def heard_by(watches: Sequence[Watch], *, now: datetime, most: int) -> list[Heard]:
    """The newest texts of the heard buffer that one of the watches wants, the oldest first. Raises rules.RuleError."""
    found, _seen = _found(dict(enumerate(watches)), now)
    keys = sorted({key for some in found.values() for key in some}, reverse=True)[:most]
    return list(Heard.objects.filter(pk__in=keys).select_related("source").order_by("published_at", "pk"))


@dataclass(slots=True)
class _Seen:
    texts: int
    first_at: datetime
    days: dict[int, date] = field(default_factory=dict)
    keys: dict[int, tuple[int, str]] = field(default_factory=dict)  # source and external id


def _found(watches: dict[int, Watch], now: datetime) -> tuple[dict[int, Found], _Seen]:
    matcher = rules.Matcher({number: rules.read(watch.rule) for number, watch in watches.items()})
    recent = Heard.objects.filter(heard_at__gte=now - DAY * settings.HEARD_DAYS).order_by("-heard_at", "-pk")
    rows = recent.values_list("pk", "text", "heard_at", "source", "external_id", "source__source_class")
    found: dict[int, Found] = {number: {} for number in watches}
    seen = _Seen(0, now)
    for pk, text, heard_at, source, external_id, source_class in rows[:MOST].iterator(chunk_size=2000):
        seen.texts, seen.first_at = seen.texts + 1, heard_at
        for number, hits in matcher.match(fold(text).text).items():
            if watches[number].listens_to(source_class, text):
                found[number][pk] = list(dict.fromkeys(hit.word for hit in hits))
                seen.days[pk], seen.keys[pk] = localdate(heard_at), (source, external_id)
    return found, seen


def _words(found: Found) -> list[Word]:
    every, alone = Counter[str](), Counter[str]()
    for words in found.values():
        every.update(words)
        if len(words) == 1:
            alone.update(words)
    return [Word(word, number, alone[word]) for word, number in every.most_common(WORDS_SHOWN)]


def _decided(keys: list[tuple[int, str]]) -> "Counter[Any]":
    """What people decided about stored posts, by state. One query."""
    wanted_keys = set(keys)
    rows = Post.objects.filter(
        key__external_id__in={external_id for _source, external_id in keys},
        triage__in=(Triage.ATTACHED, Triage.IGNORED, Triage.SNOOZED),
    ).values_list("source", "key__external_id", "triage")
    return Counter(state for source, external_id, state in rows if (source, external_id) in wanted_keys)
