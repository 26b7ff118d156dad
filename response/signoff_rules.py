"""Which signatures a statement needs, by level. Pure."""

from incidents.levels import Level
from response.models import SignOff

Place = SignOff.Place


def places_needed(level: int, *, is_flagged: bool) -> list[str]:
    """三级: 工作组组长, and 法务 if the checks flag it; 二级 and 一级: 法务, 工作组组长 and a leader.

    Who may sign in each place: response.permissions. Raises ValueError for an incident without a level.
    """
    if level == Level.UNSET:
        raise ValueError("a level is needed to know who signs")
    if level == Level.THREE:
        return [Place.LEGAL, Place.TEAM_HEAD] if is_flagged else [Place.TEAM_HEAD]
    return [Place.LEGAL, Place.TEAM_HEAD, Place.LEADER]
