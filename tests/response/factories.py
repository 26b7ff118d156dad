"""Rows the tests of this app need: an incident at a level, facts, statements in each state, somebody who may speak."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Exercise, LetterOfAuthority, User
from incidents.models import Incident
from response.models import Fact, SignOff, StatementVersion
from response.services.facts import add_fact, sign_fact
from response.services.opening import apply_level
from response.services.signing import approve
from response.services.statements import save_draft, start_statement, submit

GOOD_TEXT = (
    "我们于11月18日10:30注意到建国路店的情况，首先关心顾客的安全与权益，已停止该店营业[F1]。\n"
    "具体情况正在核实，将于今日18时前在官网更新。联系：400-000-0000。"
)


def incident_at(level: int, cast: dict[str, User], now: datetime, **changes: Any) -> Incident:
    """An incident of the operations department at a level, as move() leaves it; set past the door on purpose."""
    number = Incident.everywhere.count() + 1
    fields: dict[str, Any] = {
        "number": f"YQ-2026-{number:03d}",
        "title": "建国路店疑似更换原料效期标签",
        "department": cast["head"].department,
        "lead": cast["pr"],
        "opened_by": cast["pr"],
        "opened_at": now,
        "first_known_at": now - timedelta(hours=1),
        "activated_at": now if level else None,
    }
    incident = Incident.everywhere.create(**{**fields, **changes})
    stage = changes.get("stage", "responding" if level else "triaged")
    Incident.everywhere.filter(pk=incident.pk).update(level=level, stage=stage)
    return Incident.everywhere.get(pk=incident.pk)


def with_tasks(incident: Incident, cast: dict[str, User], now: datetime) -> Incident:
    """The incident after its level opened its tasks."""
    from django.db import transaction

    with transaction.atomic():
        apply_level(incident, actor=cast["gm"], now=now)
    return incident


def fact_of(
    incident: Incident, cast: dict[str, User], now: datetime, state: str = "verified", claim: str = "已停业"
) -> Fact:
    fact = add_fact(incident, actor=cast["pr"], now=now, claim=claim)
    if state == "checking":
        return fact
    return sign_fact(fact, actor=cast["tech"], now=now, seen_version=fact.version, state=state, evidence="现场照片")


def draft_of(
    incident: Incident,
    cast: dict[str, User],
    now: datetime,
    who: str = "spokesperson",
    text: str = GOOD_TEXT,
    kind: str = "T0",
) -> StatementVersion:
    """A draft whose text passes the checks, with one verified fact."""
    if not incident.facts.exists():
        fact_of(incident, cast, now)
    version = start_statement(incident, kind=kind, actor=cast[who], now=now)
    return save_draft(
        version, actor=cast[who], now=now, seen_version=version.version, title="关于建国路店的说明", text=text
    )


def in_review(incident: Incident, cast: dict[str, User], now: datetime, **how: Any) -> StatementVersion:
    version = draft_of(incident, cast, now, **how)
    who = how.get("who", "spokesperson")
    return submit(version, actor=cast[who], now=now, seen_version=version.version)


SIGNERS: dict[str, str] = {SignOff.Place.LEGAL: "legal", SignOff.Place.TEAM_HEAD: "pr", SignOff.Place.LEADER: "gm"}


def releasable(incident: Incident, cast: dict[str, User], now: datetime, **how: Any) -> StatementVersion:
    return all_sign(in_review(incident, cast, now, **how), cast, now)


def all_sign(version: StatementVersion, cast: dict[str, User], now: datetime) -> StatementVersion:
    for signoff in version.signoffs.all():
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=now, seen_hash=version.text_hash)
    version.refresh_from_db()
    return version


def let_speak(person: User, cast: dict[str, User], *, is_alternate: bool = False) -> LetterOfAuthority:
    """A letter of authority that holds whatever day the test runs on."""
    return LetterOfAuthority.objects.create(
        person=person,
        is_alternate=is_alternate,
        scope="一切对外声明",
        starts_on=date(2020, 1, 1),
        ends_on=date(2040, 1, 1),
        issued_by=cast["gm"],
        issued_at=datetime.fromisoformat("2020-01-01T00:00:00+00:00"),
    )


def drill(now: datetime) -> Exercise:
    return Exercise.objects.create(name="季度演练", kind="drill", started_at=now, clock_from=now)
