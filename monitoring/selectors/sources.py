"""Sources as people look at them: by class, with how well we hear each, and which ones have fallen silent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from monitoring.models import Poll
from monitoring.pace import PATIENCE
from opinion.models import Source, SourceClass, SourceHealth

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Listened:
    """One source as the list shows it. tone: ok, warn, bad or "" · heard: entries new to us in the last 24 hours."""

    source: Source
    tone: str
    heard: int


@dataclass(frozen=True, slots=True)
class ClassOfSources:
    """网络平台, 主流媒体 or 自有渠道, with its sources; `silent` of them do not answer as they should."""

    code: str
    label: str
    sources: list[Listened]
    silent: int


def sources_by_class(now: datetime) -> list[ClassOfSources]:
    """All sources in their three classes, those that are polled first. Two queries, however many there are."""
    heard = _heard_since(now - DAY)
    sources = Source.objects.order_by("-is_enabled", "name")
    rows = [Listened(source, tone(source), heard.get(source.pk, 0)) for source in sources]
    classes = []
    for code, label in SourceClass.choices:
        ours = [row for row in rows if row.source.source_class == code]
        classes.append(ClassOfSources(code, str(label), ours, sum(is_silent(row.source) for row in ours)))
    return classes


def listened(source: Source, now: datetime) -> Listened:
    """One source as its own page shows it."""
    return Listened(source, tone(source), _heard_since(now - DAY, source.pk).get(source.pk, 0))


def tone(source: Source) -> str:
    """How worrying its health is: "" (off, or not asked yet), ok, warn, bad (silent: not a passing trouble)."""
    if is_silent(source):
        return "bad"
    if source.health in (SourceHealth.NEVER, SourceHealth.OFF):
        return ""
    return "ok" if SourceHealth(source.health).listening else "warn"


def is_silent(source: Source) -> bool:
    """Whether we should hear this source and do not: its silence must not be taken for calm."""
    return source.health == SourceHealth.GONE or (source.is_enabled and source.failures >= PATIENCE)


def silent_sources() -> list[Source]:
    """Every source that is silent, for the pages that must not look calm."""
    return [source for source in Source.objects.all() if is_silent(source)]


def silent_count(user: Any) -> int:
    """How many sources are silent: the number beside 信源 in the navigation."""
    gone = Source.objects.filter(health=SourceHealth.GONE)
    return (gone | Source.objects.filter(is_enabled=True, failures__gte=PATIENCE)).count()


def recent_polls(source: Source, most: int = 50) -> Iterable[Poll]:
    return source.polls.all()[:most]


def _heard_since(since: datetime, *sources: int) -> dict[int, int]:
    polls = Poll.objects.filter(started_at__gte=since, entries__gt=0)
    polls = polls.filter(source__in=sources) if sources else polls
    sums = polls.order_by().values("source").annotate(heard=Sum(F("entries") - F("known")))
    return {row["source"]: row["heard"] for row in sums}
