"""Reads of statements and their versions, as far as a person may see them."""

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from incidents.models import Incident
from response.models import Fact, Release, Statement, StatementVersion
from response.wording import Finding, findings


def statements_for(person: User) -> QuerySet[Statement]:
    """Statements this person may see, with their versions, signatures and releases, in as many queries however many."""
    return whole(Statement.objects.visible_to(person), person).select_related("incident")


def statements_of(incident: Incident, person: User) -> QuerySet[Statement]:
    return whole(Statement.everywhere.visible_to(person).filter(incident=incident), person)


def whole(statements: QuerySet[Statement], person: User) -> QuerySet[Statement]:
    versions = StatementVersion.objects.readable_by(person).prefetch_related(
        "signoffs", Prefetch("releases", Release.everywhere.order_by("id"), to_attr="all_releases")
    )
    return statements.prefetch_related(Prefetch("versions", versions)).select_related("drafted_by")


def version_in_full(version_pk: int) -> StatementVersion:
    """A version with all that the rules on signing look at."""
    return (
        StatementVersion.objects.select_related("statement__incident__exercise", "written_by", "submitted_by")
        .prefetch_related("writers__groups", "signoffs__person", "signoffs__acting_for")
        .get(pk=version_pk)
    )


def findings_of(version: StatementVersion) -> list[Finding]:
    """What the wording rules say about a version as the fact sheet stands now."""
    states = dict(Fact.objects.filter(incident=version.statement.incident_id).values_list("number", "state"))
    return findings(version.title, version.text, kind=version.statement.kind, facts=states)


def last_released(incident: Incident) -> StatementVersion | None:
    """The version of this incident that was published last."""
    released = StatementVersion.objects.filter(statement__incident=incident, releases__sent_at__isnull=False)
    return released.select_related("statement").order_by("-releases__sent_at").first()
