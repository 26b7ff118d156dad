"""The ladder of levels, and who decides them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.roles import LEADERS
from incidents.levels import LEVELS, Level
from incidents.models import Incident, LevelRequest
from incidents.permissions import deciding_roles


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of the ladder: current, asked for, and who decides it."""

    level: Level
    is_current: bool
    is_asked: bool
    deciders: str


def ladder(incident: Incident, request: LevelRequest | None) -> list[Rung]:
    return [
        Rung(
            level=level,
            is_current=incident.level == level,
            is_asked=request is not None and request.to_level == level,
            deciders=deciders_in_words(incident.level, level),
        )
        for level in LEVELS
    ]


def deciders_in_words(*levels: int) -> str:
    """Who decides when these levels are at stake, short enough for a phone."""
    if set(deciding_roles(*levels)) == set(LEADERS):
        return _("any member of the leadership group")
    return _("group head or deputy")
