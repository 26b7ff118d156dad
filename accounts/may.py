"""How permission is asked: each app has one table MAY; an act is allowed when every rule of its row holds.

    MAY: Table = {"approve_level": [holds(Role.LEADER_HEAD), is_not_requester]}
    may, require = asking(MAY)

`is_superuser` is never looked at. An act without a row is a KeyError, not a yes.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User

Rule = Callable[[User, Any], bool]
Table = dict[str, list[Rule]]


def holds(*roles: str) -> Rule:
    """The person has one of these roles."""

    def rule(person: User, thing: Any) -> bool:
        return person.is_authenticated and person.holds(*roles)

    return rule


def any_of(*rules: Rule) -> Rule:
    """One of these rules is enough."""

    def rule(person: User, thing: Any) -> bool:
        return any(each(person, thing) for each in rules)

    return rule


def asking(table: Table) -> tuple[Callable[..., bool], Callable[..., None]]:
    """The two ways to ask a table: `may(person, act, thing)` says yes or no, `require(...)` raises PermissionDenied."""

    def may(person: User, act: str, thing: Any = None) -> bool:
        return all(rule(person, thing) for rule in table[act])

    def require(person: User, act: str, thing: Any = None) -> None:
        if not may(person, act, thing):
            raise PermissionDenied(act)

    return may, require
