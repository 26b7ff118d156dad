"""Measuring what is known of an incident, adding what people know, and keeping the score with its inputs (A2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from incidents import severity
from incidents.models import Assessment, Incident
from incidents.permissions import require
from incidents.refusals import check_reason
from incidents.selectors.reading import Reading, read
from incidents.services.timeline import note_on


@dataclass(frozen=True, slots=True)
class Entered:
    """What people know and no feed says. None: not told. `nature`, `hot_list`, `regulator` overrule what was measured.

    overruled   factor: the score a person gives it instead       suggestion  the level they would suggest instead
    Both belong to the assessment they were made in: measured anew, the figures speak again.
    """

    regulator: str | None = None
    fact_state: str | None = None
    nature: str | None = None
    hot_list: str | None = None
    red_lines: tuple[str, ...] = ()
    overruled: Mapping[str, float] = field(default_factory=dict)
    suggestion: str | None = None


def combined(reading: Reading, entered: Entered) -> severity.Inputs:
    """The figures and what people know, as one. What people say wins; red lines come from either side."""
    told = {
        name: value for name in ("regulator", "fact_state", "nature", "hot_list") if (value := getattr(entered, name))
    }
    red_lines = set(entered.red_lines) | ({"regulator_case"} if entered.regulator == "case" else set())
    measured = {**asdict(reading.inputs), **told, "red_lines": tuple(sorted(red_lines))}
    return severity.Inputs(**{**measured, "overruled": dict(entered.overruled)})


def carried(previous: Assessment | None, reading: Reading) -> Entered:
    """What is taken as told until somebody says otherwise: the last answers, and every red line crossed before or now.

    A line a person cleared stays cleared while no more posts (or letters) speak for it than did then. A letter of a
    regulator that is graver than what was told speaks for itself.
    """
    of_its_own: dict[str, Any] = {"red_lines": (), "overruled": {}, "suggestion": None}
    last = Entered(**{**previous.parts["entered"], **of_its_own}) if previous else Entered()
    if is_graver_letter(reading.inputs.regulator, last.regulator):
        last = replace(last, regulator=None)
    cleared = previous.parts["cleared"] if previous else {}
    before = set(previous.red_lines) if previous else set()
    now = {code for code in reading.inputs.red_lines if reading.evidence[code]["number"] > cleared.get(code, 0)}
    return Entered(**{**asdict(last), "red_lines": tuple(sorted(before | now))})


def is_graver_letter(measured: str | None, said: str | None) -> bool:
    """Whether a letter that came in weighs more than what a person said of the regulators before."""
    return bool(measured and said) and severity.REGULATOR[measured] > severity.REGULATOR[said]  # type: ignore[index]


@transaction.atomic
def assess(
    incident: Incident,
    *,
    actor: User,
    now: datetime,
    entered: Entered,
    note: str = "",
) -> Assessment:
    """A person assesses: measure, add what they enter, keep score and inputs, write the timeline.

    Raises ReasonNeeded when `note` does not say why something measured is overruled or a red line is cleared.
    """
    require(actor, "assess", incident)
    reading = read(incident, now)
    previous = incident.assessments.first()
    for what in overruled(previous, reading, entered):
        check_reason(note, what)
    assessment = keep(incident, reading, entered, previous, made_by=actor, now=now, note=note)
    note_on(incident, "incidents.assessed", actor=actor, now=now, note=note, detail=as_detail(assessment))
    return assessment


@transaction.atomic
def measure_again(incident: Incident, *, actor: User, now: datetime) -> Assessment:
    """One click: the figures of now, with the last answers and every red line carried on."""
    require(actor, "assess", incident)
    told = carried(incident.assessments.first(), read(incident, now))
    return assess(incident, actor=actor, now=now, entered=told)


def measure(incident: Incident, now: datetime) -> Assessment:
    """The desk measures by itself, with the last answers of people. No timeline row; call inside a transaction."""
    reading = read(incident, now)
    previous = incident.assessments.first()
    return keep(incident, reading, carried(previous, reading), previous, made_by=None, now=now)


def overruled(previous: Assessment | None, reading: Reading, entered: Entered) -> list[str]:
    """Codes of what the answers go against: a measured item, a factor, the suggestion, a red line carried on so far."""
    expected = carried(previous, reading)
    against = []
    for name in ("nature", "hot_list", "regulator"):
        said, seen = getattr(entered, name), getattr(reading.inputs, name)
        if said and seen and said not in (seen, getattr(expected, name)):
            against.append(name)
    inputs = combined(reading, entered)
    against += sorted(entered.overruled)
    if entered.suggestion and entered.suggestion != severity.compute(inputs).suggestion:
        against.append("suggestion")
    return against + sorted(set(expected.red_lines) - set(inputs.red_lines))


def keep(
    incident: Incident,
    reading: Reading,
    entered: Entered,
    previous: Assessment | None,
    *,
    made_by: User | None,
    now: datetime,
    note: str = "",
) -> Assessment:
    inputs = combined(reading, entered)
    result = severity.compute(inputs)
    if result.index is None:
        raise ValueError("posts are always counted, so something is always known")
    cleared = dict(previous.parts["cleared"]) if previous else {}
    for code in set(carried(previous, reading).red_lines) - set(inputs.red_lines):
        cleared[code] = reading.evidence.get(code, {}).get("number", 0)
    return incident.assessments.create(
        at=now,
        made_by=made_by,
        formula=result.formula,
        inputs=inputs.as_stored(),
        severity=result.index,
        confidence=result.confidence,
        parts={
            "factors": result.parts(),
            "evidence": reading.evidence,
            "entered": {**asdict(entered), "red_lines": list(entered.red_lines)},
            "cleared": {code: number for code, number in cleared.items() if code not in inputs.red_lines},
        },
        red_lines=list(result.red_lines),
        suggestion=result.suggestion,
        note=note,
    )


def as_detail(assessment: Assessment) -> Mapping[str, Any]:
    return {
        "severity": round(assessment.severity, 1),
        "suggestion": assessment.advice,
        "red_lines": assessment.red_lines,
        "formula": assessment.formula,
    }
