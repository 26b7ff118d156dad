"""Reads of letters and calls: the list, and what regulators' letters say about how grave an incident is."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts import clock
from accounts.models import User
from incidents import severity
from incidents.models import Incident
from incidents.selectors.reading import Attention
from response.models import Incoming


def incoming_for(person: User) -> QuerySet[Incoming]:
    """The live ones this person may see, the next due first; those that are over come after."""
    return Incoming.objects.visible_to(person).select_related("incident", "owner", "entered_by")


def incoming_of(incident: Incident, person: User) -> QuerySet[Incoming]:
    return Incoming.everywhere.visible_to(person).filter(incident=incident).select_related("owner", "incident")


def overdue_count(person: User) -> int:
    """For the rail: letters this person answers that are overdue."""
    return Incoming.objects.open().filter(owner=person, due_at__lt=clock.now()).count()


def attention_of(incident: Incident, now: datetime) -> Attention | None:
    """The gravest thing a regulator sent about it until `now`; None where nothing came in. settings.REGULATOR_HOOKS.

    Answered or not: that a case was opened stays so. What was entered by mistake is corrected, and then counts no more.
    """
    codes = list(
        Incoming.everywhere.filter(incident=incident, kind=Incoming.Kind.REGULATOR, received_at__lte=now)
        .exclude(attention="")
        .values_list("attention", flat=True)
    )
    if not codes:
        return None
    gravest = max(codes, key=lambda code: severity.REGULATOR[code])
    url = f"{reverse('response:incoming')}?incident={incident.number}&kind=regulator&state=all"
    return Attention(gravest, codes.count(gravest), url)
