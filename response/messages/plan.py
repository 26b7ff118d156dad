"""Notices about the plan."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from notices.models import Urgency
from response.messages.common import Message, in_company_language
from response.models import (
    PlanVersion,
)


@in_company_language
def standing_authority(plan: PlanVersion, actor: User) -> Message:
    subject = _("%(who)s ended the standing authority: level three is decided by the leadership group again")
    if plan.gives_standing_authority:
        subject = _("%(who)s gave the standing authority: the working group head may decide level three alone")
    return {
        "event": "response.standing_authority",
        "subject": subject % {"who": actor},
        "url": reverse("response:plan"),
        "urgency": Urgency.CALM,
    }


@in_company_language
def plan_proposed(plan: PlanVersion) -> Message:
    return {
        "event": "response.plan_proposed",
        "subject": _("%(person)s lays version %(number)s of the plan before you")
        % {"person": plan.proposed_by, "number": plan.number},
        "body": plan.reason,
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def plan_returned(plan: PlanVersion, by: User, reason: str) -> Message:
    return {
        "event": "response.plan_returned",
        "subject": _("%(person)s returned version %(number)s of the plan") % {"person": by, "number": plan.number},
        "body": reason,
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def plan_adopted(plan: PlanVersion) -> Message:
    return {
        "event": "response.plan_adopted",
        "subject": _("Version %(number)s of the plan is in force") % {"number": plan.number},
        "body": _("Incidents that are running keep the version they began with. %(reason)s") % {"reason": plan.reason},
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }
