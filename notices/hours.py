"""Stretches of a day by the clock on the wall, which may pass midnight. Pure: local, aware times in, the same out."""

from datetime import datetime, time, timedelta


def lies_in(moment: datetime, since: time, until: time) -> bool:
    """Whether a local moment lies in the stretch; half-open, and the same time twice is no stretch at all."""
    now = moment.time()
    if since <= until:
        return since <= now < until
    return now >= since or now < until


def over_at(moment: datetime, since: time, until: time) -> datetime | None:
    """When the stretch that `moment` lies in is over; None outside of it."""
    if not lies_in(moment, since, until):
        return None
    day = moment.date() + timedelta(days=moment.time() >= until)
    return datetime.combine(day, until, moment.tzinfo)
