"""Signals as pages need them: those that wait for a verdict, and one with its whole history."""

from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Exercise
from monitoring.models import Signal
from monitoring.reasons import kind_label, sentence


def signals_waiting(exercise: Exercise | None = None) -> "QuerySet[Signal]":
    """Open signals of the live desk, or of an exercise, the latest growth first, with watch, topic and post count."""
    waiting = Signal.everywhere.filter(exercise=exercise).open()
    return waiting.select_related("watch", "topic").annotate(post_count=Count("posts")).order_by("-grown_at", "-pk")


def told(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons as a page shows them: the kind and the sentence in the reader's language, and the numbers."""
    return [
        {**reason, "label": kind_label(reason["kind"]), "words": sentence(reason["kind"], reason["numbers"])}
        for reason in reasons
    ]
