"""What a replay found, as `manage.py replay --json` prints it."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from accounts.models import Exercise
from monitoring.models import Signal, SignalGrowth
from monitoring.signals import thresholds
from opinion.models import Match, Topic


def told(exercise: Exercise) -> dict[str, Any]:
    """{topics, signals, incidents_suggested}: signals in the order they opened, each with all its growths as updates.

    Ids of posts are those of the file; a signal's id is its number in this replay. The first update is its opening.
    """
    topics = _topics(exercise)
    signals = list(Signal.everywhere.filter(exercise=exercise).select_related("watch", "topic").order_by("pk"))
    numbers = {signal.pk: number for number, signal in enumerate(signals, start=1)}
    growths: dict[int, list[SignalGrowth]] = defaultdict(list)
    for growth in SignalGrowth.objects.filter(signal__in=numbers).order_by("at", "pk"):
        growths[growth.signal_id].append(growth)
    cited: dict[int, list[str]] = defaultdict(list)
    through = Signal.posts.through.objects.filter(signal__in=numbers).order_by("post__published_at", "post__pk")
    for signal, external_id in through.values_list("signal", "post__key__external_id"):
        cited[signal].append(external_id)
    found = [_signal(signal, numbers, growths[signal.pk], cited[signal.pk]) for signal in signals]
    return {"topics": topics, "signals": found, "incidents_suggested": [s for each in found for s in _incident(each)]}


def _topics(exercise: Exercise) -> list[dict[str, Any]]:
    posts: dict[int, list[str]] = defaultdict(list)
    matches = Match.objects.filter(topic__exercise=exercise).order_by("published_at", "pk")
    for topic, external_id in matches.values_list("topic", "post__key__external_id"):
        posts[topic].append(external_id)
    rows = Topic.everywhere.filter(exercise=exercise, merged_into__isnull=True).select_related("watch")
    return [
        {
            "id": number,
            "watch": topic.watch.name,
            "title": topic.title,
            "size": topic.size,
            "first_at": _iso(topic.first_at),
            "last_at": _iso(topic.last_at),
            "posts": posts[topic.pk],
        }
        for number, topic in enumerate(rows.order_by("pk"), start=1)
    ]


def _signal(signal: Signal, numbers: dict[int, int], growths: list[SignalGrowth], posts: list[str]) -> dict[str, Any]:
    return {
        "id": numbers[signal.pk],
        "watch": signal.watch.name,
        "kind": signal.kind,
        "title": signal.topic.title,
        "previous": numbers.get(signal.previous_id or 0),
        "suggested_level": _level(signal.suggestion),
        "opened_at": _iso(signal.opened_at),
        "updates": [
            {"at": _iso(step.at), "suggested_level": _level(step.suggestion), "reasons": _reasons(step.reasons)}
            for step in growths
        ],
        "posts": posts,
        "reasons": _reasons(signal.reasons),
    }


def _reasons(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the key of a story that joined: it is another one in every replay; its title says which it is."""
    return [{name: value for name, value in reason.items() if name != "topic"} for reason in kept]


def _incident(signal: dict[str, Any]) -> list[dict[str, Any]]:
    """The incident a signal suggests: from when, and how bad in the end; none for daily attention."""
    at = next((step["at"] for step in signal["updates"] if isinstance(step["suggested_level"], int)), None)
    if at is None:
        return []
    told = {name: signal[name] for name in ("watch", "title", "suggested_level")}
    return [{"signal": signal["id"], "at": at, **told}]


def _level(suggestion: str) -> str | int | None:
    """As the contract has it: null, "attention", or the number of a level."""
    return suggestion if suggestion == thresholds.ATTENTION else int(suggestion) if suggestion else None


def _iso(time: datetime) -> str:
    return localtime(time).isoformat()
