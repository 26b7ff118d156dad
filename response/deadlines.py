"""When a recurring plan task comes back."""

from datetime import datetime, timedelta

from incidents.limits import due

SETTLES_AFTER = timedelta(hours=24)  # from then on a recurring task goes by its slower rhythm


def rhythm(every_minutes: int, later_every_minutes: int | None, began_at: datetime, now: datetime) -> int:
    """How many minutes a recurring task now waits until it comes back."""
    settled = now - began_at >= SETTLES_AFTER
    return later_every_minutes if later_every_minutes and settled else every_minutes


def next_due(level: int, last_due: datetime, every_minutes: int, now: datetime) -> datetime:
    """The next slot of a recurring task after the one that was due at `last_due`; slots that passed are left out."""
    slot = due(level, last_due, every_minutes)
    while slot <= now:
        slot = due(level, slot, every_minutes)
    return slot
