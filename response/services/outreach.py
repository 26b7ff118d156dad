"""Acts on the outside world's people: keeping the directory, writing down contacts, hiring advisers, their cost."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import save_if_current
from audit.services import record
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.selectors.people import may_see
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.clauses import forbidden
from response.models import Advice, Contact, ContactEntry, CostLine, Engagement
from response.models.outreach import ADVISERS
from response.notnow import NotNow
from response.permissions import require

CONTACT_FIELDS = ("kind", "organisation", "name", "position", "phone", "email", "note", "owner")
ENGAGEMENT_FIELDS = ("contact", "incident", "scope", "starts_on", "ends_on", "fee", "currency")


# --- the directory ---------------------------------------------------------------------------------------------------
@transaction.atomic
def save_contact(
    contact: Contact | None, *, actor: User, now: datetime, seen_version: int = 0, said: Mapping[str, Any]
) -> Contact:
    """Add somebody to the directory (None), or change them; either way they count as checked now.

    said  CONTACT_FIELDS
    Raises PermissionDenied, Stale.
    """
    require(actor, "edit_contact")
    fields = {name: said[name] for name in CONTACT_FIELDS}
    if contact is None:
        contact = Contact.objects.create(**fields, checked_at=now)
        event = "response.contact_added"
    else:
        for name, value in fields.items():
            setattr(contact, name, value)
        contact.checked_at, contact.check_asked_at = now, None
        save_if_current(contact, seen_version, [*fields, "checked_at", "check_asked_at"])
        event = "response.contact_changed"
    record(event, actor=actor, subject=f"contact:{contact.uuid}", detail={"organisation": contact.organisation})
    return contact


@transaction.atomic
def check_contact(contact: Contact, *, actor: User, now: datetime) -> None:
    """Say that name and number still hold. Raises PermissionDenied."""
    require(actor, "edit_contact")
    Contact.objects.filter(pk=contact.pk).update(checked_at=now, check_asked_at=None)
    record("response.contact_checked", actor=actor, subject=f"contact:{contact.uuid}")


@transaction.atomic
def retire_contact(contact: Contact, *, actor: User, now: datetime, seen_version: int) -> None:
    """Offered no more; what was said with them stays. A second time brings them back.

    Raises PermissionDenied, Stale.
    """
    require(actor, "edit_contact")
    contact.retired_at = None if contact.retired_at else now
    save_if_current(contact, seen_version, ["retired_at"])
    event = "response.contact_retired" if contact.retired_at else "response.contact_brought_back"
    record(event, actor=actor, subject=f"contact:{contact.uuid}", detail={"organisation": contact.organisation})


# --- contacts on an incident -----------------------------------------------------------------------------------------
@transaction.atomic
def log_contact(incident: Incident, *, actor: User, now: datetime, said: Mapping[str, Any]) -> ContactEntry:
    """Write down that somebody spoke with somebody outside. A next step needs its day; it is its owner's to take.

    said  contact, way, at, said, outcome, next_step, next_step_at, next_step_owner
    Raises PermissionDenied, NotNow (closed incident, a time to come, a next step without a day).
    """
    require(actor, "log_contact", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    if said["at"] > now:
        raise NotNow(_("This time is still to come."))
    if said["next_step"] and not said["next_step_at"]:
        raise NotNow(_("Say until when the next step is taken."))
    step = bool(said["next_step"])
    entry = ContactEntry.objects.create(
        incident=incident,
        contact=said["contact"],
        way=said["way"],
        at=said["at"],
        said=said["said"],
        outcome=said["outcome"],
        next_step=said["next_step"],
        next_step_at=said["next_step_at"] if step else None,
        next_step_owner=(said["next_step_owner"] or actor) if step else None,
        by=actor,
    )
    note_on(
        incident,
        "response.contact_logged",
        actor=actor,
        now=now,
        note=entry.outcome,
        detail={"contact": str(entry.contact), "way": entry.way},
        url=messages.outreach_url(incident),
    )
    return entry


@transaction.atomic
def finish_next_step(entry: ContactEntry, *, actor: User, now: datetime) -> None:
    """The next step is taken. Raises PermissionDenied, NotNow when it was already."""
    require(actor, "finish_next_step", entry)
    waiting = ContactEntry.objects.filter(pk=entry.pk, next_step_at__isnull=False, done_at__isnull=True)
    if waiting.update(done_at=now, done_by=actor) != 1:
        raise NotNow(_("Somebody was faster: this step is taken."))
    note_on(
        entry.incident,
        "response.next_step_taken",
        actor=actor,
        now=now,
        note=entry.next_step,
        detail={"contact": str(entry.contact)},
        url=messages.outreach_url(entry.incident),
    )


# --- advisers --------------------------------------------------------------------------------------------------------
@transaction.atomic
def save_engagement(
    engagement: Engagement | None, *, actor: User, now: datetime, seen_version: int = 0, said: Mapping[str, Any]
) -> Engagement:
    """Write an engagement down, or change its draft. Whoever changes it is its drafter and cannot agree to it.

    said  ENGAGEMENT_FIELDS
    Raises PermissionDenied, Stale, NotNow (no adviser, ends before it begins, agreed already).
    """
    require(actor, "draft_engagement")
    if said["contact"].kind not in ADVISERS:
        raise NotNow(_("Lawyers, PR agencies and experts are engaged as advisers; this contact is none of them."))
    if said["ends_on"] < said["starts_on"]:
        raise NotNow(_("It ends before it begins."))
    fields = {name: said[name] for name in ENGAGEMENT_FIELDS}
    if engagement is None:
        engagement = Engagement.objects.create(**fields, drafted_by=actor, drafted_at=now)
    else:
        if engagement.state != Engagement.State.DRAFT:
            raise NotNow(_("It is agreed: end it and write a new one."))
        for name, value in fields.items():
            setattr(engagement, name, value)
        engagement.drafted_by = actor
        save_if_current(engagement, seen_version, [*fields, "drafted_by"])
    _note(engagement, "response.engagement_drafted", actor, now)
    return engagement


@transaction.atomic
def agree_engagement(engagement: Engagement, *, actor: User, now: datetime, seen_version: int) -> None:
    """A leader agrees. Never while the text holds what the law forbids: there is no way round but another text.

    Raises PermissionDenied, Stale, NotNow.
    """
    require(actor, "agree_engagement", engagement)
    if engagement.state != Engagement.State.DRAFT:
        raise NotNow(_("It is agreed already."))
    found = forbidden(engagement.scope)
    if found:
        raise NotNow(_("The law forbids “%(words)s”: change the text first.") % {"words": found[0].words})
    engagement.state, engagement.agreed_by, engagement.agreed_at = Engagement.State.AGREED, actor, now
    save_if_current(engagement, seen_version, ["state", "agreed_by", "agreed_at"])
    _note(engagement, "response.engagement_agreed", actor, now)


@transaction.atomic
def end_engagement(engagement: Engagement, *, actor: User, now: datetime, seen_version: int) -> None:
    """Raises PermissionDenied, Stale, NotNow when it is not running."""
    require(actor, "end_engagement", engagement)
    if engagement.state != Engagement.State.AGREED:
        raise NotNow(_("It is not running."))
    engagement.state, engagement.ended_at = Engagement.State.ENDED, now
    save_if_current(engagement, seen_version, ["state", "ended_at"])
    _note(engagement, "response.engagement_ended", actor, now)


@transaction.atomic
def record_advice(engagement: Engagement, *, actor: User, now: datetime, text: str) -> Advice:
    """Write down what the adviser said. Raises PermissionDenied, NotNow before anybody agreed to the engagement."""
    require(actor, "record_advice", engagement)
    if engagement.state == Engagement.State.DRAFT:
        raise NotNow(_("Nobody has agreed to this engagement yet."))
    advice = Advice.objects.create(engagement=engagement, text=text, at=now, by=actor)
    _note(engagement, "response.advice_recorded", actor, now)
    return advice


@transaction.atomic
def record_cost(
    engagement: Engagement, *, actor: User, now: datetime, spent_on: date, amount: Decimal, what: str
) -> CostLine:
    """Write money spent down, in the engagement's currency; below zero takes a line back.

    Raises PermissionDenied, NotNow (nothing, a day to come, not agreed).
    """
    require(actor, "record_cost", engagement)
    if engagement.state == Engagement.State.DRAFT:
        raise NotNow(_("Nobody has agreed to this engagement yet."))
    if not amount:
        raise NotNow(_("Say how much."))
    if spent_on > now.date():
        raise NotNow(_("This day is still to come."))
    line = CostLine.objects.create(engagement=engagement, spent_on=spent_on, amount=amount, what=what, at=now, by=actor)
    detail = {"amount": str(amount), "currency": engagement.currency}
    record("response.cost_recorded", actor=actor, subject=f"engagement:{engagement.uuid}", detail=detail)
    return line


def _note(engagement: Engagement, event: str, actor: User, now: datetime) -> None:
    """On the incident's timeline where there is one, else in the trail alone."""
    detail = {"contact": str(engagement.contact)}
    if engagement.incident is None:
        record(event, actor=actor, subject=f"engagement:{engagement.uuid}", detail=detail)
    else:
        note_on(engagement.incident, event, actor=actor, now=now, detail=detail, url=engagement.get_absolute_url())


# --- what is late ----------------------------------------------------------------------------------------------------
@transaction.atomic
def tell_of_late_steps(now: datetime) -> int:
    """Next steps whose day has passed: their owner and the 工作组组长, once each. Returns how many were told of."""
    late = ContactEntry.objects.filter(
        next_step_at__lt=now, done_at__isnull=True, told_at__isnull=True, incident__exercise__isnull=True
    )
    count = 0
    for entry in late.select_related("incident", "contact", "next_step_owner").order_by("next_step_at")[:200]:
        if ContactEntry.objects.filter(pk=entry.pk, told_at__isnull=True).update(told_at=now):
            owner = [entry.next_step_owner] if entry.next_step_owner else []
            people = may_see(entry.incident, [*owner, *people_with(Role.TEAM_HEAD)])
            notify(people, **messages.next_step_late(entry))
            count += 1
    return count


@transaction.atomic
def ask_for_checks(now: datetime) -> int:
    """Contacts nobody has checked for a month: their owners are asked, each once for all of theirs."""
    asked: dict[User, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.to_check(now).filter(check_asked_at__isnull=True).select_related("owner")[:500]:
        if Contact.objects.filter(pk=contact.pk, check_asked_at__isnull=True).update(check_asked_at=now):
            asked[contact.owner].append(contact)
    for owner, theirs in asked.items():
        notify([owner], **messages.contacts_to_check(theirs))
    return sum(len(theirs) for theirs in asked.values())
