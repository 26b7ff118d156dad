"""Milestones reached, and the clock that runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from incidents.levels import CONFIRM_WITHIN, SPEAK_WITHIN, Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.timeline_words import MILESTONES, WORDS, events_of


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
class Clock:
    """A time that runs: what for, from when to when, and when it was met."""

    label: str
    started: datetime
    due: datetime
    done: datetime | None = None
    note: str = ""


def next_clock(
    incident: Incident, request: LevelRequest | None, suggestion: str | None, said_at: datetime | None
) -> Clock | None:
    """The clock that matters now: the decision waited for, else the level to be set, else the first public word.

    suggestion  of the last assessment; says how much time there is until a level is set
    """
    if incident.closed_at is not None or incident.stage == Stage.REVIEWING:
        return None
    if request is not None:
        return Clock(request.clock_label, request.requested_at, request.due_at)
    if not incident.level:
        suggested = Level(int(suggestion)) if suggestion in ("1", "2", "3") else Level.THREE
        return Clock(
            _("Set the level"),
            incident.first_known_at,
            incident.first_known_at + CONFIRM_WITHIN[suggested],
            note=_("suggested: %(level)s") % {"level": suggested.label},
        )
    if incident.level == Level.THREE or (incident.stage != Stage.RESPONDING and said_at is None):
        return None  # 三级 need not be answered in public, and what has calmed without a word needs none
    within = SPEAK_WITHIN[Level(incident.level)]
    return Clock(
        _("First statement"),
        incident.first_known_at,
        incident.first_known_at + within,
        done=said_at,
        note=_("%(level)s: within %(n)d hours of finding out")
        % {"level": incident.level_label, "n": within // timedelta(hours=1)},
    )


def clock_running(incident: Incident) -> Clock | None:
    """`next_clock` of one incident, asked of the database."""
    request = incident.level_requests.filter(state=LevelRequest.State.REQUESTED).first()
    assessment = incident.assessments.first()
    return next_clock(incident, request, assessment.suggestion if assessment else None, first_word_at(incident))


def clock_of(incident: Incident) -> Clock | None:
    """`next_clock` of an incident of `incidents_for_list`."""
    request = next(iter(incident.waiting_requests), None)  # type: ignore[attr-defined]
    assessment = next(iter(incident.newest_assessments), None)  # type: ignore[attr-defined]
    said = min((entry.at for entry in incident.words_said), default=None)  # type: ignore[attr-defined]
    return next_clock(incident, request, assessment.suggestion if assessment else None, said)


def first_word_at(incident: Incident) -> datetime | None:
    said = incident.timeline.filter(event__in=events_of("said")).order_by("at").first()
    return said.at if said else None


def marks(incident: Incident) -> list[tuple[str, datetime]]:
    """What the curve is read against: the first post, the level, the first statement."""
    reached = {milestone.code: (str(milestone.label), milestone.at) for milestone in milestones(incident)}
    chosen = [reached[code] for code in ("levelled", "said", "calmed")]
    first = [(_("first post"), incident.first_post_at)]
    return [(name, at) for name, at in [*first, *chosen] if at is not None]
