"""A clock that runs behind: what a source's new posts say of it, one after the other. Pure.

A post that was not there when the document was last read, and is there now, was published between these two moments.
How far its own time lies before them says how far the clock runs behind, to within one pause between polls; what all of
them say together says it more closely. Whoever dates by hand, or publishes late, is late by another span each time,
and of what he says nothing is common to all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

AGREED = 6  # arrivals in a row that say the same
LEAST = timedelta(minutes=25)  # behind; less is what caches and slow publishers take
CLOSELY = timedelta(minutes=30)  # a span wider than that says nothing
STEP = timedelta(minutes=30)  # time zones lie half an hour apart, nearly all of them
OFF = timedelta(minutes=1)
# One that publishes once a day is as late every day, by the same habit: its clock cannot be told from its breakfast.
TOGETHER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Behind:
    """How far a clock runs behind, at least and at most, by so many arrivals that agree."""

    least: timedelta
    most: timedelta
    seen: int

    def and_now(self, newest: datetime, *, read_before: datetime, now: datetime) -> "Behind":
        """With one arrival more, dated `newest`, that came between two readings. One that disagrees begins anew."""
        least, most = read_before - newest, now - newest
        if least > self.most or most < self.least:
            return Behind(least, most, 1)
        return Behind(max(least, self.least), min(most, self.most), min(self.seen + 1, AGREED))

    @property
    def by(self) -> timedelta | None:
        """The whole half hours it is behind; None where that cannot be told."""
        half_hours = round((self.least + self.most) / 2 / STEP) * STEP
        is_sure = self.seen >= AGREED and self.least >= LEAST and self.most - self.least <= CLOSELY
        return half_hours if is_sure and self.least - OFF <= half_hours <= self.most + OFF else None
