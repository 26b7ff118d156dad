"""Reads of internal lines."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import SIGNING_LEADERS, Role
from accounts.selectors import people_with
from incidents.models import Incident
from incidents.selectors.approvals import Waiting, wanted_by
from incidents.selectors.people import may_see
from response.models import Line
from response.permissions import may


def lines_of(incident: Incident) -> QuerySet[Line]:
    return incident.lines.select_related("written_by", "approved_by").prefetch_related("writers__groups")


def approvers_of(line: Line) -> list[User]:
    """Who may approve it, and may see the incident."""
    near = people_with(Role.TEAM_HEAD, *SIGNING_LEADERS).prefetch_related("groups")
    return may_see(line.incident, [person for person in near if may(person, "approve_line", line)])


def lines_waiting_for(person: User) -> list[Line]:
    """The drafts this person may approve, of incidents they may see."""
    if not person.holds(Role.TEAM_HEAD, *SIGNING_LEADERS):
        return []
    drafts = Line.objects.filter(state=Line.State.DRAFT, incident__in=Incident.everywhere.visible_to(person))
    near = drafts.select_related("incident__exercise", "written_by").prefetch_related("writers__groups")
    return [line for line in near if may(person, "approve_line", line)]


def lines_waiting(person: User) -> list[Waiting]:
    """For 待我审批 (settings.APPROVAL_HOOKS): by when a decision of its level would be."""
    return [
        Waiting(
            "response/_line_waiting.html",
            line,
            wanted_by(line.saved_at, line.incident.level),
            line.incident.level,
        )
        for line in lines_waiting_for(person)
    ]


def lines_url(incident: Incident) -> str:
    return reverse("response:lines", args=[incident.number])
