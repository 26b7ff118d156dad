"""Reads of the library of holding texts."""

from datetime import date, timedelta

from django.db.models import QuerySet

from accounts import clock
from accounts.models import User
from accounts.roles import SIGNING_LEADERS, TEAM
from accounts.selectors import stands_in, with_stand_ins
from incidents.levels import Level
from incidents.selectors.approvals import Waiting
from response.models import HoldingSignature, HoldingText
from response.permissions import Voices, signs_as, voices_of


def holding_texts() -> QuerySet[HoldingText]:
    """All of them but the retired, by name, with who wrote and who signed."""
    return HoldingText.objects.exclude(state=HoldingText.State.RETIRED).prefetch_related(
        "writers__groups", "signoffs__person"
    )


def texts_in_force(today: date) -> list[HoldingText]:
    """Those that may be used today."""
    return list(HoldingText.objects.filter(state=HoldingText.State.APPROVED, expires_on__gte=today))


def place_for(person: User, text: HoldingText, voices: Voices | None = None) -> HoldingSignature | None:
    """The place this person may sign now, if any."""
    if not text.is_in_review or text.is_returned:
        return None
    return next((one for one in text.signoffs.all() if one.is_waiting and signs_as(person, one, voices)), None)


def signers_of(text: HoldingText) -> list[User]:
    """Everybody who may sign it now, those who stand in for somebody included."""
    near = with_stand_ins(*TEAM, *SIGNING_LEADERS, now=clock.now()).prefetch_related("groups")
    return [person for person in near if place_for(person, text) is not None]


def holding_waiting_for(person: User) -> list[HoldingText]:
    """The texts this person may sign now."""
    if not person.holds(*TEAM, *SIGNING_LEADERS) and not stands_in(person, clock.now()):
        return []
    waiting = list(holding_texts().filter(state=HoldingText.State.IN_REVIEW))
    voices = voices_of(person) if waiting else {}
    return [text for text in waiting if place_for(person, text, voices)]


def holding_texts_waiting(person: User) -> list[Waiting]:
    """For 待我审批 (settings.APPROVAL_HOOKS): written in peacetime, so it may wait a day."""
    return [
        Waiting("response/_holding_waiting.html", text, text.saved_at + timedelta(days=1), Level.UNSET)
        for text in holding_waiting_for(person)
    ]
