"""Reads of papers: with their versions, who may sign them, whose turn it is."""

from django.db.models import Prefetch, QuerySet

from accounts import clock
from accounts.models import User
from accounts.roles import SIGNING_LEADERS
from accounts.selectors import stands_in, with_stand_ins
from incidents.models import Incident
from incidents.selectors.approvals import Waiting, wanted_by
from response.models import Paper, PaperVersion, PlannedWork
from response.papers import PLAN
from response.permissions import leader_voices, signs_paper_as

State = PaperVersion.State


def whole(papers: QuerySet[Paper]) -> QuerySet[Paper]:
    """With all their versions and what the rules on signing look at, in as many queries however many."""
    rows = PlannedWork.objects.select_related("who__department", "task")
    versions = PaperVersion.objects.select_related(
        "written_by", "submitted_by", "decided_by", "acting_for"
    ).prefetch_related("writers", Prefetch("rows", rows))
    return papers.prefetch_related(Prefetch("versions", versions)).select_related(
        "incident__exercise", "incident__department", "incident__lead", "duty__rule", "filed_by", "proof"
    )


def papers_of(incident: Incident, person: User) -> QuerySet[Paper]:
    return whole(Paper.everywhere.visible_to(person).filter(incident=incident))


def plan_of_incident(incident: Incident) -> Paper | None:
    return whole(Paper.everywhere.filter(incident=incident, kind=PLAN)).first()


def signers_of(version: PaperVersion) -> list[User]:
    """Everybody who may sign it now, those who stand in included, and may see the incident."""
    near = with_stand_ins(*SIGNING_LEADERS, now=clock.now())
    incident = version.paper.incident
    return [
        person
        for person in near.prefetch_related("groups")
        if signs_paper_as(person, version) and Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()
    ]


def papers_waiting_for(person: User) -> list[PaperVersion]:
    """The papers this person may sign now, the longest waiting first."""
    if not person.holds(*SIGNING_LEADERS) and not stands_in(person, clock.now()):
        return []
    waiting = (
        PaperVersion.objects.filter(state=State.IN_REVIEW, paper__in=Paper.everywhere.visible_to(person))
        .select_related("paper__incident__exercise", "paper__duty__rule", "submitted_by")
        .prefetch_related("writers")
        .order_by("submitted_at", "id")
    )
    voices = leader_voices(person)
    return [version for version in waiting if signs_paper_as(person, version, voices)]


def papers_waiting(person: User) -> list[Waiting]:
    """For 待我审批 (settings.APPROVAL_HOOKS): a report is wanted when the authority's time ends, a plan as soon as a
    decision of its level would be."""
    found = []
    for version in papers_waiting_for(person):
        paper = version.paper
        due_at = paper.due_at or wanted_by(version.submitted_at or version.created_at, paper.incident.level)
        found.append(Waiting("response/_paper_waiting.html", version, due_at, paper.incident.level))
    return found
