"""Reads of the trail."""

from datetime import datetime

from django.db.models import Q, QuerySet

from audit.models import Entry


def entries(
    *,
    event: str = "",
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Entries that fit every filter given, the newest first.

    event           begins with: `accounts.` finds a whole app
    actor           user name in full, or the name as it was written down
    subject         begins with: `person:gm`, `YQ-2026-`
    since, until    half open: until does not belong to it
    """
    found = Entry.objects.select_related("actor").order_by("-seq")
    if event:
        found = found.filter(event__startswith=event)
    if actor:
        found = found.filter(Q(actor__username=actor) | Q(actor_name=actor))
    if subject:
        found = found.filter(subject__startswith=subject)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    return found
