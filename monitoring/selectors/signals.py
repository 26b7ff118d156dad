"""Signals as pages need them: those that wait for a verdict, and one with its whole history."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Exercise
from monitoring.models import Signal
from monitoring.signals.reasons import in_words, kind_label


def signals_waiting(exercise: Exercise | None = None) -> "QuerySet[Signal]":
    """Open signals of the live desk, or of an exercise, that nobody put aside, the latest growth first.

    With watch, topic and post count.
    """
    waiting = Signal.everywhere.filter(_STATES["open"], exercise=exercise)
    return waiting.select_related("watch", "topic").annotate(post_count=Count("posts")).order_by("-grown_at", "-pk")


def signals_in(filters: dict[str, Any]) -> "QuerySet[Signal]":
    """Live signals in a state (a key of _STATES), of one watch or all, the latest growth or end first."""
    rows = Signal.objects.filter(_STATES[filters["state"]])
    if filters.get("watch"):
        rows = rows.filter(watch=filters["watch"])
    order = "-closed_at" if filters["state"] in ("judged", "went_on") else "-grown_at"
    return rows.select_related("watch", "topic", "closed_by").annotate(post_count=Count("posts")).order_by(order, "-pk")


def counts_by_state() -> dict[str, int]:
    """How many live signals there are in each state of the list. One query."""
    return Signal.objects.aggregate(**{name: Count("pk", filter=state) for name, state in _STATES.items()})


_STATES = {
    "open": Q(closed_at__isnull=True, snoozed_at__isnull=True),
    "snoozed": Q(closed_at__isnull=True, snoozed_at__isnull=False),
    "judged": Q(is_useful__isnull=False),
    # Closed without a verdict: a second wave has a signal of its own, or its story was merged into one that had one.
    "went_on": Q(closed_at__isnull=False, is_useful__isnull=True),
}


def signals_open_count(user: Any) -> int:
    """How many open signals nobody put aside: the number beside 预警信号 in the navigation."""
    return Signal.objects.visible_to(user).filter(_STATES["open"]).count()


def told(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons as a page shows them: the kind and the sentence in the reader's language, and the numbers."""
    return [{**reason, "label": kind_label(reason["kind"]), "words": in_words(reason)} for reason in reasons]
