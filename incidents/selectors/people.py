"""Who works on an incident, and who is told."""

from collections.abc import Iterable

from accounts.models import User
from accounts.roles import LEADERS, Role
from accounts.selectors import people_with
from incidents.models import Incident, Membership


def people_of(incident: Incident) -> list[User]:
    """Its lead and members."""
    members = [each.person for each in Membership.objects.current().filter(incident=incident).select_related("person")]
    return [*members, incident.lead] if incident.lead else members


def may_see(incident: Incident, people: Iterable[User]) -> list[User]:
    """Those of them who may know of it."""
    return [person for person in people if Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()]


def told_of_decisions(incident: Incident) -> list[User]:
    """Everybody a decision on it is told to, each once."""
    heads = may_see(incident, people_with(Role.TEAM_HEAD))
    return list({person.pk: person for person in [*people_of(incident), *people_with(*LEADERS), *heads]}.values())
