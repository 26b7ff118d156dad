"""Proposals of the desk as they are read, and the calm they and the decision pages speak of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from incidents.calm import HOUR, Calm, Hour, calm_at
from incidents.figures import WINDOW, floor
from incidents.levels import LEVEL_STAGES, Level
from incidents.models import Incident, LevelProposal, SeverityHour
from incidents.permissions import last_decision, may
from incidents.words import RED_LINES


def open_proposals() -> QuerySet[LevelProposal]:
    """At most one an incident, while its level can still be decided."""
    return LevelProposal.objects.filter(
        state=LevelProposal.State.OPEN, incident__stage__in=LEVEL_STAGES
    ).select_related("assessment")


def proposals_waiting(user: User) -> list[LevelProposal]:
    """What this person may take up, the newest first."""
    seen = open_proposals().filter(incident__in=Incident.everywhere.visible_to(user)).select_related("incident")
    return [proposal for proposal in seen if may(user, "take_up_proposal", proposal)]


@dataclass(frozen=True, slots=True)
class Shown:
    """An open proposal on its incident's page, with what this person may do about it."""

    proposal: LevelProposal
    what: str
    reasons: list[str]
    may_take_up: bool
    may_dismiss: bool


def shown_proposal(user: User, incident: Incident) -> Shown | None:
    proposal = open_proposals().filter(incident=incident).first()
    if proposal is None:
        return None
    proposal.incident = incident
    return Shown(
        proposal,
        what_is_proposed(proposal),
        [reason_words(reason) for reason in proposal.reasons],
        may(user, "take_up_proposal", proposal),
        may(user, "dismiss_proposal", proposal),
    )


def in_words(proposal: LevelProposal) -> str:
    """Why it is proposed, in one sentence with its numbers."""
    return pgettext("between two remarks", "; ").join(reason_words(reason) for reason in proposal.reasons)


def reason_words(reason: dict[str, Any]) -> str:
    match reason["code"]:
        case "red_line":
            line = str(RED_LINES[reason["line"]])
            if not reason["number"]:
                return _("red line: %(line)s") % {"line": line}
            posts = ngettext("%(n)s post", "%(n)s posts", reason["number"]) % {"n": reason["number"]}
            return _("red line: %(line)s (%(posts)s)") % {"line": line, "posts": posts}
        case "index":
            if reason["before"] is None:
                return _("severity %(now)s") % reason
            return _("severity %(now)s, at the last assessment %(before)s") % reason
        case "posts":
            if not reason["base"]:
                return _("%(day)s posts in 24 hours, %(hour)s in the last one") % reason
            base = f"{reason['base']:.1f}"
            words = _("%(day)s posts in 24 hours, %(hour)s in the last one, %(base)s an hour before")
            return words % {**reason, "base": base}
        case "calm":
            return _("%(hours)s hours in a row below %(below)s, the highest at %(highest)s") % reason
        case "other_days":
            if not reason["compared"]:
                return _("no other days to compare with yet")
            return _("no louder than the same hours of other days (%(compared)s of %(hours)s hours compared)") % reason
    raise ValueError(f"{reason['code']} is no reason of a proposal")


def what_is_proposed(proposal: LevelProposal) -> str:
    return _("the end of the response") if proposal.is_end else str(Level(proposal.to_level).label)


# --- calm ------------------------------------------------------------------------------------------------------------
def hours_of(rows: Iterable[SeverityHour]) -> list[Hour]:
    return [Hour(row.at, row.severity, row.posts, row.unusual_from) for row in rows]


def calm_since(incident: Incident) -> datetime:
    """From when calm counts: a level, a response or a refusal of the desk's proposal begins it anew."""
    decision = last_decision(incident)
    dismissed = incident.proposals.filter(state=LevelProposal.State.DISMISSED).order_by("-answered_at").first()
    times = [
        incident.opened_at,
        incident.activated_at,
        (decision.decided_at or decision.requested_at) if decision else None,
        dismissed.answered_at if dismissed else None,
    ]
    return max(at for at in times if at is not None)


def calm_of(incident: Incident, now: datetime) -> Calm | None:
    """How long it has been calm at the level it has, counted over the hours looked at; None without a level."""
    if not incident.level:
        return None
    rows = SeverityHour.objects.filter(incident=incident, at__gt=now - 2 * WINDOW)
    return calm_at(hours_of(rows), incident.level, floor(now, HOUR), calm_since(incident))
