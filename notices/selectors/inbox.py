"""A person's own notices."""

from django.db.models import Prefetch

from accounts.models import User
from notices.models import Delivery, Notice, NoticeQuerySet


def unread_count(user: User) -> int:
    """How many notices this person has not read."""
    return Notice.objects.for_person(user).unread().count()


def inbox(user: User) -> NoticeQuerySet:
    """A person's notices, the newest first, each with its deliveries: two queries however many there are."""
    deliveries = Prefetch("deliveries", Delivery.objects.select_related("channel").order_by("pk"))
    return Notice.objects.for_person(user).select_related("call").prefetch_related(deliveries)
