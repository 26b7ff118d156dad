"""Reads of statements and their versions, as far as a person may see them."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from incidents.models import Incident
from response.channels.newsroom.channel import address_of
from response.channels.words import unfit
from response.models import Fact, Release, Statement, StatementComment, StatementVersion
from response.templates_of_statements import fits_skeleton
from response.wording import Finding, findings, public_text, rules


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
        StatementVersion.objects.select_related(
            "statement__incident__exercise",
            "statement__holding",
            "written_by",
            "submitted_by",
            "basis__sheet__incident",
        )
        .prefetch_related(
            "writers__groups",
            "signoffs__person",
            "signoffs__acting_for",
            "comments__author",
            "overrides__legal",
            "overrides__team_head",
        )
        .get(pk=version_pk)
    )


def findings_of(version: StatementVersion) -> list[Finding]:
    """What the wording rules say about a version as the fact sheet stands now, the texts for the channels included."""
    statement = version.statement
    states = dict(Fact.objects.filter(incident=statement.incident_id).values_list("number", "state"))
    own = version.channel_words
    link = address_of(statement.number)
    misfits = [
        Finding("channel", name, 0, 0, "", reason)
        for name, words in own.items()
        for reason in unfit(name, public_text(words), link)
    ]
    found = findings(version.title, version.text, kind=statement.kind, facts=states, channels=own)
    return sorted([*found, *misfits], key=lambda one: list(rules()).index(one.rule))  # stable: the text's order stays


def covered_by(version: StatementVersion, found: Sequence[Finding]) -> list[Finding]:
    """Of these findings, those that 法务 and 工作组组长 together let pass for this very text."""
    covers = {
        tuple(one)
        for override in version.overrides.all()
        if override.is_complete and override.text_hash == version.text_hash
        for one in override.covers
    }
    return [one for one in found if (one.rule, one.where, one.excerpt, one.detail) in covers]


def blockers_of(version: StatementVersion, found: Sequence[Finding] | None = None) -> list[Finding]:
    """What keeps a version from being submitted or published: blocking findings that nobody let pass."""
    blocking = [one for one in (findings_of(version) if found is None else found) if one.blocks]
    let_pass = covered_by(version, blocking) if blocking else []
    return [one for one in blocking if one not in let_pass]


def is_prepared(version: StatementVersion, today: date) -> bool:
    """Whether it is a text approved in peacetime with nothing but its slots filled: one signature does."""
    holding = version.statement.holding
    return (
        holding is not None
        and holding.is_in_force(today)
        and not version.channel_words
        and fits_skeleton(holding.title, version.title)
        and fits_skeleton(holding.text, version.text)
    )


def open_comments(statement: Statement) -> QuerySet[StatementComment]:
    """What was remarked on any version and is not resolved: signers read it before they sign."""
    unresolved = StatementComment.objects.filter(version__statement=statement, resolved_at__isnull=True)
    return unresolved.select_related("author", "version")


def last_released(incident: Incident) -> StatementVersion | None:
    """The version of this incident that was published last."""
    released = StatementVersion.objects.filter(statement__incident=incident, releases__sent_at__isnull=False)
    return released.select_related("statement").order_by("-releases__sent_at").first()
