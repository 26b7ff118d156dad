"""Milestones reached, and the clocks that run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from incidents.levels import ClockKind, Stage
from incidents.models import Clock, Incident
from incidents.timeline_words import MILESTONES, WORDS


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the stepper. state: done, now, or nothing yet."""

    code: str
    label: str | Promise
    at: datetime | None
    state: str


def milestones(incident: Incident) -> list[Milestone]:
    """发现 研判 定级 首次声明 平息 复盘, each with the time of its first timeline entry."""
    times: dict[str, datetime] = {"found": incident.first_known_at}
    events = {event: words.milestone for event, words in WORDS.items() if words.milestone}
    for event, at in incident.timeline.filter(event__in=events).order_by("at").values_list("event", "at"):
        times.setdefault(events[event], at)
    if incident.activated_at is None:
        times.pop("levelled", None)  # a level taken back leaves none behind
    if incident.stage in (Stage.TRIAGED, Stage.RESPONDING):
        times.pop("calmed", None)  # it came back
    codes = list(MILESTONES)
    furthest = max(codes.index(code) for code in codes if code in times)
    following = codes[furthest + 1] if furthest + 1 < len(codes) and incident.closed_at is None else None
    return [
        Milestone(code, label, times.get(code), "done" if code in times else "now" if code == following else "")
        for code, label in MILESTONES.items()
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock as a page shows it.

    state         running, paused, late (past its time, ended or not), kept, stopped
    since_known   from 获知 to its end, or to now
    since_active  the same from when the level was confirmed; None for what ended before
    late_by       how far past its time; None in time
    left          until its time, from its end or from now
    """

    clock: Clock
    state: str
    since_known: timedelta
    since_active: timedelta | None
    late_by: timedelta | None
    left: timedelta


def board(incident: Incident, now: datetime) -> list[Standing]:
    """Every clock of an incident in the order of the procedure, in as many queries however many there are."""
    clocks = incident.clocks.select_related("request", "opened_by", "met_by", "stopped_by").prefetch_related(
        "pauses__paused_by", "pauses__resumed_by", "changes__entry"
    )
    order = list(ClockKind)
    return [
        standing(clock, incident, now)
        for clock in sorted(clocks, key=lambda clock: (order.index(ClockKind(clock.kind)), clock.pk))
    ]


def standing(clock: Clock, incident: Incident, now: datetime) -> Standing:
    end = clock.ended_at or clock.paused_at or now
    late_by = end - clock.due_at if end > clock.due_at else None
    state = "late" if late_by else "kept" if clock.met_at else "stopped" if clock.stopped_at else "running"
    if clock.paused_at is not None:
        state = "paused"
    active = incident.activated_at
    return Standing(
        clock=clock,
        state=state,
        since_known=end - incident.first_known_at,
        since_active=end - active if active and end >= active else None,
        late_by=late_by,
        left=clock.due_at - end,
    )


def ticking() -> QuerySet[Clock]:
    """Clocks that run and are not paused, the next one due first."""
    return Clock.objects.running().filter(paused_at__isnull=True).order_by("due_at", "id")


def next_clock(incident: Incident) -> Clock | None:
    """The clock that matters now: of those that run, the one due first."""
    return ticking().filter(incident=incident).first()


def next_on(standings: Iterable[Standing]) -> Clock | None:
    """The same as `next_clock`, of a board that has been read."""
    running = [each.clock for each in standings if each.clock.ended_at is None and each.clock.paused_at is None]
    return min(running, key=lambda clock: (clock.due_at, clock.pk), default=None)


def marks(incident: Incident, reached: Iterable[Milestone]) -> list[tuple[str, datetime]]:
    """What the curve is read against: the first post, the level, the first statement. `reached`: its `milestones`."""
    steps = {milestone.code: (str(milestone.label), milestone.at) for milestone in reached}
    chosen = [steps[code] for code in ("levelled", "said", "calmed")]
    first = [(_("first post"), incident.first_post_at)]
    return [(name, at) for name, at in [*first, *chosen] if at is not None]
