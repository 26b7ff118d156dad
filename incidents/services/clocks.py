"""The clocks of an incident follow its timeline: every entry is heard here, and nothing else starts or meets one."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from incidents.levels import LIMITS, OPEN_STAGES, ClockKind, Level, Stage
from incidents.limits import reached_at
from incidents.models import Clock, ClockChange, Incident, LevelRequest, TimelineEntry
from incidents.timeline_words import WORDS, events_of

# The milestone whose entry meets a clock. What no milestone tells, `meet` is called for.
MEETS = {
    "assessed": ClockKind.ASSESS,
    "levelled": ClockKind.CONFIRM,
    "said": ClockKind.SPEAK,
    "reviewed": ClockKind.CLOSE,
}
MILESTONE_OF: dict[str, str] = {kind: milestone for milestone, kind in MEETS.items()}
ONCE = (ClockKind.ASSESS, ClockKind.SPEAK, ClockKind.REPORT)  # met once, never asked for again
UNDOING = (  # level and stage return to where they were, and so do the clocks
    "incidents.level_taken_back",
    "incidents.level_start_revoked",
    "incidents.level_overturned",
    "incidents.approval_denied",
)
CHANGES = ("incidents.opened", "incidents.assessed")  # after these other clocks may be due, though nothing moved
State = LevelRequest.State
Limits = Mapping[str, Mapping[int, int]]


def hear(entry: TimelineEntry) -> None:
    """An act stands on the timeline: meet what it answers, and set the clocks that now apply. In its transaction."""
    words = WORDS.get(entry.event)
    if words is not None and words.milestone in MEETS:
        meet(entry.incident, MEETS[words.milestone], entry.at, by=entry)
    if entry.event in UNDOING:
        restore(entry)
    if entry.before or entry.event in CHANGES or entry.event.startswith(("incidents.level_", "incidents.end_")):
        keep(entry)


def meet(incident: Incident, kind: str, at: datetime, *, by: TimelineEntry) -> bool:
    """What a clock waits for was done `at`, as `by` says. False when no such clock runs. In the act's transaction."""
    clock = incident.clocks.running().filter(kind=kind, request__isnull=True).first()
    return clock is not None and end(clock, by, met_at=at)


def call_off(incident: Incident, kind: str, at: datetime, *, by: TimelineEntry) -> bool:
    """Nobody waits for it any more, as `by` says. False when no such clock runs. In the act's transaction."""
    clock = incident.clocks.running().filter(kind=kind, request__isnull=True).first()
    return clock is not None and end(clock, by, stopped_at=at)


def limits_for(incident: Incident) -> Limits:
    """Minutes by kind and level: what the first of the apps above says (the plan), else our own."""
    for name in settings.LIMIT_HOOKS:
        limits: Limits | None = import_string(name)(incident)
        if limits is not None:
            return limits
    return LIMITS


def wanted(incident: Incident) -> dict[str, int]:
    """The clocks that should run on an incident as it stands, with the level whose limit counts."""
    if incident.stage not in OPEN_STAGES:
        return {}
    if not incident.level:
        newest = incident.assessments.first()
        suggested = newest.suggestion if newest else ""
        level = Level(int(suggested)) if suggested.isdigit() else Level.THREE
        return {ClockKind.ASSESS: level, ClockKind.CONFIRM: level}
    # What has calmed without a public word needs none.
    spoken = [ClockKind.SPEAK] if incident.stage == Stage.RESPONDING else []
    return dict.fromkeys([*spoken, ClockKind.REPORT, ClockKind.CLOSE], incident.level)


def keep(entry: TimelineEntry) -> None:
    """Start, change and stop clocks until they are those the incident asks for."""
    incident = Incident.everywhere.select_for_update(no_key=True).get(pk=entry.incident_id)
    limits = limits_for(incident)
    asked = {kind: level for kind, level in wanted(incident).items() if limits.get(kind, {}).get(level)}
    running = {clock.kind: clock for clock in incident.clocks.running().filter(request__isnull=True)}
    for kind in running.keys() - asked.keys():
        end(running[kind], entry, stopped_at=entry.at)
    for kind, level in asked.items():
        clock = running.get(kind) or revived(incident, kind)
        if clock is None:
            begin(incident, kind, level, limits[kind][level], entry)
        elif clock.level != level:
            rebase(clock, level, limits[kind][level], entry)
    settle_requests(incident, limits, entry)


def settle_requests(incident: Incident, limits: Limits, entry: TimelineEntry) -> None:
    """A clock for the request that waits; those of requests that no longer do are met by a decision, else stopped."""
    asked = incident.level_requests.filter(clock__in=incident.clocks.running()).exclude(state__in=LevelRequest.OPEN)
    for request in asked.select_related("clock"):
        if State(request.state) in (State.WITHDRAWN, State.LAPSED):
            end(request.clock, entry, stopped_at=entry.at)
        else:
            end(request.clock, entry, met_at=request.decided_at)
    for request in incident.level_requests.filter(state__in=LevelRequest.OPEN, clock__isnull=True):
        minutes = request.minutes_to_decide(limits)
        if minutes:
            start(incident, ClockKind.DECIDE, request.gravest, minutes, request.requested_at, entry, request)


def begin(incident: Incident, kind: str, level: int, minutes: int, entry: TimelineEntry) -> None:
    """A clock that was not there: from 获知, or, to close, from when the level was confirmed (or the matter came back).

    Nothing is asked a second time that can be met only once; what was done before the clock began has met it.
    """
    earlier = incident.clocks.filter(kind=kind)
    if kind in ONCE and earlier.exists():
        return
    started_at = incident.first_known_at
    if kind == ClockKind.CLOSE:
        started_at = entry.at if earlier.exists() else incident.activated_at or entry.at
    clock = start(incident, kind, level, minutes, started_at, entry)
    if kind in ONCE and kind in MILESTONE_OF:
        done = incident.timeline.filter(event__in=events_of(MILESTONE_OF[kind])).order_by("at", "id").first()
        if done is not None:
            end(clock, done, met_at=done.at)


def start(
    incident: Incident,
    kind: str,
    level: int,
    minutes: int,
    started_at: datetime,
    entry: TimelineEntry,
    request: LevelRequest | None = None,
) -> Clock:
    clock = Clock(
        incident=incident, kind=kind, request=request, level=level, started_at=started_at, minutes=minutes,
        opened_by=entry,
    )  # fmt: skip
    set_times(clock)
    clock.save()
    return clock


def revived(incident: Incident, kind: str) -> Clock | None:
    """The last clock of a kind if it was stopped, running again; 定级 also after it was met, for it was taken back."""
    last = incident.clocks.filter(kind=kind, request__isnull=True).order_by("id").last()
    if last is None or (last.met_at and kind != ClockKind.CONFIRM):
        return None
    reopen(last)
    set_times(last)
    write(last)
    return last


def rebase(clock: Clock, level: int, minutes: int, entry: TimelineEntry) -> None:
    """Another level, another limit: internal clocks count anew from the decision, the others still from 获知."""
    remember(clock, entry)
    clock.level, clock.minutes, clock.told_percent = level, minutes, 0
    if clock.kind == ClockKind.CLOSE:
        clock.started_at = entry.at
    set_times(clock)
    write(clock)


def restore(entry: TimelineEntry) -> None:
    """A decision was taken back: every clock is again what it was before it. Steps that passed are not told again."""
    decided = entry.incident.timeline.filter(event__in=events_of("levelled"), pk__lt=entry.pk).order_by("pk").last()
    if decided is None:
        return
    clocks = entry.incident.clocks.filter(request__isnull=True)
    for clock in clocks.filter(opened_by=decided).running():
        end(clock, entry, stopped_at=entry.at)
    changes = {change.clock_id: change for change in ClockChange.objects.filter(entry=decided)}
    ended = set(clocks.filter(met_by=decided)) | set(clocks.filter(stopped_by=decided))
    for clock in ended | set(clocks.running().filter(pk__in=changes)):
        was = changes.get(clock.pk)
        if was is not None:
            remember(clock, entry)
            clock.level, clock.started_at, clock.minutes = was.level, was.started_at, was.minutes
        if not clock.is_running:
            reopen(clock)
        clock.told_percent = step_reached(clock, entry.at)
        set_times(clock)
        write(clock)


def reopen(clock: Clock) -> None:
    """Running again."""
    clock.met_at = clock.met_by = clock.stopped_at = clock.stopped_by = None
    Clock.objects.filter(pk=clock.pk).update(met_at=None, met_by=None, stopped_at=None, stopped_by=None)


def write(clock: Clock) -> None:
    """What changes while a clock runs; one that a release met at the same moment stays met."""
    names = ("level", "started_at", "minutes", "due_at", "told_percent", "next_word_at")
    Clock.objects.running().filter(pk=clock.pk).update(**{name: getattr(clock, name) for name in names})


def remember(clock: Clock, entry: TimelineEntry) -> None:
    ClockChange.objects.create(
        clock=clock,
        entry=entry,
        level=clock.level,
        started_at=clock.started_at,
        minutes=clock.minutes,
        due_at=clock.due_at,
    )


def end(clock: Clock, by: TimelineEntry, *, met_at: datetime | None = None, stopped_at: datetime | None = None) -> bool:
    """Met or stopped, once: of two that come at the same time one changes the row. A pause ends with it."""
    at = met_at or stopped_at
    if clock.paused_at is not None:
        clock.pauses.filter(resumed_at__isnull=True).update(resumed_at=at)
        clock.paused_at = None
        set_times(clock)
    changes = {"met_at": met_at, "met_by": by} if met_at else {"stopped_at": stopped_at, "stopped_by": by}
    running = Clock.objects.running().filter(pk=clock.pk)
    return running.update(due_at=clock.due_at, paused_at=None, next_word_at=None, **changes) == 1


# --- times -----------------------------------------------------------------------------------------------------------
def set_times(clock: Clock) -> None:
    """When it is due, and when somebody must be told next; a clock that stands still tells nobody."""
    clock.due_at = step_at(clock, 100)
    untold = [step for step in clock.steps if step > clock.told_percent]
    clock.next_word_at = step_at(clock, untold[0]) if untold and clock.paused_at is None and clock.is_running else None


def step_at(clock: Clock, percent: int) -> datetime:
    """When this share of its time is used up, the pauses that are over left out."""
    pauses = clock.pauses.filter(resumed_at__gt=clock.started_at) if clock.pk else []
    spans = [(max(each.paused_at, clock.started_at), each.resumed_at) for each in pauses if each.resumed_at]
    return reached_at(clock.level, clock.started_at, clock.minutes, percent, spans)


def step_reached(clock: Clock, now: datetime) -> int:
    """The last of its steps that has passed, 0 before the first."""
    return max((step for step in clock.steps if step_at(clock, step) <= now), default=0)
