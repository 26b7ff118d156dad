"""Reports to regulators: the table, an incident's duties, drafting, filing, the answer; saying that time runs out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Exercise, Speciality, User
from accounts.roles import TEAM, Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from audit.services import record
from incidents.levels import OPEN_STAGES, ClockKind, Level
from incidents.limits import due
from incidents.models import Incident, LevelRequest
from incidents.permissions import last_decision
from incidents.refusals import Vetoed, check_reason
from incidents.selectors.people import may_see
from incidents.services.clocks import call_off, meet
from incidents.services.timeline import audit, note_on, write_entry
from notices.services import notify
from opinion.services.evidence import Kept
from response import messages
from response.models import Paper, PaperVersion, ReportDuty, ReportRule
from response.notnow import NotNow
from response.papers import FINAL, FIRST, FOLLOW_UP
from response.permissions import require, signs_for_leader
from response.selectors.reporting import first_words, rules_spoken_for
from response.services import attachments, due_words, papers
from response.services.reminding import UP_THE_CHAIN

DEFAULT_RULES = Path(__file__).resolve().parent.parent / "report_rules" / "default.yaml"
FROM_THE_START = datetime(2000, 1, 1, tzinfo=UTC)
LEVEL_STEPS = ("set_level_three", "set_level_two", "set_level_one", "reopen")
State = ReportDuty.State
RULE_FIELDS = (
    "event", "authority", "within_minutes", "calendar", "counted_from", "follow_minutes", "law", "note", "check_first",
    "from_level", "affects", "red_lines",
)  # fmt: skip


# --- the table -------------------------------------------------------------------------------------------------------
@transaction.atomic
def load_default_rules() -> int:
    """The table a desk begins with, once; returns how many lines were loaded. Valid for incidents of the past too."""
    if ReportRule.objects.exists():
        return 0
    entries = yaml.safe_load(DEFAULT_RULES.read_text(encoding="utf-8"))
    rules = [ReportRule(key=key, valid_from=FROM_THE_START, **fields) for key, fields in entries.items()]
    return len(ReportRule.objects.bulk_create(rules))


@transaction.atomic
def add_rule(values: Mapping[str, Any], *, actor: User, now: datetime) -> ReportRule:
    """A line of the company's own. `values`: RULE_FIELDS. Raises PermissionDenied."""
    require(actor, "edit_report_rules")
    key = f"own-{ReportRule.objects.count() + 1}-{int(now.timestamp())}"
    rule = ReportRule.objects.create(key=key, valid_from=now, made_by=actor, **{n: values[n] for n in RULE_FIELDS})
    record("response.report_rule_added", actor=actor, subject=f"report-rule:{rule.key}", detail={"event": rule.event})
    return rule


@transaction.atomic
def change_rule(
    rule: ReportRule, values: Mapping[str, Any], *, actor: User, now: datetime, seen_version: int
) -> ReportRule:
    """The row ends and the next one begins: duties keep the words they began with. Raises PermissionDenied, Stale."""
    require(actor, "edit_report_rules")
    following = ReportRule(
        key=rule.key, number=rule.number + 1, valid_from=now, made_by=actor, **{n: values[n] for n in RULE_FIELDS}
    )
    end(rule, now, seen_version)
    following.save()
    record(
        "response.report_rule_changed",
        actor=actor,
        subject=f"report-rule:{rule.key}",
        detail={"event": following.event, "number": following.number},
    )
    return following


@transaction.atomic
def retire_rule(rule: ReportRule, *, actor: User, now: datetime, seen_version: int) -> ReportRule:
    """It holds no more; duties that began under it go on. Raises PermissionDenied, Stale."""
    require(actor, "edit_report_rules")
    end(rule, now, seen_version)
    record("response.report_rule_ended", actor=actor, subject=f"report-rule:{rule.key}", detail={"event": rule.event})
    return rule


def end(rule: ReportRule, now: datetime, seen_version: int) -> None:
    if rule.valid_until is not None:
        raise Stale(rule)
    rule.valid_until = now
    save_if_current(rule, seen_version, ["valid_until"])


# --- duties ----------------------------------------------------------------------------------------------------------
def after_step(step: str, incident: Incident, *, actor: User, now: datetime) -> None:
    """Incident hook: a level proposes what must be reported; a report filed before the clock began has met it.

    Vetoes taking a decision back once a report was filed on its strength: then only 降级 remains.
    """
    if step not in (*LEVEL_STEPS, "unset_level"):
        return
    last = last_decision(incident)
    if last is not None and last.state == LevelRequest.State.TAKEN_BACK:
        filed = Paper.everywhere.filter(incident=incident, filed_at__gte=last.decided_at)
        if filed.exists():
            raise Vetoed(_("A report has been filed since this decision. Ask for a lower level instead."))
    if step in LEVEL_STEPS and incident.level:
        open_duties(incident, now)
        filed_entry = incident.timeline.filter(event="response.report_filed").order_by("at", "id").first()
        if filed_entry is not None:
            meet(incident, ClockKind.REPORT, filed_entry.at, by=filed_entry)


def open_duties(incident: Incident, now: datetime) -> list[ReportDuty]:
    """Propose what the table asks for and is not there yet, and tell who reports. In the act's transaction."""
    known = set(incident.report_duties.values_list("rule__key", flat=True))
    duties = [
        new_duty(incident, rule, State.PROPOSED, now)
        for rule in rules_spoken_for(incident, now)
        if rule.key not in known
    ]
    if duties:
        notify(reporters(incident), **messages.duties_proposed(incident, duties))
    return duties


@transaction.atomic
def propose_duties(incident: Incident, *, actor: User, now: datetime) -> list[ReportDuty]:
    """Ask the table anew, as the incident stands now. Raises PermissionDenied, NotNow when nothing new applies."""
    require(actor, "handle_reports", incident)
    duties = open_duties(incident, now)
    if not duties:
        raise NotNow(_("The table asks for nothing more as the incident stands."))
    detail = {"authorities": [duty.rule.authority for duty in duties]}
    note_on(incident, "response.duties_proposed", actor=actor, now=now, detail=detail)
    return duties


@transaction.atomic
def add_duty(incident: Incident, rule: ReportRule, *, actor: User, now: datetime) -> ReportDuty:
    """By hand: it is to be reported under this line too. Raises PermissionDenied, NotNow."""
    require(actor, "handle_reports", incident)
    if incident.report_duties.filter(rule__key=rule.key).exists():
        raise NotNow(_("It is on the list already."))
    duty = new_duty(incident, rule, State.REQUIRED, now)
    note_on(incident, "response.duty_added", actor=actor, now=now, detail={"authority": rule.authority})
    return duty


def new_duty(incident: Incident, rule: ReportRule, state: str, now: datetime) -> ReportDuty:
    """The time counts from where the line says; a line without one has the time of the plan's own clock."""
    started_at = incident.first_known_at
    if rule.counted_from == ReportRule.CountedFrom.ACTIVATED:
        started_at = incident.activated_at or now
    duty = ReportDuty(incident=incident, rule=rule, state=state, opened_at=now, started_at=started_at)
    if rule.within_minutes:
        level = Level.THREE if rule.calendar == ReportRule.Calendar.WORKING else Level.ONE
        duty.due_at = due(level, started_at, rule.within_minutes)
    else:
        clock = incident.clocks.running().filter(kind=ClockKind.REPORT).first()
        duty.due_at = clock.due_at if clock else None
    due_words.set_words(duty, due_words.REPORT_STEPS, duty.started_at)
    duty.save()
    return duty


@transaction.atomic
def waive_duty(duty: ReportDuty, *, actor: User, now: datetime, seen_version: int, reason: str) -> ReportDuty:
    """无需上报, because. At 一级 only the 组长 says so. With nothing left, the incident's clock is called off.

    Raises PermissionDenied, ReasonNeeded, NotNow, Stale.
    """
    require(actor, "waive_duty", duty)
    reason = check_reason(reason)
    if duty.version != seen_version:
        raise Stale(duty)
    if not duty.is_open:
        raise NotNow(_("This was decided already: %(state)s.") % {"state": duty.get_state_display()})
    if duty.papers.filter(filed_at__isnull=False).exists():
        raise NotNow(_("Something was filed already; it cannot be undone."))
    principal = signs_for_leader(actor, duty.incident.level)
    duty.state, duty.decided_by, duty.decided_at, duty.reason = State.NOT_REQUIRED, actor, now, reason
    duty.acting_for = principal if principal != actor else None
    duty.next_word_at = None
    save_if_current(duty, seen_version, ["state", "decided_by", "decided_at", "reason", "acting_for", "next_word_at"])
    entry = write_entry(
        duty.incident,
        "response.duty_waived",
        actor=actor,
        now=now,
        before={},
        note=reason,
        detail={"authority": duty.rule.authority},
        url=duty.get_absolute_url(),
        acting_for=duty.acting_for,
    )
    if not duty.incident.report_duties.exclude(state=State.NOT_REQUIRED).exists():
        call_off(duty.incident, ClockKind.REPORT, now, by=entry)
    audit(entry)
    return duty


# --- reports ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def begin_report(duty: ReportDuty, kind: str, *, actor: User, now: datetime) -> PaperVersion:
    """A report for a duty, filled from the incident as it stands. Who begins one takes the duty up.

    Raises PermissionDenied, NotNow (not its turn, or one is being written).
    """
    require(actor, "write_paper", duty.incident)
    duty = ReportDuty.objects.select_for_update(no_key=True, of=("self",)).select_related("rule").get(pk=duty.pk)
    if not duty.is_open:
        raise NotNow(_("This was decided already: %(state)s.") % {"state": duty.get_state_display()})
    filed = duty.papers(manager="everywhere").filter(filed_at__isnull=False).order_by("filed_at").last()
    if (kind == FIRST) is not (filed is None):
        raise NotNow(_("The first report comes first, and once."))
    if duty.papers(manager="everywhere").filter(filed_at__isnull=True).exists():
        raise NotNow(_("A report for this authority is being written: go on with it."))
    if duty.state == State.PROPOSED:
        duty.state = State.REQUIRED
        save_if_current(duty, duty.version, ["state"])
    incident = duty.incident
    try:
        return papers.begin(incident, kind, first_words(incident, filed, now), actor=actor, now=now, duty=duty)
    except IntegrityError:
        raise NotNow(_("A report for this authority is being written: go on with it.")) from None


@transaction.atomic
def file_report(
    paper: Paper,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    filed_at: datetime,
    receiver: str,
    receipt_number: str = "",
    proof_note: str = "",
    kept: Sequence[Kept] = (),
) -> Paper:
    """It is with the authority, and this shows it. The first report meets the incident's clock, at the time of filing.

    filed_at  when it was handed over: not before it was signed, not in the future
    Raises PermissionDenied, Stale, NotNow.
    """
    incident = paper.incident
    require(actor, "handle_reports", incident)
    version = paper.versions.order_by("-number").first()
    assert version is not None
    assert paper.duty is not None
    if paper.filed_at is not None:
        raise NotNow(_("This report was filed already."))
    if not version.is_signed or version.signed_at is None:
        raise NotNow(_("It is not signed yet."))
    if not papers.is_signed_enough(version, incident.level):
        raise NotNow(_("The level rose since it was signed: the leadership group head must sign it. Revise it first."))
    if filed_at > now:
        raise NotNow(_("The time of filing lies in the future."))
    if filed_at < version.signed_at.replace(second=0, microsecond=0):
        raise NotNow(_("It was signed after that time: it cannot have been filed before."))
    if not (receipt_number.strip() or proof_note.strip() or kept):
        raise NotNow(_("Say what shows it: a number, a file or a note."))
    files = attachments.attach(incident, kept, actor=actor, now=now)
    paper.filed_at, paper.filed_by, paper.receiver = filed_at, actor, receiver.strip()
    paper.receipt_number, paper.proof_note = receipt_number.strip(), proof_note.strip()
    paper.proof = files[0] if files else None
    save_if_current(paper, seen_version, ["filed_at", "filed_by", "receiver", "receipt_number", "proof_note", "proof"])
    set_next(paper.duty, paper.kind, filed_at)
    late = max(int((filed_at - paper.due_at).total_seconds() // 60), 0) if paper.due_at else 0
    entry = write_entry(
        incident,
        "response.report_filed",
        actor=actor,
        now=now,
        before={},
        note=paper.proof_note,
        detail={
            "number": paper.number,
            "report": paper.kind,
            "authority": paper.duty.rule.authority,
            "receipt": paper.receipt_number,
            "filed_at": filed_at.isoformat(),
            "late_minutes": late,
            "text_hash": version.text_hash,
            "files": attachments.as_detail(files),
        },
        url=paper.get_absolute_url(),
    )
    if paper.kind == FIRST:
        meet(incident, ClockKind.REPORT, filed_at, by=entry)
    audit(entry)
    return paper


def set_next(duty: ReportDuty, filed: str, filed_at: datetime) -> None:
    """What the authority waits for next: a follow-up in the rhythm of the line, nothing after the final report."""
    duty.told_percent, duty.next_word_at, duty.due_at = 0, None, None
    if filed == FINAL:
        duty.state, duty.next_kind = State.DONE, FINAL
    else:
        duty.next_kind, duty.started_at = FOLLOW_UP, filed_at
        if duty.rule.follow_minutes:
            duty.due_at = filed_at + timedelta(minutes=duty.rule.follow_minutes)
            due_words.set_words(duty, due_words.REPORT_STEPS, filed_at)
    save_if_current(duty, duty.version, ["state", "next_kind", "started_at", "due_at", "told_percent", "next_word_at"])


@transaction.atomic
def keep_answer(paper: Paper, *, actor: User, now: datetime, seen_version: int, answer: str) -> Paper:
    """What the authority answered. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "handle_reports", paper.incident)
    if paper.filed_at is None or paper.answered_at is not None:
        raise NotNow(_("This does not fit: it is not filed, or its answer is kept already."))
    if not answer.strip():
        raise NotNow(_("Write down what they answered."))
    paper.answered_at, paper.answer = now, answer.strip()
    save_if_current(paper, seen_version, ["answered_at", "answer"])
    note_on(
        paper.incident,
        "response.report_answered",
        actor=actor,
        now=now,
        note=paper.answer,
        detail={"number": paper.number, "authority": paper.duty.rule.authority if paper.duty else ""},
        url=paper.get_absolute_url(),
    )
    return paper


# --- time runs out ---------------------------------------------------------------------------------------------------
def reporters(incident: Incident) -> list[User]:
    """Who sees to reports: the 法务 of the working group and its head, as far as they may know of it."""
    people = people_with(*TEAM).prefetch_related("groups")
    return may_see(
        incident,
        [person for person in people if person.holds(Role.TEAM_HEAD) or person.speciality == Speciality.LEGAL],
    )


def tell_duties(exercise: Exercise | None, now: datetime) -> int:
    """Duties of which a share of the time is used up: told once, at the limit and beyond to the leaders too."""
    waiting = ReportDuty.objects.open().filter(
        next_word_at__lte=now, incident__exercise=exercise, incident__stage__in=OPEN_STAGES
    )
    return sum(tell_duty(duty, now) for duty in waiting.select_related("incident__exercise", "rule"))


@transaction.atomic
def tell_duty(duty: ReportDuty, now: datetime) -> bool:
    before = duty.told_percent
    if not due_words.claim(ReportDuty.objects.open(), duty, due_words.REPORT_STEPS, duty.started_at, now):
        return False
    roles = [role for step, role in UP_THE_CHAIN.items() if before < step <= duty.told_percent]
    chain = may_see(duty.incident, list(people_with(*roles))) if roles else []
    people = {person.pk: person for person in [*reporters(duty.incident), *chain]}.values()
    notify(list(people), **messages.report_due(duty, now))
    return True
