"""Saying that time runs out for reports to regulators and for letters: each share of the time once.

The row carries `due_at` (may be empty), `told_percent`, `next_word_at`; when its time began is passed in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from incidents.levels import PUBLIC_STEPS, STEPS

LETTER_STEPS, REPORT_STEPS = STEPS, PUBLIC_STEPS


def set_words(row: Any, steps: Sequence[int], began_at: datetime) -> None:
    """When somebody must be told next, after the share that was told last."""
    untold = [step for step in steps if step > row.told_percent]
    row.next_word_at = step_at(row, untold[0], began_at) if untold and row.due_at else None


def step_at(row: Any, percent: int, began_at: datetime) -> datetime:
    return began_at + (row.due_at - began_at) * percent / 100


def claim(open_rows: QuerySet[Any], row: Any, steps: Sequence[int], began_at: datetime, now: datetime) -> bool:
    """Write down the share reached. False when another worker was faster, or the row changed meanwhile."""
    before = {"told_percent": row.told_percent, "next_word_at": row.next_word_at, "due_at": row.due_at}
    reached = [step for step in steps if step_at(row, step, began_at) <= now]
    row.told_percent = max(reached, default=row.told_percent)
    set_words(row, steps, began_at)
    changed = open_rows.filter(pk=row.pk, **before).update(told_percent=row.told_percent, next_word_at=row.next_word_at)
    return changed == 1
