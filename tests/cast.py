"""The fixed cast: one person per role of the design, the demo's people plus an outsider without any role."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import Department, User
from config.demo.people import DEPARTMENTS, PEOPLE

PASSWORD = "a quiet desk by the sea"
OUTSIDER: tuple[str, str, str, list[str], str] = ("路过", "", "operations", [], "")


def make_cast() -> dict[str, User]:
    """Create departments and people; returns them by user name."""
    made = Department.objects.bulk_create(Department(code=code, name=name) for code, name in DEPARTMENTS.items())
    departments = {department.code: department for department in made}
    groups = {group.name: group for group in Group.objects.all()}
    people = {**PEOPLE, "outsider": OUTSIDER}
    hashed = make_password(PASSWORD)
    rows = User.objects.bulk_create(  # a few queries instead of sixty: most tests begin with this
        User(
            username=username,
            name=name,
            title=title,
            email=f"{username}@example.com",
            department=departments[department],
            speciality=speciality,
            password=hashed,
        )
        for username, (name, title, department, _roles, speciality) in people.items()
    )
    cast = {person.username: person for person in rows}
    membership = User.groups.through
    membership.objects.bulk_create(
        membership(user=cast[username], group=groups[role]) for username, row in people.items() for role in row[3]
    )
    return cast
