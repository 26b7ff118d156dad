"""The tabs over the people pages, and the ways in."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Platform
from accounts.permissions import may
from accounts.platforms.sign_in import open_ways
from accounts.selectors import role_changes_to_decide

register = template.Library()


@register.simple_tag
def chat_sign_ins() -> list[Platform]:
    """`{% chat_sign_ins as platforms %}`: the platforms whose accounts open this desk."""
    return open_ways()


@register.inclusion_tag("accounts/_tabs.html", takes_context=True)
def people_tabs(context: template.Context, here: str) -> dict[str, Any]:
    """`{% people_tabs "letters" %}`: links to the pages this person may see; `here` is the URL name of this one."""
    viewer = context["user"]
    tabs: list[tuple[str, str, int | None]] = []
    if may(viewer, "see_people"):
        tabs.append(("people", _("People"), None))
    if may(viewer, "see_role_changes"):
        tabs.append(("role-changes", _("Role changes"), role_changes_to_decide(viewer).count()))
    if may(viewer, "see_people"):
        tabs += [("letters", _("Letters of authority"), None), ("break-glass", _("Break-glass"), None)]
    tabs.append(("delegation", _("Delegation"), None))
    if may(viewer, "change_departments"):
        tabs.append(("departments", _("Departments"), None))
    return {"tabs": [(reverse(f"accounts:{name}"), label, count, name == here) for name, label, count in tabs]}
