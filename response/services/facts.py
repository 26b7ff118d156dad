"""Acts on the facts of an incident: adding a claim, saying what is known of it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import Fact, StatementVersion
from response.notnow import NotNow
from response.permissions import require

VERSIONS_THAT_COUNT = (
    StatementVersion.State.DRAFT,
    StatementVersion.State.IN_REVIEW,
    StatementVersion.State.RELEASABLE,
)


@transaction.atomic
def add_fact(incident: Incident, *, actor: User, now: datetime, claim: str) -> Fact:
    """Put a claim on the fact sheet, as being checked, under the next number. Raises PermissionDenied, NotNow."""
    require(actor, "add_fact", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    if not claim.strip():
        raise NotNow(_("Say what is claimed."))
    Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)  # two at once would take the same number
    last = incident.facts.aggregate(last=Max("number"))["last"] or 0
    fact = Fact.objects.create(incident=incident, number=last + 1, claim=claim.strip(), added_by=actor, added_at=now)
    note_on(
        incident,
        "response.fact_added",
        actor=actor,
        now=now,
        note=fact.claim,
        detail={"number": fact.number},
        url=facts_url(incident),
    )
    return fact


@transaction.atomic
def sign_fact(fact: Fact, *, actor: User, now: datetime, seen_version: int, state: str, evidence: str) -> Fact:
    """Say what is known of a claim, on the strength of what, and sign it. The signer may be who added it.

    state  one of Fact.State; evidence is needed for every state
    When a quoted fact is no longer verified, those who wrote the statements and the 工作组组长 are told.
    Raises PermissionDenied, NotNow (no evidence, nothing new), Stale.
    """
    if fact.version != seen_version:
        raise Stale(fact)
    require(actor, "sign_fact", fact)
    if not evidence.strip():
        raise NotNow(_("Say what shows it."))
    if state == fact.state and evidence.strip() == fact.evidence:
        raise NotNow(_("This is what the fact sheet says already."))
    was_verified = fact.state == Fact.State.VERIFIED
    fact.state, fact.evidence, fact.signed_by, fact.signed_at = state, evidence.strip(), actor, now
    save_if_current(fact, seen_version, ["state", "evidence", "signed_by", "signed_at"])
    if was_verified and state != Fact.State.VERIFIED:
        warn_who_quotes(fact)
    note_on(
        fact.incident,
        f"response.fact_{state}",
        actor=actor,
        now=now,
        note=fact.claim,
        detail={"number": fact.number},
        url=facts_url(fact.incident),
    )
    return fact


def warn_who_quotes(fact: Fact) -> None:
    quoting = StatementVersion.objects.filter(facts=fact, state__in=VERSIONS_THAT_COUNT)
    versions = list(quoting.select_related("statement", "written_by").prefetch_related("writers"))
    if versions:
        writers = [writer for version in versions for writer in version.writers.all()]
        notify([*writers, *people_with(Role.TEAM_HEAD)], **messages.quoted_fact_changed(fact, versions))


def facts_url(incident: Incident) -> str:
    return reverse("response:facts", args=[incident.number])
