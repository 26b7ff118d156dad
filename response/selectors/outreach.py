"""Reads of the directory, of contacts on incidents, and of advisers."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from incidents.models import Incident
from response.models import Contact, ContactEntry, Engagement

NOTHING = Value(Decimal(0), output_field=DecimalField(max_digits=14, decimal_places=2))


def directory(filters: Mapping[str, Any], now: datetime) -> QuerySet[Contact]:
    """The contacts a list shows. filters: kind, q (in organisation, name, position), mine (a User), check, retired."""
    contacts = Contact.objects.with_last_contact().select_related("owner").order_by("organisation", "name", "id")
    if not filters.get("retired"):
        contacts = contacts.filter(retired_at__isnull=True)
    if filters.get("kind"):
        contacts = contacts.filter(kind=filters["kind"])
    if filters.get("mine"):
        contacts = contacts.filter(owner=filters["mine"])
    if filters.get("check"):
        contacts = contacts.filter(pk__in=Contact.objects.to_check(now).values("pk"))
    words = (filters.get("q") or "").strip()
    if words:
        contacts = contacts.filter(
            Q(organisation__icontains=words) | Q(name__icontains=words) | Q(position__icontains=words)
        )
    return contacts


def entries_of(incident: Incident) -> QuerySet[ContactEntry]:
    return incident.contacts.select_related("contact", "by", "next_step_owner", "done_by")


def entries_with(contact: Contact, person: User) -> QuerySet[ContactEntry]:
    """What was said with one contact, of the incidents this person may see."""
    seen = contact.entries.filter(incident__in=Incident.everywhere.visible_to(person))
    return seen.select_related("incident__exercise", "by", "next_step_owner", "done_by", "contact")


def engagements_for(person: User) -> QuerySet[Engagement]:
    """Each with `spent`, in its own currency."""
    visible = Engagement.objects.visible_to(person).select_related("contact", "incident", "drafted_by", "agreed_by")
    return visible.annotate(spent=Coalesce(Sum("costs__amount"), NOTHING))


def engagements_of(incident: Incident) -> QuerySet[Engagement]:
    return incident.engagements.select_related("contact").annotate(spent=Coalesce(Sum("costs__amount"), NOTHING))
