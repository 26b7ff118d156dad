"""The fixed cast: one person per role of the design, the demo's people plus an outsider without any role."""

from django.contrib.auth.models import Group

from accounts.models import Department, User
from config.demo.people import DEPARTMENTS, PEOPLE

PASSWORD = "a quiet desk by the sea"
OUTSIDER: tuple[str, str, str, list[str], str] = ("路过", "", "operations", [], "")


def make_cast() -> dict[str, User]:
    """Create departments and people; returns them by user name."""
    departments = {code: Department.objects.create(code=code, name=name) for code, name in DEPARTMENTS.items()}
    groups = {group.name: group for group in Group.objects.all()}
    cast = {}
    for username, (name, title, department, roles, speciality) in {**PEOPLE, "outsider": OUTSIDER}.items():
        person = User(
            username=username,
            name=name,
            title=title,
            email=f"{username}@example.com",
            department=departments[department],
            speciality=speciality,
        )
        person.set_password(PASSWORD)
        person.save()
        person.groups.set(groups[role] for role in roles)
        cast[username] = person
    return cast
