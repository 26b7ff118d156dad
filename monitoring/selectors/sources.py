"""Sources as people look at them: by class, with how well we hear each, and which ones have fallen silent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Sum

from monitoring.health.advice import VISITED, fed_by, next_step
from monitoring.health.standing import SILENT, is_silent
from monitoring.models import Poll
from opinion.models import Heard, Source, SourceClass, SourceHealth, SourceKind

DAY = timedelta(hours=24)
WORST_FIRST = ("bad", "warn", "ok", "")


@dataclass(frozen=True, slots=True)
class Listened:
    """One source as the list shows it.

    tone   ok, warn, bad or ""                    heard   entries new to us in the last 24 hours
    step   what a person can do about its state   fed_by  what brings its posts, where it is not polled
    usual_gap  between its new posts, learnt; None while unknown
    """

    source: Source
    tone: str
    heard: int
    step: str
    fed_by: str
    usual_gap: timedelta | None

    @property
    def is_waited_for(self) -> bool:
        """Whether it has a health at all: files and leads come when somebody has some."""
        return self.source.kind not in (SourceKind.IMPORT, SourceKind.HAND)


@dataclass(frozen=True, slots=True)
class ClassOfSources:
    """网络平台, 主流媒体 or 自有渠道, with those of its sources that are asked for.

    total  all it has     silent  of all, those that do not answer as they should
    """

    code: str
    label: str
    sources: list[Listened]
    total: int
    silent: int


def sources_by_class(now: datetime, *, words: str = "", trouble: bool = False) -> list[ClassOfSources]:
    """Sources in their three classes, trouble first, then what is switched on. Three queries, however many there are.

    words    only those with these in their name, platform or address
    trouble  only those whose state is worth a look
    """
    heard = _heard_since(now - DAY)
    rows = [_row(source, heard) for source in Source.objects.order_by("-is_enabled", "name")]
    rows.sort(key=lambda row: WORST_FIRST.index(row.tone))
    asked = [row for row in rows if _names(row.source, words) and (not trouble or row.tone in ("warn", "bad"))]
    classes = []
    for code, label in SourceClass.choices:
        ours = [row for row in rows if row.source.source_class == code]
        shown = [row for row in asked if row.source.source_class == code]
        silent = sum(is_silent(row.source) for row in ours)
        classes.append(ClassOfSources(code, str(label), shown, len(ours), silent))
    return classes


def listened(source: Source, now: datetime) -> Listened:
    """One source as its own page shows it."""
    return _row(source, _heard_since(now - DAY, source.pk))


def _row(source: Source, heard: dict[int, int]) -> Listened:
    gap = timedelta(seconds=source.usual_gap_seconds) if source.usual_gap_seconds else None
    return Listened(source, tone(source), heard.get(source.pk, 0), next_step(source), fed_by(source), gap)


def _names(source: Source, words: str) -> bool:
    said = f"{source.name} {source.platform} {source.url}".lower()
    return all(word in said for word in words.lower().split())


def tone(source: Source) -> str:
    """How worrying its health is: "" (off, or not asked yet), ok, warn, bad (silent)."""
    if is_silent(source):
        return "bad"
    if source.health in (SourceHealth.NEVER, SourceHealth.OFF):
        return ""
    return "ok" if SourceHealth(source.health).listening else "warn"


def silent_sources() -> list[Source]:
    """Every source that is silent, for the pages that must not look calm."""
    return list(Source.objects.filter(SILENT))


def silent_count(user: Any) -> int:
    """How many sources are silent: the number beside 信源 in the navigation."""
    return Source.objects.filter(SILENT).count()


def recent_polls(source: Source, most: int = 50) -> Iterable[Poll]:
    return source.polls.all()[:most]


def _heard_since(since: datetime, *sources: int) -> dict[int, int]:
    """New entries by source: of polls as their log says, of the others as they were heard."""
    polls = Poll.objects.filter(started_at__gte=since, entries__gt=0)
    polls = polls.filter(source__in=sources) if sources else polls
    sums = polls.order_by().values("source").annotate(heard=Sum(F("entries") - F("known")))
    fed = Heard.objects.filter(heard_at__gte=since).exclude(source__kind__in=VISITED)
    fed = fed.filter(source__in=sources) if sources else fed
    counts = fed.values("source").annotate(heard=Count("pk"))
    return {row["source"]: row["heard"] for row in [*sums, *counts]}
