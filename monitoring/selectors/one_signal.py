"""One signal with its whole story: reasons, the posts it cites, how it grew, how loud it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from monitoring.models import Signal, SignalGrowth
from monitoring.selectors.inbox import Row, rows, with_matches
from monitoring.selectors.signals import told
from opinion.models import Post
from opinion.selectors.curves import Curve, curve, platforms_of


@dataclass(frozen=True, slots=True)
class SignalPage:
    reasons: list[dict[str, Any]]
    steps: list[tuple[SignalGrowth, list[dict[str, Any]]]]
    posts: list[Row]
    curve: Curve
    platforms: dict[str, int]
    goes_on_in: Signal | None  # where it was closed without a verdict: the next wave, or that of the story it went into


def signal_page(signal: Signal, *, now: datetime) -> SignalPage:
    """Everything its page shows; a fixed number of queries."""
    posts = with_matches(Post.everywhere.filter(signals=signal)).order_by("-published_at", "-pk")
    return SignalPage(
        reasons=told(signal.reasons),
        steps=[(step, told(step.reasons)) for step in signal.growths.order_by("-at", "-pk")],
        posts=rows(list(posts), now=now),
        curve=curve(until=max(now, signal.topic.last_at), hours=48, topics=[signal.topic_id]),
        platforms=platforms_of(signal.topic),
        goes_on_in=_goes_on_in(signal) if signal.closed_at and signal.is_useful is None else None,
    )


def _goes_on_in(signal: Signal) -> Signal | None:
    later = Q(previous=signal)
    if signal.topic.merged_into_id:
        later |= Q(topic=signal.topic.merged_into_id)
    found = Signal.everywhere.filter(later).exclude(pk=signal.pk)
    return found.select_related("topic").order_by("-opened_at", "-pk").first()
