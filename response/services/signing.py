"""Acts of those who sign: approve, return; and who is asked."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import SPEAKERS, Role
from accounts.selectors import may_speak, people_with
from accounts.versions import Stale
from incidents.levels import Level, graver
from incidents.models import Incident
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import Release, SignOff, StatementImage, StatementLook, StatementVersion
from response.notnow import NotNow
from response.permissions import require, signs_as
from response.selectors.signoffs import signers_of
from response.selectors.statements import is_prepared
from response.signoff_rules import places_needed

State = StatementVersion.State
Place = SignOff.Place


def ask_signers(version: StatementVersion, *, is_flagged: bool, one_signature: bool = False) -> None:
    """Open the places its level asks for that are not open yet, and tell everybody who may sign one.

    one_signature  a text signed in peacetime with its slots filled: the 工作组组长 alone
    """
    version = StatementVersion.objects.select_related("statement__incident").get(pk=version.pk)
    there = {signoff.place for signoff in version.signoffs.all()}
    SignOff.objects.bulk_create(
        SignOff(version=version, place=place, text_hash=version.text_hash)
        for place in ([Place.TEAM_HEAD] if one_signature else places_needed(version.level, is_flagged=is_flagged))
        if place not in there
    )
    waiting = version.signoffs.filter(state=SignOff.State.WAITING)
    people = [person for signoff in waiting for person in signers_of(signoff)]
    notify(people, **messages.signature_wanted(version))


@transaction.atomic
def approve(signoff: SignOff, *, actor: User, now: datetime, seen_hash: str, note: str = "") -> SignOff:
    """Sign this text and no other. With the last signature the version may be published.

    seen_hash  the hash of the text the person read. Raises PermissionDenied, Stale, NotNow.
    """
    signoff = sign(signoff, SignOff.State.APPROVED, actor=actor, now=now, seen_hash=seen_hash, note=note)
    version = signoff.version
    if not version.signoffs.exclude(state=SignOff.State.APPROVED).exists():
        become_releasable(version, now=now)
    return signoff


@transaction.atomic
def send_back(signoff: SignOff, *, actor: User, now: datetime, seen_hash: str, note: str) -> SignOff:
    """Not like this, because. The writers are told. Raises PermissionDenied, Stale, NotNow (no reason)."""
    if not note.strip():
        raise NotNow(_("Say what should change."))
    signoff = sign(signoff, SignOff.State.RETURNED, actor=actor, now=now, seen_hash=seen_hash, note=note)
    version = signoff.version
    notify(list(version.writers.all()), **messages.statement_returned(signoff))
    return signoff


def sign(signoff: SignOff, state: str, *, actor: User, now: datetime, seen_hash: str, note: str) -> SignOff:
    """Write the signature down if the place still waits and the text is the one that was read."""
    version = (
        StatementVersion.objects.select_for_update(no_key=True)
        .select_related("statement__incident")
        .get(pk=signoff.version_id)
    )
    signoff = version.signoffs.select_related("person").get(pk=signoff.pk)
    signoff.version = version
    if not version.is_in_review or seen_hash != version.text_hash or signoff.text_hash != version.text_hash:
        raise Stale(version)
    if not signoff.is_waiting:
        raise NotNow(_("%(person)s was faster: this place is signed.") % {"person": signoff.person})
    if version.is_returned:
        raise NotNow(_("This version was returned. The next one will come to you."))
    require(actor, "sign_statement", signoff)
    principal = signs_as(actor, signoff)
    signoff.state, signoff.person, signoff.at, signoff.note = state, actor, now, note.strip()
    signoff.acting_for = principal if principal != actor else None
    signoff.image_hash = StatementImage.objects.filter(version=version).values_list("sha256", flat=True).first() or ""
    written = {name: getattr(signoff, name) for name in ("state", "person", "at", "note", "acting_for", "image_hash")}
    waiting = SignOff.objects.filter(pk=signoff.pk, state=SignOff.State.WAITING, text_hash=seen_hash)
    if waiting.update(**written) != 1:
        raise Stale(version)
    note_on(
        version.statement.incident,
        "response.statement_signed" if state == SignOff.State.APPROVED else "response.statement_returned",
        actor=actor,
        now=now,
        note=signoff.note,
        detail={
            "number": version.statement.number,
            "version": version.number,
            "place": signoff.place,
            "text_hash": version.text_hash,
        },
        url=version.statement.get_absolute_url(),
        acting_for=signoff.acting_for,
    )
    return signoff


def become_releasable(version: StatementVersion, *, now: datetime) -> None:
    version.state, version.releasable_at = State.RELEASABLE, now
    StatementVersion.objects.filter(pk=version.pk, state=State.IN_REVIEW).update(
        state=State.RELEASABLE, releasable_at=now, version=version.version + 1
    )
    speakers = [person for person in people_with(*SPEAKERS) if may_speak(person, now)]
    notify([*speakers, *version.writers.all()], **messages.statement_releasable(version))
    note_on(
        version.statement.incident,
        "response.statement_releasable",
        actor=None,
        now=now,
        detail={"number": version.statement.number, "version": version.number},
        url=version.statement.get_absolute_url(),
    )


def raise_signatures(incident: Incident, *, now: datetime) -> None:
    """After a rise, versions that have not left need what the graver level asks: more places, and for 一级 the 组长.

    What has left stays as it left, and so does a prepared text: it was signed for every level. A fall changes nothing:
    more was asked than needed.
    """
    versions = StatementVersion.objects.filter(
        statement__incident=incident, state__in=(State.IN_REVIEW, State.RELEASABLE)
    )
    for version in versions.select_related("statement__incident", "statement__holding").prefetch_related(
        "signoffs__person__groups"
    ):
        if (
            graver(version.level, incident.level) == version.level
            or is_prepared(version, timezone.localdate(version.submitted_at or now))
            or Release.everywhere.filter(version=version).exists()
        ):
            continue
        StatementVersion.objects.filter(pk=version.pk).update(
            level=incident.level, state=State.IN_REVIEW, releasable_at=None, version=version.version + 1
        )
        version.level, version.state = incident.level, State.IN_REVIEW
        if incident.level == Level.ONE:
            void_lesser_leader(version)
        ask_signers(version, is_flagged=True)


def void_lesser_leader(version: StatementVersion) -> None:
    """A 副组长's signature does not do for 一级: the place waits again. The timeline keeps that it was given."""
    for signoff in version.signoffs.all():
        signed_by = signoff.acting_for or signoff.person
        if signoff.place == Place.LEADER and signed_by and not signed_by.holds(Role.LEADER_HEAD):
            SignOff.objects.filter(pk=signoff.pk).update(
                state=SignOff.State.WAITING, person=None, acting_for=None, at=None, note=""
            )


def look(version: StatementVersion, person: User, now: datetime) -> None:
    """Remember that this person saw this text, so that a later version shows what changed since."""
    StatementLook.objects.get_or_create(version=version, person=person, defaults={"at": now})
