"""What the command centre shows: who can be called, and who is on."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import SIGNING_LEADERS, SPEAKERS, Role
from accounts.selectors import people_with
from incidents.models import Incident
from monitoring.selectors.duty import on_duty


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the call sheet: who, what for, how to reach them, and since when they are on (None: not on)."""

    person: User
    function: str
    is_member: bool
    on_since: datetime | None


def call_sheet(incident: Incident, now: datetime) -> list[Contact]:
    """Those who are on first, then the other members, then whom a bad night needs besides: leaders, head, speakers,
    and whoever is on duty. Each person once.
    """
    members = {
        member.person_id: Contact(member.person, member.function, True, member.on_since)
        for member in incident.memberships.current().select_related("person__department").order_by("added_at", "pk")
    }
    needed = people_with(*SIGNING_LEADERS, Role.TEAM_HEAD, *SPEAKERS).select_related("department")
    others = {person.pk: Contact(person, "", False, None) for person in [*needed, *on_duty(now)]}
    known = list(members.values())
    return [
        *sorted((each for each in known if each.on_since), key=lambda each: str(each.on_since)),
        *(each for each in known if not each.on_since),
        *(each for pk, each in others.items() if pk not in members),
    ]
