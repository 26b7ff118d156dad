"""The desk's checklist: what the wording rules found, in a reader's words and language."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from response.channels import CHANNELS, label_of
from response.models import Fact
from response.models.plan import in_english
from response.templates_of_statements import template
from response.wording import Finding, rules


@dataclass(frozen=True, slots=True)
class Place:
    """A finding with its number in the page, for the link that leads to it, and what is said about it.

    field  the box of the desk it stands in, as a selector; is_let_pass: 法务 and 工作组组长 overrode it
    """

    number: int
    finding: Finding
    remark: str
    field: str
    is_let_pass: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist."""

    rule: str
    words: str
    advice: str
    blocks: bool
    places: list[Place]

    @property
    def passed(self) -> bool:
        return not self.places


def checklist(found: Sequence[Finding], *, kind: str, let_pass: Sequence[Finding] = ()) -> list[Check]:
    """Every rule that speaks about this template, with what it found, in the order of the table."""
    language = int(in_english())
    return [
        Check(
            rule.code,
            rule.kept[language],
            rule.advice[language],
            rule.blocks,
            [
                Place(number, one, remark(one, kind), f"#id_{field_of(one)}", one in let_pass)
                for number, one in enumerate(found)
                if one.rule == rule.code
            ],
        )
        for rule in rules().values()
        if rule.speaks_about(kind)
    ]


def field_of(finding: Finding) -> str:
    return finding.where if finding.where in ("title", "text") else f"words_{finding.where}"


def remark(finding: Finding, kind: str) -> str:
    """What is particular about this place: a fact's state, a length, the element that is missing, the channel."""
    words = finding.detail
    if finding.rule == "fact":
        words = _("there is no such fact") if words == "missing" else str(Fact.State(words).label)
    elif finding.rule == "element":
        element = template(kind).elements[int(words)]
        words = _("missing: %(element)s") % {"element": element.en if in_english() else element.zh}
    elif finding.rule == "channel":
        words = {"long": _("too long"), "link": _("the newsroom’s link is missing"), "topic": _("has a #topic#")}[words]
    if finding.where in CHANNELS:
        return " · ".join(part for part in (label_of(finding.where), words) if part)
    return words
