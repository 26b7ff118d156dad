"""An incident's curve and severity as the pages draw them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from incidents import severity
from incidents.figures import Curve, floor
from incidents.models import Assessment, Incident
from incidents.selectors.reading import Reading
from incidents.timeline_words import SUGGESTIONS
from incidents.words import ANSWERS, FACTORS, ITEMS, RED_LINES
from opinion.models import Sentiment

TONES = (Sentiment.NEG, Sentiment.NEU, Sentiment.POS)


def volume(curve: Curve, marks: list[tuple[str, datetime]]) -> dict[str, Any]:
    """Data of the stacked area (labels, a series per sentiment, dashed marks for what was done), and it in words."""
    labels = [label_of(at, curve) for at in curve.starts]
    placed = [
        {"name": name, "at": labels[index]}
        for name, at in marks
        if 0 <= (index := int((floor(at, curve.step) - curve.starts[0]) / curve.step)) < len(labels)
    ]
    totals = [sum(values) for values in zip(*curve.counts.values(), strict=True)]
    peak = max(range(len(totals)), key=totals.__getitem__)
    return {
        "data": {
            "labels": labels,
            "series": [
                {"name": str(tone.label), "tone": tone.value, "values": curve.counts[tone.value]} for tone in TONES
            ],
            "marks": placed,
        },
        "label": _("%(all)d posts, most of them (%(peak)d) at %(when)s")
        % {"all": sum(totals), "peak": totals[peak], "when": labels[peak]},
        "step": step_words(curve.step),
    }


def label_of(at: datetime, curve: Curve) -> str:
    """Each point's own name: the time alone within a day, else with its date."""
    local = timezone.localtime(at)
    if curve.step >= timedelta(days=1):
        return f"{local:%m-%d}"
    within_a_day = timezone.localtime(curve.starts[0]).date() == timezone.localtime(curve.starts[-1]).date()
    return f"{local:%H:%M}" if within_a_day else f"{local:%m-%d %H:%M}"


def step_words(step: timedelta) -> str:
    if step < timedelta(hours=1):
        return _("every %(n)d minutes") % {"n": step // timedelta(minutes=1)}
    hours = step // timedelta(hours=1)
    return _("every hour") if hours == 1 else _("every day") if hours == 24 else _("every %(n)d hours") % {"n": hours}


# --- severity --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ItemRow:
    """One thing that was weighed, as a line: what was found, its score, its points, and the posts behind it."""

    code: str
    label: str | Promise
    found: str
    score: float | None
    points: float
    url: str


@dataclass(frozen=True, slots=True)
class FactorBar:
    code: str
    label: str | Promise
    score: float | None
    points: float
    items: list[ItemRow]


@dataclass(frozen=True, slots=True)
class Arranged:
    """What the numbers leave out, in words, and where its posts are."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class RedLine:
    """url: its posts, where the figures found it; else a person said so."""

    label: str | Promise
    url: str


@dataclass(frozen=True, slots=True)
class Bars:
    """What the formula says of some inputs: the index as three bars, and a level. index: None with nothing known."""

    index: float | None
    confidence: int
    factors: list[FactorBar]
    suggestion: str
    suggestion_words: str | Promise


@dataclass(frozen=True, slots=True)
class Summary:
    """An assessment as three bars whose points add up to the index to the shown digit."""

    assessment: Assessment
    index: float
    confidence: int  # per cent
    factors: list[FactorBar]
    red_lines: list[RedLine]
    arranged: Arranged
    suggestion: str  # code of what it comes to, a person's word before the formula's
    suggestion_words: str | Promise
    formula_words: str | Promise  # what the formula suggests, where a person says otherwise; else empty
    overruled: list[tuple[str | Promise, float]]  # factors a person gave another score
    entered: dict[str, Any]


def summary(assessment: Assessment) -> Summary:
    incident, parts = assessment.incident, assessment.parts
    shown = severity.shown_points(assessment.severity, [factor["points"] for factor in parts["factors"]])
    return Summary(
        assessment=assessment,
        index=round(assessment.severity, 1),
        confidence=round(assessment.confidence * 100),
        factors=[
            FactorBar(
                code=factor["code"],
                label=FACTORS[factor["code"]],
                score=factor["score"],
                points=points,
                items=[
                    ItemRow(
                        code=item["code"],
                        label=ITEMS[item["code"]],
                        found=found(item["code"], assessment.inputs, parts["evidence"]),
                        score=item["score"],
                        points=item["points"],
                        url=posts_url(incident, parts["evidence"].get(item["code"])),
                    )
                    for item in factor["items"]
                ],
            )
            for factor, points in zip(parts["factors"], shown, strict=True)
        ],
        red_lines=[
            RedLine(RED_LINES[code], posts_url(incident, parts["evidence"].get(code))) for code in assessment.red_lines
        ],
        arranged=arranged(incident, assessment.inputs, parts["evidence"]),
        suggestion=assessment.advice,
        suggestion_words=SUGGESTIONS[assessment.advice],
        formula_words=SUGGESTIONS[assessment.suggestion] if assessment.advice != assessment.suggestion else "",
        overruled=[(FACTORS[code], score) for code, score in assessment.inputs.get("overruled", {}).items()],
        entered=parts["entered"],
    )


def bars(result: severity.Severity) -> Bars:
    index = result.index or 0.0
    shown = severity.shown_points(index, [factor.points for factor in result.factors])
    return Bars(
        index=None if result.index is None else round(index, 1),
        confidence=round(result.confidence * 100),
        factors=[
            FactorBar(factor.code, FACTORS[factor.code], factor.score, points, [])
            for factor, points in zip(result.factors, shown, strict=True)
        ],
        suggestion=result.suggestion,
        suggestion_words=SUGGESTIONS[result.suggestion],
    )


def arranged(incident: Incident, inputs: Mapping[str, Any], evidence: Mapping[str, dict[str, Any]]) -> Arranged:
    """How many posts of arranged bursts are not counted; what was assessed before they were told apart says so."""
    if "coordinated" not in inputs:
        return Arranged(_("Arranged bursts were not told apart then."), "")
    number = inputs["coordinated"]
    if number is None:
        return Arranged(_("Arranged bursts: unknown; no source tells the age or followers of accounts."), "")
    if not number:
        return Arranged(_("No arranged burst was found among the accounts we know of."), "")
    words = ngettext(
        "%(n)s post in arranged bursts is not counted.", "%(n)s posts in arranged bursts are not counted.", number
    ) % {"n": f"{number:,}"}
    return Arranged(words, posts_url(incident, evidence.get("coordinated")))


def measured_rows(incident: Incident, reading: Reading) -> list[ItemRow]:
    """What the figures say now, before anybody assesses."""
    result = severity.compute(reading.inputs)
    return [
        ItemRow(
            code=item.code,
            label=ITEMS[item.code],
            found=found(item.code, reading.inputs.as_stored(), reading.evidence),
            score=item.score,
            points=item.points,
            url=posts_url(incident, reading.evidence.get(item.code)),
        )
        for factor in result.factors
        for item in factor.items
    ]


def found(code: str, inputs: dict[str, Any], evidence: dict[str, dict[str, Any]]) -> str:
    """What an item rests on, in words; unknown is said."""
    unknown = pgettext("a factor", "unknown")
    if code in ANSWERS:
        answer = inputs[code]
        return unknown if answer is None else str(ANSWERS[code][answer])
    if code == "interaction":
        numbers = [inputs[name] for name in ("reposts", "reads", "plays")]
        words = (_("%(n)s reposts"), _("%(n)s reads"), _("%(n)s plays"))
        known = [word % {"n": f"{n:,}"} for word, n in zip(words, numbers, strict=True) if n is not None]
        return pgettext("between items of a list", ", ").join(known) or unknown
    if code == "growth":
        base = inputs["previous_hourly"]
        if not base:
            return unknown
        return _("%(now)s in the last hour, %(before)s an hour before") % {
            "now": inputs["last_hour"],
            "before": f"{base:.1f}",
        }
    if code == "negative_share":
        share = inputs["negative_share"]
        return unknown if share is None else f"{share:.0%}"
    value = inputs["posts" if code == "volume" else code]
    names = pgettext("between items of a list", ", ").join(evidence.get(code, {}).get("names", []))
    return unknown if value is None else f"{value:,}" + (f" ({names})" if names else "")


def posts_url(incident: Incident, evidence: dict[str, Any] | None) -> str:
    """The posts page narrowed to what a number counts; empty where no post stands behind it.

    What is not counted in posts (the letters of regulators) brings the address of its own page.
    """
    if not evidence or not evidence.get("number"):
        return ""
    if "url" in evidence:
        return str(evidence["url"])
    query = {name: value for name, value in evidence["query"].items() if value}
    return f"{reverse('incidents:posts', args=[incident.number])}?{urlencode(query)}"
