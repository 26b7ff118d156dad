"""What the desk proposes by itself (H3.2): a graver level at once when an incident's topics change, a lower one or the
end of the response after calm. It proposes; people ask and decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents import severity
from incidents.calm import HOUR, Calm, calm_at
from incidents.figures import WINDOW, floor
from incidents.levels import LEVEL_STAGES, Level, Stage, graver, is_rise
from incidents.models import Incident, IncidentPost, LevelProposal, LevelRequest, SeverityHour
from incidents.permissions import require
from incidents.refusals import Refused, check_reason
from incidents.selectors.level_proposals import calm_of, calm_since, hours_of, in_words
from incidents.selectors.people import may_see, people_of
from incidents.services import levels, stages
from incidents.services.assessing import Reading, carried, combined, measure, read
from incidents.services.requests import locked
from incidents.services.telling import LEVEL_URGENCY
from incidents.services.timeline import note_on, write_entry
from notices.services import notify
from opinion.models import HourCount, Topic
from opinion.trends import PAST, usual

Kind, State = LevelRequest.Kind, LevelProposal.State


# --- looking ---------------------------------------------------------------------------------------------------------
def incidents_to_look_at(now: datetime, exercise: Exercise | None = None) -> list[Incident]:
    """Incidents whose posts changed since somebody looked, or whose last full hour was not looked at. One query.

    `size_now` of each: how many posts it has, as a number that only has to change when they do.
    """
    topics = Topic.everywhere.filter(incidents=OuterRef("pk")).order_by().values("incidents")
    attached = IncidentPost.objects.filter(incident=OuterRef("pk"), detached_at__isnull=True).order_by()
    newest = SeverityHour.objects.filter(incident=OuterRef("pk")).order_by("-at")
    number = IntegerField()
    rows = Incident.everywhere.filter(exercise=exercise, stage__in=LEVEL_STAGES).annotate(
        size_now=Coalesce(Subquery(topics.annotate(n=Sum("size")).values("n"), output_field=number), Value(0))
        + Coalesce(
            Subquery(attached.values("incident").annotate(n=Count("pk")).values("n"), output_field=number), Value(0)
        ),
        looked_at=Subquery(newest.values("at")[:1]),
        size_seen=Subquery(newest.values("size_seen")[:1]),
    )
    changed = Q(looked_at__isnull=True) | Q(looked_at__lt=floor(now, HOUR)) | ~Q(size_seen=F("size_now"))
    return list(rows.filter(changed).select_related("exercise", "lead").order_by("pk"))


def look_at(incident: Incident, now: datetime) -> LevelProposal | None:
    """Measure an incident of `incidents_to_look_at`, and propose what follows from it. Returns a new proposal.

    Reads come before the transaction; it writes rows only.
    """
    size = incident.size_now  # type: ignore[attr-defined]
    known = {hour.at for hour in SeverityHour.objects.filter(incident=incident, at__gt=now - WINDOW)}
    hours = missing_hours(incident, known, now, size)
    reading = read(incident, now)
    with transaction.atomic():
        SeverityHour.objects.bulk_create(hours, ignore_conflicts=True)
        SeverityHour.objects.filter(incident=incident, at=floor(now, HOUR)).update(size_seen=size)
        return propose(locked(incident), reading, now)


def missing_hours(incident: Incident, known: set[datetime], now: datetime, size: int) -> list[SeverityHour]:
    """Full hours nobody looked at (the desk was down, or a drill's clock runs fast), from the newest backwards.

    It stops where calm ends, since what lies before no longer counts; the newest is always measured.
    """
    measured: list[SeverityHour] = []
    at, since = floor(now, HOUR), max(calm_since(incident), now - WINDOW)
    while at not in known and (not measured or at - HOUR >= since):
        hour = measure_hour(incident, at, size)
        measured.append(hour)
        if not incident.level or not calm_at(hours_of([hour]), incident.level, at, at - HOUR).hours:
            break
        at -= HOUR
    return measured


def measure_hour(incident: Incident, at: datetime, size: int) -> SeverityHour:
    reading = read(incident, at)
    posts, unusual_from = compared_with_other_days(incident, at)
    return SeverityHour(
        incident=incident,
        at=at,
        severity=index_of(incident, reading).index or 0.0,
        posts=posts,
        unusual_from=unusual_from,
        size_seen=size,
    )


def compared_with_other_days(incident: Incident, at: datetime) -> tuple[int, int | None]:
    """Posts of the incident's watches in the hour before `at`, and from how many on that hour would be unusual.

    None where fewer than three of the seven days before are known. One query.
    """
    same_hours = [at - HOUR - day * WINDOW for day in range(PAST + 1)]
    watches = list(incident.topics.values_list("watch", "watch__listens_since").distinct())
    if not watches:
        return 0, None
    heard_since = min(created for _watch, created in watches)
    rows = HourCount.everywhere.filter(
        watch__in=[watch for watch, _created in watches], hour__in=same_hours, exercise=incident.exercise_id
    )
    counts = dict(rows.order_by().values_list("hour").annotate(n=Sum("posts")))
    past = usual([counts.get(hour, 0) for hour in same_hours[1:] if hour >= heard_since])
    return counts.get(same_hours[0], 0), past.threshold if past else None


def index_of(incident: Incident, reading: Reading) -> severity.Severity:
    """What a reading weighs with the last answers of people, every red line that nobody cleared included."""
    return severity.compute(combined(reading, carried(incident.assessments.first(), reading)))


# --- proposing -------------------------------------------------------------------------------------------------------
def propose(incident: Incident, reading: Reading, now: datetime) -> LevelProposal | None:
    """Open the proposal that follows from what was measured, if there is one. Call inside a transaction.

    An open proposal gives way when the incident moved on, when the calm it rests on is over, or to a graver one: at
    most one is open.
    """
    found = index_of(incident, reading)
    waiting = incident.level_requests.filter(state__in=LevelRequest.OPEN).first()
    there = incident.proposals.filter(state=State.OPEN).first()
    calm = calm_of(incident, now)
    is_open = incident.stage in LEVEL_STAGES
    is_calm = calm is not None and calm.is_enough
    if there is not None and (not is_open or there.from_level != incident.level or (is_less(there) and not is_calm)):
        overtake(there, now)
        there = None
    if not is_open:
        return None  # it was closed while we measured
    rise = rise_of(incident, found, waiting)
    if rise and not was_dismissed(incident, rise, found, now):
        if there is not None and not is_less(there) and not is_rise(there.to_level, rise):
            return None
        reasons = reasons_to_rise(incident, found, reading, rise)
        return open_proposal(incident, there, Kind.LEVEL, rise, reasons, now)
    if there is None and waiting is None and incident.stage == Stage.RESPONDING and calm and is_calm:
        return propose_less(incident, found, calm, now)
    return None


def is_less(proposal: LevelProposal) -> bool:
    """A lower level, or the end."""
    return proposal.is_end or not is_rise(proposal.from_level, proposal.to_level)


def rise_of(incident: Incident, found: severity.Severity, waiting: LevelRequest | None) -> int:
    """The level that is suggested and graver than what it has, was asked for, or was suggested to people; 0: none."""
    suggested = level_in(found.suggestion)
    known = incident.level
    if not known and (newest := incident.assessments.first()) is not None:
        known = level_in(newest.suggestion)
    if waiting is not None:
        known = graver(known, waiting.to_level)
    return suggested if suggested and is_rise(known, suggested) else 0


def level_in(suggestion: str) -> int:
    return 0 if suggestion == severity.ATTENTION else int(suggestion)


def was_dismissed(incident: Incident, level: int, found: severity.Severity, now: datetime) -> bool:
    """Whether people said no to as much within a day, and no red line was crossed since that they did not know of."""
    last = incident.proposals.filter(state=State.DISMISSED, answered_at__gt=now - WINDOW).select_related("assessment")
    return any(
        not proposal.is_end
        and not is_rise(proposal.to_level, level)
        and set(found.red_lines) <= set(proposal.assessment.red_lines)
        for proposal in last
    )


def reasons_to_rise(incident: Incident, found: severity.Severity, reading: Reading, level: int) -> list[dict[str, Any]]:
    """Why, with the numbers: red lines that reach this level, the index, what grew."""
    newest = incident.assessments.first()
    reasons: list[dict[str, Any]] = [
        {"code": "red_line", "line": line, "number": reading.evidence.get(line, {}).get("number")}
        for line in found.red_lines
        if severity.RED_LINES[line] <= level
    ]
    if found.index is not None:
        before = round(newest.severity, 1) if newest else None
        reasons.append({"code": "index", "now": round(found.index, 1), "before": before})
    inputs = reading.inputs
    reasons.append({"code": "posts", "day": inputs.posts, "hour": inputs.last_hour, "base": inputs.previous_hourly})
    return reasons


def propose_less(incident: Incident, found: severity.Severity, calm: Calm, now: datetime) -> LevelProposal | None:
    """A lower level, or the end where nothing asks for one; what the highest hour and every red line still ask for
    stays."""
    wanted = level_in(severity.suggest(max(calm.highest or 0.0, found.index or 0.0), found.red_lines))
    if wanted and not is_rise(wanted, incident.level):
        return None
    reasons: list[dict[str, Any]] = [
        {"code": "calm", "hours": calm.hours, "highest": round(calm.highest or 0.0, 1), "below": calm.below},
        {"code": "other_days", "compared": calm.compared, "hours": calm.hours},
    ]
    kind, level = (Kind.LEVEL, wanted) if wanted else (Kind.END, incident.level)
    return open_proposal(incident, None, kind, level, reasons, now)


def open_proposal(
    incident: Incident,
    instead_of: LevelProposal | None,
    kind: str,
    level: int,
    reasons: Sequence[dict[str, Any]],
    now: datetime,
) -> LevelProposal:
    if instead_of is not None:
        overtake(instead_of, now)
    proposal = incident.proposals.create(
        assessment=measure(incident, now),
        kind=kind,
        from_level=incident.level,
        to_level=level,
        reasons=list(reasons),
        opened_at=now,
    )
    tell_team(proposal)
    write_entry(
        incident,
        "incidents.proposal_opened",
        actor=None,
        now=now,
        before={},
        note=in_words(proposal),
        detail={"proposed": proposed(proposal)},
        url=proposal.get_absolute_url(),
    )
    return proposal


def overtake(proposal: LevelProposal, now: datetime) -> None:
    LevelProposal.objects.filter(pk=proposal.pk, state=State.OPEN).update(state=State.OVERTAKEN, answered_at=now)


def tell_team(proposal: LevelProposal) -> None:
    """The people of the incident and the 工作组组长: who can take it up. A sentence without content, and the link."""
    incident = proposal.incident
    people = [*people_of(incident), *may_see(incident, people_with(Role.TEAM_HEAD))]
    with translation.override(settings.LANGUAGE_CODE):
        what = _("the end of the response") if proposal.is_end else str(Level(proposal.to_level).label)
        notify(
            people,
            event="incidents.proposal_opened",
            subject=_("The desk proposes %(what)s for %(incident)s: take it up or say why not")
            % {"what": what, "incident": incident.public_name},
            url=proposal.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(proposal.to_level)],
            about=incident.about,
            exercise=incident.exercise,
        )


def proposed(proposal: LevelProposal) -> Any:
    return "end" if proposal.is_end else proposal.to_level


# --- answering -------------------------------------------------------------------------------------------------------
@transaction.atomic
def take_up_proposal(proposal: LevelProposal, *, actor: User, now: datetime) -> LevelRequest | Incident:
    """In one click: ask the leadership for what the desk proposes, with its reasons; at 三级 the 工作组组长 ends it.

    Raises PermissionDenied, Refused when it was answered or the incident moved on, and what the act itself raises.
    """
    incident, proposal = answered(proposal, State.TAKEN_UP, "take_up_proposal", actor=actor, now=now)
    if proposal.from_level != incident.level:
        raise Refused(_("The level has moved on since; nothing was asked."))
    reason = _("Proposed by the desk: %(reasons)s") % {"reasons": in_words(proposal)}
    trace(proposal, "incidents.proposal_taken_up", actor=actor, now=now)
    if not proposal.is_end:
        return levels.request_level(
            incident, proposal.to_level, actor=actor, now=now, reason=reason, assessment=proposal.assessment
        )
    if incident.level == Level.THREE:
        return stages.calm_down(incident, actor=actor, now=now, note=reason)
    return levels.request_end(incident, actor=actor, now=now, reason=reason, assessment=proposal.assessment)


@transaction.atomic
def dismiss_proposal(proposal: LevelProposal, *, actor: User, now: datetime, note: str) -> LevelProposal:
    """No, because. It comes back when it is graver, when another red line is crossed, or after another such calm.

    Raises PermissionDenied, ReasonNeeded, Refused when it was answered.
    """
    note = check_reason(note)
    _incident, proposal = answered(proposal, State.DISMISSED, "dismiss_proposal", actor=actor, now=now, note=note)
    trace(proposal, "incidents.proposal_dismissed", actor=actor, now=now, note=note)
    return proposal


def answered(
    proposal: LevelProposal, state: str, act: str, *, actor: User, now: datetime, note: str = ""
) -> tuple[Incident, LevelProposal]:
    incident = locked(proposal.incident)
    require(actor, act, proposal)
    still = LevelProposal.objects.filter(pk=proposal.pk, state=State.OPEN)
    if still.update(state=state, answered_by=actor, answered_at=now, note=note) != 1:
        there = LevelProposal.objects.select_related("answered_by").get(pk=proposal.pk)
        words = _("This proposal was answered already: %(state)s, %(who)s.")
        raise Refused(words % {"state": there.get_state_display(), "who": there.answered_by or _("the desk")})
    proposal.refresh_from_db()
    return incident, proposal


def trace(proposal: LevelProposal, event: str, *, actor: User, now: datetime, note: str = "") -> None:
    note_on(
        proposal.incident,
        event,
        actor=actor,
        now=now,
        note=note,
        detail={"proposed": proposed(proposal)},
        url=proposal.get_absolute_url(),
    )
