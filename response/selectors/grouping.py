"""Who is offered for an emergency working group: by the letters of the plan's lines for the level."""

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.models.plan import ROLE_WORDS
from response.owners import Owners
from response.selectors.plan import plan_of

NOT_IN_A_GROUP = ("L", "D", "M")  # the leadership decides; it works in no group


def offered_for(incident: Incident) -> list[tuple[User, str, bool]]:
    """(person, what they would do, whether the plan's lines of its level name them first), the chosen ones on top.

    Without a level the lines of 二级 count, whose first task the group is (practice.md C5).
    """
    plan, owners = plan_of(incident), Owners(incident)
    lines = plan.tasks.filter(level=incident.level or Level.TWO).values_list("roles", flat=True) if plan else []
    letters = {letter for roles in lines for letter in roles.split("/")}
    functions: dict[User, str] = {}
    chosen = {person for person in owners.people if person.pk == incident.lead_id}
    for letter, word in ROLE_WORDS.items():
        if letter in NOT_IN_A_GROUP:
            continue
        for place, person in enumerate(owners.candidates(letter)):
            functions.setdefault(person, str(word))
            if place == 0 and letter in letters:
                chosen.add(person)
    known = {member.person_id: member.function for member in incident.memberships.current() if member.function}
    people = sorted(functions, key=lambda person: (person not in chosen, person.department_id or 0, person.pk))
    return [(person, known.get(person.pk) or functions[person], person in chosen) for person in people]
