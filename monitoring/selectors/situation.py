"""What the first page says about listening: coverage of the three classes today, silent sources, newest signals."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.utils.timezone import localtime

from monitoring.models import Signal
from monitoring.selectors.signals import signals_waiting
from monitoring.selectors.sources import is_silent
from opinion.models import Post, Source, SourceClass, SourceKind


@dataclass(frozen=True, slots=True)
class Coverage:
    """One of 网络平台 / 主流媒体 / 自有渠道 today: are we hearing it, and how much came of it?

    sources, listening  how many are switched on, and of these how many answered well within the last day
    silent              the sources that do not answer as they should
    posts               what watches wanted from this class since midnight, reposts included
    """

    code: str
    label: str
    sources: int
    listening: int
    silent: list[Source]
    posts: int
    last_good_at: datetime | None

    @property
    def is_covered(self) -> bool:
        return self.listening > 0


def coverage_today(now: datetime) -> list[Coverage]:
    """The three classes, always all three: a class nobody listens to is the news. Two queries."""
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    posts = dict(
        Post.objects.standing()
        .filter(first_seen_at__gte=midnight)
        .order_by()
        .values_list("source__source_class")
        .annotate(Count("pk"))
    )
    sources = list(Source.objects.filter(Q(is_enabled=True) | Q(health="gone")).order_by("name"))
    covered = []
    for code, label in SourceClass.choices:
        ours = [source for source in sources if source.source_class == code]
        good = [source for source in ours if _answered(source, now)]
        covered.append(
            Coverage(
                code=code,
                label=str(label),
                sources=len(ours),
                listening=len([source for source in good if not is_silent(source)]),
                silent=[source for source in ours if is_silent(source)],
                posts=posts.get(code, 0),
                last_good_at=max((source.last_good_at for source in good if source.last_good_at), default=None),
            )
        )
    return covered


def _answered(source: Source, now: datetime) -> bool:
    """Whether it answered within a day; an open form always does, written on or not."""
    is_form = source.kind == SourceKind.FORM
    return is_form or (source.last_good_at is not None and source.last_good_at >= now - timedelta(days=1))


def newest_signals(most: int = 5) -> list[Signal]:
    """Open signals for the first page, the latest growth first; one query."""
    return list(signals_waiting()[:most])


def last_heard_at() -> datetime | None:
    """When any source last answered well."""
    return Source.objects.aggregate(last=Max("last_good_at"))["last"]
