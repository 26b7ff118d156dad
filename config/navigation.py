"""Where a person can go: one table, asked for the rail, the phone's tabs, the `g` keys and the counts.

An address or a count that does not exist yet is left out, so no page breaks while a part of the desk is being built.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.roles import DEPARTMENTS, LEADERS, SPEAKERS, TEAM, Role

ROLES = frozenset(Role.values)
WORKERS = frozenset({*LEADERS, *TEAM, *SPEAKERS, *DEPARTMENTS, Role.MONITOR})
READERS = WORKERS - {Role.DEPARTMENT_STAFF}


@dataclass(frozen=True)
class Item:
    """One place to go. `roles` None means everybody, whoever has a role or not.

    `counts` are dotted names of selectors, added up; one that `needs_me` is red. `tab` is the short name on a phone.
    """

    label: str | Promise
    url_name: str
    icon: str
    roles: frozenset[str] | None = None
    counts: tuple[str, ...] = ()
    needs_me: bool = False
    key: str = ""
    tab: str | Promise = ""

    @property
    def url(self) -> str | None:
        """Its address, or None while nobody has made that page."""
        return address(self.url_name)

    def count_for(self, user: Any) -> int | None:
        """How many things wait there for this person; None where nothing is counted."""
        counters = [counter for counter in map(selector, self.counts) if counter]
        return sum(counter(user) for counter in counters) if counters else None


SECTIONS: list[tuple[str | Promise, list[Item]]] = [
    (
        "",
        [
            Item(_("Situation today"), "home", "house", key="h", tab=pgettext_lazy("tab", "Today")),
            Item(
                pgettext_lazy("navigation", "Triage"),
                "monitoring:inbox",
                "inbox",
                READERS,
                ("monitoring.selectors.waiting_count",),
                key="i",
                tab=pgettext_lazy("tab", "Triage"),
            ),
            Item(
                _("Signals"),
                "monitoring:signals",
                "siren",
                READERS,
                ("monitoring.selectors.signals_open_count",),
                key="w",
            ),
            Item(
                _("Incidents"),
                "incidents:list",
                "flag",
                WORKERS | {Role.AUDITOR},
                ("incidents.selectors.lists.open_count",),
                key="e",
                tab=pgettext_lazy("tab", "Incidents"),
            ),
            Item(
                _("My approvals"),
                "incidents:approvals",
                "check",
                WORKERS,  # whoever stands in for somebody who is away may hold any of these roles
                ("incidents.selectors.approvals.approvals_waiting_count",),
                needs_me=True,
                key="a",
                tab=pgettext_lazy("tab", "Approvals"),
            ),
            Item(
                _("My tasks"),
                "response:my-tasks",
                "list-todo",
                WORKERS,
                ("response.selectors.tasks.open_task_count",),
                key="t",
                tab=pgettext_lazy("tab", "Tasks"),
            ),
            Item(
                _("Letters and calls"),
                "response:incoming",
                "mail",
                WORKERS | {Role.AUDITOR},
                ("response.selectors.incoming.overdue_count",),
                key="l",
            ),
            Item(_("Statements and lines"), "response:statements", "file-text", WORKERS, key="s"),
            Item(_("Search"), "search", "search", READERS, key="f"),
            Item(_("Notices"), "notices:inbox", "bell", None, ("notices.selectors.unread_count",), key="n"),
        ],
    ),
    (
        _("Analysis"),
        [
            Item(_("Trends"), "opinion:trends", "chart-line", READERS, key="r"),
            Item(_("Topics"), "opinion:topics", "messages-square", READERS, key="o"),
            Item(_("Watches"), "opinion:watches", "radar", READERS),
            Item(_("Scoring quality"), "opinion:quality", "gauge", READERS),
            Item(
                _("Sources"),
                "monitoring:sources",
                "rss",
                ROLES,
                ("monitoring.selectors.silent_count",),
            ),
            Item(
                _("Duty"),
                "monitoring:duty",
                "calendar-clock",
                frozenset({*LEADERS, *TEAM, Role.MONITOR, Role.AUDITOR}),
                key="d",
            ),
            Item(
                _("Vendors"),
                "monitoring:vendors",
                "satellite-dish",
                frozenset({*LEADERS, *TEAM, Role.MONITOR, Role.SYSTEM_ADMIN}),
            ),
            Item(
                _("Contact directory"),
                "response:contacts",
                "contact-round",
                frozenset({*LEADERS, *TEAM, *SPEAKERS}),
                key="c",
            ),
            Item(_("On-time rate"), "incidents:timeliness", "timer", WORKERS | {Role.AUDITOR}),
            Item(_("Response plan"), "response:plan", "book-open", WORKERS),
            Item(
                _("What is out"),
                "response:publications",
                "radio-tower",
                frozenset({*LEADERS, *TEAM, *SPEAKERS, Role.SYSTEM_ADMIN, Role.AUDITOR}),
            ),
        ],
    ),
    (
        _("Administration"),
        [
            Item(_("People and authority"), "accounts:people", "users", ROLES),
            Item(_("Personal data"), "opinion:personal", "user-lock", frozenset({Role.TEAM_HEAD, Role.AUDITOR})),
            Item(_("Notice channels"), "notices:channels", "megaphone", frozenset({Role.SYSTEM_ADMIN, Role.AUDITOR})),
            Item(_("Audit trail"), "audit:trail", "scroll-text", frozenset({Role.AUDITOR})),
            Item(_("Settings"), "accounts:settings", "settings"),
        ],
    ),
]


@cache
def address(url_name: str) -> str | None:
    """The address of a page by its URL name, or None where there is none yet. Looked up once a process."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


@cache
def selector(dotted: str) -> Callable[[Any], int] | None:
    """The function a dotted name stands for, or None where it is not written yet. Errors inside its module show."""
    module_name, _dot, name = dotted.rpartition(".")
    if find_spec(module_name) is None:
        return None
    return getattr(import_module(module_name), name, None)


def items_for(user: Any) -> Iterable[tuple[str | Promise, list[Item]]]:
    """The sections with the items this person may see and that lead somewhere; empty sections are left out."""
    if not user.is_authenticated:
        return
    for heading, items in SECTIONS:
        seen = [item for item in items if item.url and (item.roles is None or user.holds(*item.roles))]
        if seen:
            yield heading, seen


def current(path: str, items: Iterable[Item]) -> str:
    """URL name of the item a path lies under: the longest address that begins it. The home page only by itself."""
    under = [item for item in items if item.url and path.startswith(item.url) and (item.url != "/" or path == "/")]
    return max(under, key=lambda item: len(item.url or "")).url_name if under else ""
