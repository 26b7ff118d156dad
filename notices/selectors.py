"""Reads of the notices."""

from accounts.models import User
from notices.models import Notice


def unread_count(user: User) -> int:
    """How many notices this person has not read."""
    return Notice.objects.for_person(user).unread().count()
