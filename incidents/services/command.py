"""The command centre (应急指挥中心): who is at work on an incident, and what each of them does."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from incidents.models import Incident, Membership
from incidents.permissions import require
from incidents.services.timeline import note_on


@transaction.atomic
def come_on(incident: Incident, *, actor: User, now: datetime) -> Membership:
    """到岗: this person is at work on it from now on; who was no member becomes one. Twice is once."""
    require(actor, "come_on", incident)
    member, _is_new = Membership.objects.get_or_create(
        incident=incident, person=actor, removed_at=None, defaults={"added_by": actor, "added_at": now}
    )
    if Membership.objects.filter(pk=member.pk, on_since__isnull=True).update(on_since=now):
        note_on(incident, "incidents.came_on", actor=actor, now=now)
    member.refresh_from_db()
    return member


@transaction.atomic
def go_off(incident: Incident, *, actor: User, now: datetime) -> None:
    """离岗: they remain a member and are called again when needed."""
    require(actor, "go_off", incident)
    if incident.memberships.current().filter(person=actor, on_since__isnull=False).update(on_since=None):
        note_on(incident, "incidents.went_off", actor=actor, now=now)


@transaction.atomic
def give_function(incident: Incident, person: User, function: str, *, actor: User, now: datetime) -> bool:
    """分工: say what a member does here, in words; empty takes it away. False if nothing changed."""
    require(actor, "change_members", incident)
    function = " ".join(function.split())
    member = incident.memberships.current().get(person=person)
    if member.function == function:
        return False
    Membership.objects.filter(pk=member.pk).update(function=function)
    detail = {"person": str(person)}  # the words themselves stay out of the trail
    note_on(incident, "incidents.function_given", actor=actor, now=now, note=function, detail=detail)
    return True
