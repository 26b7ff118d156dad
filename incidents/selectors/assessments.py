"""Assessments as they age, what changed between two of them, and the red lines people cleared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from accounts.models import User
from incidents import charts
from incidents.figures import posts_of, with_reposts
from incidents.levels import Level
from incidents.models import Assessment, Incident
from incidents.words import FACTORS, ITEMS, RED_LINES

# How long the figures of an assessment are good for: as often as the plan asks for a monitoring brief. Without a level
# it is to be set, so they are looked at every hour.
GOOD_FOR = {
    Level.UNSET: timedelta(hours=1),
    Level.ONE: timedelta(hours=1),
    Level.TWO: timedelta(hours=2),
    Level.THREE: timedelta(hours=4),
}


@dataclass(frozen=True, slots=True)
class Age:
    """How old an assessment is, and how many posts came in since."""

    since: timedelta
    new_posts: int
    good_for: timedelta

    @property
    def is_old(self) -> bool:
        return self.since > self.good_for


def age_of(assessment: Assessment, now: datetime) -> Age:
    incident = assessment.incident
    since = with_reposts(posts_of(incident)).filter(first_seen_at__gt=assessment.at, first_seen_at__lte=now)
    return Age(now - assessment.at, since.count(), GOOD_FOR[Level(incident.level)])


# --- between two -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a comparison; `delta` is in points of the index, None where points do not tell it."""

    label: str | Promise
    before: str
    after: str
    delta: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one assessment to a later one; only what differs."""

    before: charts.Summary
    after: charts.Summary
    delta: float
    factors: list[Difference]
    items: list[Difference]
    crossed: list[str | Promise]
    cleared: list[str | Promise]


def compare(before: Assessment, after: Assessment) -> Comparison:
    one, two = charts.summary(before), charts.summary(after)
    overruled = {*before.inputs.get("overruled", ()), *after.inputs.get("overruled", ())}
    factors = [
        Difference(FACTORS[old.code], shown(old.points), shown(new.points), round(new.points - old.points, 1))
        for old, new in zip(one.factors, two.factors, strict=True)
    ]
    items = [
        Difference(ITEMS[old.code], old.found, new.found, delta)
        for was, became in zip(one.factors, two.factors, strict=True)
        for old, new in zip(was.items, became.items, strict=True)
        # a factor in a person's word has no points from its items
        for delta in [None if was.code in overruled else round(new.points - old.points, 1)]
        if old.found != new.found or delta
    ]
    gone, come = set(before.red_lines) - set(after.red_lines), set(after.red_lines) - set(before.red_lines)
    return Comparison(
        before=one,
        after=two,
        delta=round(two.index - one.index, 1),
        factors=factors,
        items=items,
        crossed=[RED_LINES[code] for code in sorted(come)],
        cleared=[RED_LINES[code] for code in sorted(gone)],
    )


def shown(points: float) -> str:
    return f"{points:.1f}"


# --- red lines that ended --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Cleared:
    """A red line a person cleared: who, when, and in what words."""

    label: str | Promise
    by: User | None
    at: datetime
    reason: str


def cleared_lines(incident: Incident) -> list[Cleared]:
    """The red lines that stand cleared, each with the assessment that last cleared it, the newest first."""
    assessments = list(incident.assessments.select_related("made_by")[:100])
    if not assessments:
        return []
    standing = assessments[0].parts["cleared"]
    found: dict[str, Cleared] = {}
    for newer, older in zip(assessments, [*assessments[1:], None], strict=True):
        for code in cleared_in(newer, older):
            if code in standing and code not in found:
                found[code] = Cleared(RED_LINES[code], newer.made_by, newer.at, newer.note)
    return sorted(found.values(), key=lambda line: line.at, reverse=True)


def cleared_in(assessment: Assessment, previous: Assessment | None) -> set[Any]:
    before = previous.parts["cleared"] if previous else {}
    return set(assessment.parts["cleared"]) - set(before)
