"""Acts on the facts of an incident: adding a claim, saying what is known of it, what shows it, signing the sheet."""

from collections.abc import Sequence
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
from opinion.models import Post
from opinion.services.evidence import Kept
from response import messages
from response.models import Fact, FactProof, FactSheet, FactVersion, StatementBasis, StatementVersion
from response.notnow import NotNow
from response.permissions import require
from response.selectors.facts import as_record, quoting
from response.services.attachments import as_detail, attach


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
def sign_fact(
    fact: Fact,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    state: str,
    evidence: str,
    claim: str = "",
    reason: str = "",
) -> Fact:
    """Say what is known of a claim, on the strength of what, and sign it. The signer may be who added it.

    state   one of Fact.State; evidence is needed for every state
    claim   the claim in better words; empty leaves it
    reason  why what was signed before is corrected; needed then, and kept with the new version
    When a quoted verified fact changes its state or words, who wrote the statements and the 工作组组长 are told.
    Raises PermissionDenied, NotNow (no evidence, no reason, nothing new), Stale.
    """
    if fact.version != seen_version:
        raise Stale(fact)
    require(actor, "sign_fact", fact)
    claim, evidence, reason = claim.strip() or fact.claim, evidence.strip(), reason.strip()
    if not evidence:
        raise NotNow(_("Say what shows it."))
    if (state, evidence, claim) == (fact.state, fact.evidence, fact.claim):
        raise NotNow(_("This is what the fact sheet says already."))
    if fact.was_signed and not reason:
        raise NotNow(_("It was signed before: say why it is corrected."))
    was_verified = fact.state == Fact.State.VERIFIED
    is_changed = (state, claim) != (fact.state, fact.claim)
    fact.state, fact.evidence, fact.claim, fact.signed_by, fact.signed_at = state, evidence, claim, actor, now
    save_if_current(fact, seen_version, ["state", "evidence", "claim", "signed_by", "signed_at"])
    kept = FactVersion.objects.create(
        fact=fact,
        number=fact.versions.count() + 1,
        claim=claim,
        state=state,
        evidence=evidence,
        reason=reason,
        signed_by=actor,
        signed_at=now,
    )
    if was_verified and is_changed:
        warn_who_quotes(fact)
    note_on(
        fact.incident,
        f"response.fact_{state}",
        actor=actor,
        now=now,
        note="\n".join(part for part in (fact.claim, reason) if part),
        detail={"number": fact.number, "version": kept.number},
        url=facts_url(fact.incident),
    )
    return fact


@transaction.atomic
def add_proofs(
    fact: Fact,
    *,
    actor: User,
    now: datetime,
    files: Sequence[Kept] = (),
    links: Sequence[tuple[str, str]] = (),
    posts: Sequence[Post] = (),
) -> list[FactProof]:
    """Put beside a fact what shows it. What is there stays there; a post is held from then on.

    files  that were laid down (`attachments.lay_down`)
    links  words and address of each; http or https, checked by the form
    Raises PermissionDenied, NotNow when nothing new is brought.
    """
    require(actor, "add_proof", fact)
    there = fact.proofs.select_related("file")
    shas, urls, keys = (
        {proof.file.sha256 for proof in there if proof.file},
        {proof.url for proof in there},
        {proof.post_id for proof in there},
    )
    attached = attach(fact.incident, [file for file in files if file.sha256 not in shas], actor=actor, now=now)
    kinds = FactProof.Kind
    brought = [{"kind": kinds.FILE, "name": file.name, "file": file} for file in attached]
    brought += [{"kind": kinds.LINK, "name": words or url[:200], "url": url} for words, url in links if url not in urls]
    brought += [
        {"kind": kinds.POST, "name": post.said[:200], "url": post.url, "post": post}
        for post in posts
        if post.pk not in keys
    ]
    added = [FactProof(fact=fact, added_by=actor, added_at=now, **one) for one in brought]
    if not added:
        raise NotNow(_("This is there already."))
    FactProof.objects.bulk_create(added)
    hold(posts)
    note_on(
        fact.incident,
        "response.proofs_added",
        actor=actor,
        now=now,
        note="\n".join(row.name for row in added),
        detail={"number": fact.number, "count": len(added), "files": as_detail(attached)},
        url=facts_url(fact.incident),
    )
    return added


def hold(posts: Sequence[Post]) -> None:
    """Keep posts, and what they repeat, from the retention job."""
    keys = {key for post in posts for key in (post.pk, post.original_id) if key}
    Post.everywhere.filter(pk__in=keys, is_held=False).update(is_held=True)


# --- the sheet as a whole --------------------------------------------------------------------------------------------
@transaction.atomic
def sign_sheet(incident: Incident, *, actor: User, now: datetime, note: str = "") -> FactSheet:
    """Freeze what the sheet says as the next numbered one, sealed and signed by one person.

    Raises PermissionDenied, NotNow (nothing on it, nothing new since the last).
    """
    require(actor, "sign_sheet", incident)
    Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)  # two at once would take the same number
    record = as_record(incident)
    if not record["facts"]:
        raise NotNow(_("There is nothing on the fact sheet yet."))
    last = incident.fact_sheets.first()
    if last is not None and last.record == record:
        raise NotNow(_("Nothing changed since version %(number)s.") % {"number": last.number})
    sheet = FactSheet(
        incident=incident,
        number=last.number + 1 if last else 1,
        record=record,
        note=note.strip(),
        signed_by=actor,
        signed_at=now,
    )
    sheet.seal = sheet.sealed()
    sheet.save(force_insert=True)
    note_on(
        incident,
        "response.sheet_signed",
        actor=actor,
        now=now,
        note=sheet.note,
        detail={"version": sheet.number, "facts": len(record["facts"]), "seals": [sheet.seal]},
        url=sheet.get_absolute_url(),
    )
    return sheet


@transaction.atomic
def rest_on(version: StatementVersion, sheet: FactSheet, *, actor: User, now: datetime) -> StatementBasis:
    """Say which numbered fact sheet a draft rests on. A later word counts; once it is submitted it stays.

    Raises PermissionDenied, NotNow (no draft, another incident's sheet).
    """
    require(actor, "edit_statement", version)
    if not version.is_draft:
        raise NotNow(_("This version is no draft any more. Revise it to go on writing."))
    if version.statement.incident_id != sheet.incident_id:
        raise NotNow(_("This fact sheet belongs to another incident."))
    basis, _made = StatementBasis.objects.update_or_create(
        statement_version=version, defaults={"sheet": sheet, "named_by": actor, "named_at": now}
    )
    note_on(
        sheet.incident,
        "response.statement_rests_on_sheet",
        actor=actor,
        now=now,
        detail={"number": version.statement.number, "version": version.number, "sheet": sheet.number},
        url=sheet.get_absolute_url(),
    )
    return basis


def warn_who_quotes(fact: Fact) -> None:
    versions = list(quoting(fact))
    if versions:
        writers = [writer for version in versions for writer in version.writers.all()]
        notify([*writers, *people_with(Role.TEAM_HEAD)], **messages.quoted_fact_changed(fact, versions))


def facts_url(incident: Incident) -> str:
    return reverse("response:facts", args=[incident.number])
