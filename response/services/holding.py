"""Acts on holding texts: write, submit, sign, retire. They belong to no incident: the audit trail keeps them."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale, save_if_current
from audit.services import record
from incidents.levels import Level
from notices.services import notify
from response import messages
from response.models import HoldingSignature, HoldingText
from response.notnow import NotNow
from response.permissions import require, signs_as
from response.selectors.holding import place_for, signers_of
from response.services.statements import hash_of, tidy
from response.signoff_rules import places_needed
from response.wording import findings

State = HoldingText.State
Waiting = HoldingSignature.State


@transaction.atomic
def write_holding(
    text: HoldingText | None,
    *,
    actor: User,
    now: datetime,
    seen_version: int = 0,
    name: str,
    cluster: str,
    title: str,
    words: str,
    expires_on: date,
    replaces: HoldingText | None = None,
) -> HoldingText:
    """Begin a text (`text` None) or go on with a draft; one sent back becomes a draft again, unsigned.

    Raises PermissionDenied, Stale, NotNow (signed or in sign-off, a day that has passed).
    """
    require(actor, "write_holding", text)
    if expires_on <= timezone.localdate(now):
        raise NotNow(_("Choose a day that has not passed."))
    if text is None:
        text = HoldingText(created_at=now, replaces=replaces)
    elif text.version != seen_version:
        raise Stale(text)
    elif not text.is_draft and not text.is_returned:
        raise NotNow(_("It is signed, or being signed. Write a new one that replaces it."))
    text.name, text.cluster, text.expires_on, text.saved_at = tidy(name), cluster, expires_on, now
    text.title, text.text, text.state = " ".join(tidy(title).split()), tidy(words), State.DRAFT
    text.text_hash = hash_of(text.title, text.text)
    if text.pk is None:
        text.save()
    else:
        fields = ["name", "cluster", "expires_on", "saved_at", "title", "text", "state", "text_hash"]
        save_if_current(text, seen_version, fields)
        text.signoffs.all().delete()
    text.writers.add(actor)
    record("response.holding_written", actor=actor, subject=text.name, detail={"text_hash": text.text_hash})
    return text


@transaction.atomic
def submit_holding(text: HoldingText, *, actor: User, now: datetime, seen_version: int) -> HoldingText:
    """Ask for the signatures of a 二级 statement. Open slots may stay open; nothing else that blocks may be in it.

    Raises PermissionDenied, Stale, NotNow.
    """
    require(actor, "write_holding", text)
    if text.version != seen_version:
        raise Stale(text)
    if not text.is_draft:
        raise NotNow(_("It has been submitted already."))
    found = findings(text.title, text.text, kind="T0", facts={})
    if any(one.blocks and one.rule != "slot" for one in found):
        raise NotNow(_("The checks block it: see what is marked, and change it first."))
    text.state = State.IN_REVIEW
    save_if_current(text, seen_version, ["state"])
    HoldingSignature.objects.bulk_create(
        HoldingSignature(version=text, place=place, text_hash=text.text_hash)
        for place in places_needed(Level.TWO, is_flagged=True)
    )
    text = HoldingText.objects.prefetch_related("writers__groups", "signoffs").get(pk=text.pk)
    notify(signers_of(text), **messages.holding_to_sign(text))
    record("response.holding_submitted", actor=actor, subject=text.name, detail={"text_hash": text.text_hash})
    return text


@transaction.atomic
def sign_holding(
    text: HoldingText, *, actor: User, now: datetime, seen_hash: str, approves: bool, note: str = ""
) -> HoldingText:
    """Sign, or send back with a reason. The last signature puts it in force and retires the one it replaces.

    Raises PermissionDenied, NotNow (another text, no reason, signed meanwhile).
    """
    text = HoldingText.objects.select_for_update(of=("self",), no_key=True).get(pk=text.pk)
    place = place_for(actor, text)
    if place is None:
        place = text.signoffs.first() or HoldingSignature(version=text)
        require(actor, "sign_holding", place)
        raise NotNow(_("Nothing waits for your signature here."))
    if seen_hash != text.text_hash:
        raise NotNow(_("The text has changed meanwhile: look at it again."))
    if not approves and not note.strip():
        raise NotNow(_("Say what should change."))
    principal = signs_as(actor, place)
    waiting = HoldingSignature.objects.filter(pk=place.pk, state=Waiting.WAITING, text_hash=seen_hash)
    state = Waiting.APPROVED if approves else Waiting.RETURNED
    acting_for = principal if principal != actor else None
    if waiting.update(state=state, person=actor, at=now, note=note.strip(), acting_for=acting_for) != 1:
        raise NotNow(_("Nothing waits for your signature here."))
    if not text.signoffs.exclude(state=Waiting.APPROVED).exists():
        HoldingText.objects.filter(pk=text.pk).update(state=State.APPROVED, approved_at=now, version=text.version + 1)
        HoldingText.objects.filter(followers=text, state=State.APPROVED).update(state=State.RETIRED)
    if not approves:
        notify(list(text.writers.all()), **messages.holding_returned(text, actor, note.strip()))
    event = "response.holding_signed" if approves else "response.holding_returned"
    record(
        event,
        actor=actor,
        subject=text.name,
        detail={"text_hash": seen_hash, "place": place.place, "note": note.strip()},
    )
    text.refresh_from_db()
    return text


@transaction.atomic
def retire_holding(text: HoldingText, *, actor: User, now: datetime) -> None:
    """Nobody may use it any more. Raises PermissionDenied, NotNow."""
    require(actor, "retire_holding", text)
    live = HoldingText.objects.filter(pk=text.pk).exclude(state=State.RETIRED)
    if live.update(state=State.RETIRED, version=text.version + 1) != 1:
        raise NotNow(_("It is retired already."))
    record("response.holding_retired", actor=actor, subject=text.name, detail={"text_hash": text.text_hash})
