"""The roles, once: codes (they are the group names), words, and how long a session of each may last."""

from collections.abc import Collection
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is at the desk. A person may hold several; the three officers hold nothing else."""

    LEADER_HEAD = "leader_head", _("leadership group head")
    LEADER_DEPUTY = "leader_deputy", _("leadership group deputy")
    LEADER_MEMBER = "leader_member", _("leadership group member")
    TEAM_HEAD = "team_head", _("working group head")
    TEAM_MEMBER = "team_member", _("working group member")
    SPOKESPERSON = "spokesperson", _("spokesperson")
    ALTERNATE = "alternate", _("alternate spokesperson")
    MONITOR = "monitor", _("monitor on duty")
    DEPARTMENT_HEAD = "department_head", _("department head")
    DEPARTMENT_STAFF = "department_staff", _("department staff")
    SYSTEM_ADMIN = "system_admin", _("system administrator")
    SECURITY_ADMIN = "security_admin", _("security administrator")
    AUDITOR = "auditor", _("auditor")


LEADERS = (Role.LEADER_HEAD, Role.LEADER_DEPUTY, Role.LEADER_MEMBER)
SIGNING_LEADERS = (Role.LEADER_HEAD, Role.LEADER_DEPUTY)
TEAM = (Role.TEAM_HEAD, Role.TEAM_MEMBER)
SPEAKERS = (Role.SPOKESPERSON, Role.ALTERNATE)
OFFICERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
DEPARTMENTS = (Role.DEPARTMENT_HEAD, Role.DEPARTMENT_STAFF)

# Granting or taking one of these needs a second person, and the leadership group is told.
TWO_PERSON_ROLES = frozenset({*LEADERS, *SPEAKERS})

# Whose name opens what no single person may open alone: their chat accounts, too, need a second person.
VOICES = TWO_PERSON_ROLES | frozenset(OFFICERS)

# Somebody must hold these: the last holder keeps the role until there is another.
INDISPENSABLE = frozenset({Role.LEADER_HEAD, Role.SECURITY_ADMIN})

# (idle, absolute). Those who decide on a phone keep a session through a working day; officers do not.
SESSION_LIMITS: dict[str, tuple[timedelta, timedelta]] = {
    **dict.fromkeys(OFFICERS, (timedelta(minutes=15), timedelta(hours=8))),
    **dict.fromkeys(LEADERS, (timedelta(hours=12), timedelta(hours=12))),
}
SESSION_LIMIT_OF_OTHERS = (timedelta(minutes=30), timedelta(hours=12))


def session_limits(roles: Collection[str]) -> tuple[timedelta, timedelta]:
    """How long a session with these roles may lie idle, and may last at all. An officer's limits come first."""
    return next((limits for role, limits in SESSION_LIMITS.items() if role in roles), SESSION_LIMIT_OF_OTHERS)
