"""The fixed cast: one person per role of the design, the same user names as the demo people, plus an outsider."""

from django.contrib.auth.models import Group

from accounts.models import Department, Speciality, User
from accounts.roles import Role

PASSWORD = "a quiet desk by the sea"

# user name: (name, department code, roles, speciality)
PEOPLE: dict[str, tuple[str, str, list[str], str]] = {
    "monitor": ("孟听", "pr", [Role.MONITOR], ""),
    "pr": ("周妍", "pr", [Role.TEAM_HEAD], Speciality.PR),
    "legal": ("陈序", "legal", [Role.TEAM_MEMBER], Speciality.LEGAL),
    "market": ("何岩", "market", [Role.TEAM_MEMBER], Speciality.MARKET),
    "tech": ("顾行", "tech", [Role.TEAM_MEMBER], Speciality.TECH),
    "gm": ("王立群", "board", [Role.LEADER_HEAD], ""),
    "deputy": ("沈知远", "board", [Role.LEADER_DEPUTY], ""),
    "member": ("罗敏", "market", [Role.LEADER_MEMBER], ""),
    "spokesperson": ("苏青", "pr", [Role.SPOKESPERSON], ""),
    "alternate": ("叶蓁", "pr", [Role.ALTERNATE], ""),
    "head": ("杜衡", "operations", [Role.DEPARTMENT_HEAD], ""),
    "dept": ("江禾", "operations", [Role.DEPARTMENT_STAFF], ""),
    "auditor": ("严明", "audit", [Role.AUDITOR], ""),
    "security": ("安恕", "it", [Role.SECURITY_ADMIN], ""),
    "admin": ("纪元", "it", [Role.SYSTEM_ADMIN], ""),
    "outsider": ("路过", "operations", [], ""),
}
DEPARTMENTS = {
    "board": "总经理办公室",
    "pr": "公关部",
    "legal": "法务部",
    "market": "市场部",
    "tech": "技术部",
    "operations": "运营部",
    "audit": "审计部",
    "it": "信息部",
}


def make_cast() -> dict[str, User]:
    """Create departments and people; returns them by user name."""
    departments = {code: Department.objects.create(code=code, name=name) for code, name in DEPARTMENTS.items()}
    groups = {group.name: group for group in Group.objects.all()}
    cast = {}
    for username, (name, department, roles, speciality) in PEOPLE.items():
        person = User(
            username=username,
            name=name,
            email=f"{username}@example.com",
            department=departments[department],
            speciality=speciality,
        )
        person.set_password(PASSWORD)
        person.save()
        person.groups.set(groups[role] for role in roles)
        cast[username] = person
    return cast
