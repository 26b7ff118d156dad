"""Reads of the ledger of promises."""

from django.db.models import QuerySet

from accounts.models import User
from response.models import Promise, Statement


def promises_for(person: User) -> QuerySet[Promise]:
    """Every public promise of incidents this person may see, a drill's not, the soonest first."""
    public = Promise.objects.visible_to(person).filter(public_at__isnull=False, incident__exercise__isnull=True)
    return public.select_related("incident", "statement", "owner__department", "task")


def promises_of(statement: Statement) -> QuerySet[Promise]:
    return statement.promises.select_related("owner", "task")
