"""Who does a task: from the plan's role letters to a person of the desk."""

from accounts.models import Speciality, User
from accounts.roles import Role
from incidents.models import Incident

LETTER_ROLES: dict[str, tuple[Role, ...]] = {
    "L": (Role.LEADER_HEAD,),
    "D": (Role.LEADER_DEPUTY,),
    "M": (Role.LEADER_MEMBER,),
    "W": (Role.TEAM_HEAD,),
    "PR": (Role.TEAM_MEMBER, Role.TEAM_HEAD),
    "LEG": (Role.TEAM_MEMBER, Role.TEAM_HEAD),
    "MKT": (Role.TEAM_MEMBER, Role.TEAM_HEAD),
    "TEC": (Role.TEAM_MEMBER, Role.TEAM_HEAD),
    "S": (Role.SPOKESPERSON, Role.ALTERNATE),
    "MON": (Role.MONITOR,),
    "DEP": (Role.DEPARTMENT_HEAD,),
}
LETTER_SPECIALITY = {
    "PR": Speciality.PR,
    "LEG": Speciality.LEGAL,
    "MKT": Speciality.MARKET,
    "TEC": Speciality.TECH,
}


class Owners:
    """The people who may own tasks of one incident, read once (three queries), asked as often as needed."""

    def __init__(self, incident: Incident) -> None:
        roles = {role for roles in LETTER_ROLES.values() for role in roles}
        self.people = list(User.objects.holding(*roles).prefetch_related("groups").select_related("department"))
        self.members = set(incident.memberships.filter(removed_at__isnull=True).values_list("person_id", flat=True))
        self.incident = incident

    def candidates(self, letter: str) -> list[User]:
        """Everybody a letter may mean, the likeliest first: by the order of its roles, then those on the incident.

        DEP means the head of the owning department; without an owning department nobody.
        """
        roles, speciality = LETTER_ROLES[letter], LETTER_SPECIALITY.get(letter)
        fitting = [
            person
            for person in self.people
            if person.holds(*roles)
            and (speciality is None or person.speciality == speciality)
            and (letter != "DEP" or (person.department_id and person.department_id == self.incident.department_id))
        ]

        def rank(person: User) -> tuple[int, bool, bool, int]:
            place = min(place for place, role in enumerate(roles) if person.holds(role))
            return place, person.pk != self.incident.lead_id, person.pk not in self.members, person.pk

        return sorted(fitting, key=rank)

    def for_letters(self, letters: str) -> tuple[User | None, User | None]:
        """Owner and deputy for the plan's letters ("W/L/S"): the first letter owns, whoever comes next stands in.

        The owner is None when nobody holds the first letter: the task then needs one.
        """
        first, *others = letters.split("/")
        own = self.candidates(first)
        owner = own[0] if own else None
        next_ones = [person for letter in others for person in self.candidates(letter)] + own[1:]
        return owner, next((person for person in next_ones if person != owner), None)
