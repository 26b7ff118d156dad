"""The demo people, one per role. The tests' fixed cast is the same people (tests/cast.py)."""

from accounts.models import Speciality
from accounts.roles import Role

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

# user name: (name, job title, department code, roles, speciality)
PEOPLE: dict[str, tuple[str, str, str, list[str], str]] = {
    "monitor": ("孟听", "监测专员", "pr", [Role.MONITOR], Speciality.NONE),
    "pr": ("周妍", "公关部经理", "pr", [Role.TEAM_HEAD], Speciality.PR),
    "legal": ("陈序", "法务专员", "legal", [Role.TEAM_MEMBER], Speciality.LEGAL),
    "market": ("何岩", "市场专员", "market", [Role.TEAM_MEMBER], Speciality.MARKET),
    "tech": ("顾行", "技术工程师", "tech", [Role.TEAM_MEMBER], Speciality.TECH),
    "gm": ("王立群", "总经理", "board", [Role.LEADER_HEAD], Speciality.NONE),
    "deputy": ("沈知远", "副总经理", "board", [Role.LEADER_DEPUTY], Speciality.NONE),
    "member": ("罗敏", "市场部负责人", "market", [Role.LEADER_MEMBER], Speciality.NONE),
    "spokesperson": ("苏青", "新闻发言人", "pr", [Role.SPOKESPERSON], Speciality.NONE),
    "alternate": ("叶蓁", "备选发言人", "pr", [Role.ALTERNATE], Speciality.NONE),
    "head": ("杜衡", "运营部负责人", "operations", [Role.DEPARTMENT_HEAD], Speciality.NONE),
    "dept": ("江禾", "门店督导", "operations", [Role.DEPARTMENT_STAFF], Speciality.NONE),
    "auditor": ("严明", "审计员", "audit", [Role.AUDITOR], Speciality.NONE),
    "security": ("安恕", "安全管理员", "it", [Role.SECURITY_ADMIN], Speciality.NONE),
    "admin": ("纪元", "系统管理员", "it", [Role.SYSTEM_ADMIN], Speciality.NONE),
}
