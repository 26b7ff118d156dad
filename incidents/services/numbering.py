"""Readable numbers without gaps or races."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Exercise
from incidents.models import NumberSeries


def next_number(prefix: str, *, now: datetime, exercise: Exercise | None = None) -> str:
    """The next number of a series: YQ-2026-001, SM-2026-001; in exercise 7 YL-7-YQ-001: no two drills share one.

    Raises TransactionManagementError outside a transaction: the number belongs to the row that takes it, and goes back
    to the series with it. The counter stays locked until the transaction ends.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a number is taken in the transaction of the row that bears it")
    series, _made = NumberSeries.objects.get_or_create(
        prefix=prefix, year=timezone.localtime(now).year, exercise=exercise
    )
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)  # locks the row on both databases
    series.refresh_from_db()
    if exercise is not None:
        return f"YL-{exercise.pk}-{prefix}-{series.last:03d}"
    return f"{prefix}-{series.year}-{series.last:03d}"
