"""The desk's checklist: what the wording rules found, in a reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from response.models import Fact
from response.wording import RULES, Finding

# rule: (what is so when it is kept, what to do when it is not)
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "slot": (_("Every slot of the template is filled"), _("Fill it in, or take it out.")),
    "fact": (
        _("Only verified facts are quoted as facts"),
        _("Quote what is verified, or say that it is being checked."),
    ),
    "personal": (_("No personal information"), _("A mobile or identity number must not be published.")),
    "absolute": (_("No absolute words"), _("One exception makes it untrue: say what you know.")),
    "blame": (_("Nobody is blamed"), _("It shifts or plays down responsibility.")),
    "threat": (_("No threat before sympathy"), _("Say first what you are sorry for.")),
    "apology_denial": (
        _("No apology and denial together"),
        _("Deny or apologise: both together is believed by nobody."),
    ),
    "next_update": (_("Says when the next word comes"), _("Add when and where you will say more.")),
    "length": (_("Short enough"), _("A first statement has at most 200 characters.")),
}
MISSING = _("there is no such fact")


@dataclass(frozen=True, slots=True)
class Place:
    """A finding with its number in the page, for the link that leads to it, and what is said about it."""

    number: int
    finding: Finding
    remark: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist."""

    rule: str
    words: str | Promise
    advice: str | Promise
    blocks: bool
    places: list[Place]

    @property
    def passed(self) -> bool:
        return not self.places


def checklist(found: Sequence[Finding]) -> list[Check]:
    """Every rule with what it found, in the order of the rules."""
    return [
        Check(
            rule,
            *WORDS[rule],
            blocks,
            [Place(number, one, remark(one)) for number, one in enumerate(found) if one.rule == rule],
        )
        for rule, blocks in RULES.items()
    ]


def remark(finding: Finding) -> str:
    """What is particular about this place: a fact's state, a length."""
    if finding.rule == "fact":
        return str(MISSING) if finding.detail == "missing" else str(Fact.State(finding.detail).label)
    return finding.detail
