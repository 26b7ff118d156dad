"""The ledger of attempts, and what a channel's page says of its health."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from notices.models import Delivery, DeliveryAttempt, NoticeChannel
from notices.permissions import may

DAY = timedelta(hours=24)


def attempts(viewer: User, wanted: dict[str, Any]) -> QuerySet[DeliveryAttempt]:
    """The attempts this person may see: everybody's for who keeps the ledger, else those to themselves."""
    found = DeliveryAttempt.objects.select_related("channel", "person").filter(**wanted).distinct()
    return found if may(viewer, "see_ledger") else found.filter(person=viewer)


def channels_for_list(now: datetime) -> QuerySet[NoticeChannel]:
    """Every channel with what it sent in a day and what waits; one query."""
    lately = Q(attempts__began_at__gt=now - DAY)
    return NoticeChannel.objects.order_by("pk").annotate(
        sent=Count("attempts", lately & Q(attempts__outcome=DeliveryAttempt.Outcome.SENT), distinct=True),
        troubled=Count(
            "attempts",
            lately & ~Q(attempts__outcome__in=[DeliveryAttempt.Outcome.SENT, DeliveryAttempt.Outcome.TRYING]),
            distinct=True,
        ),
    )


def waiting_on(channel: NoticeChannel) -> int:
    return Delivery.objects.queued().filter(channel=channel).count()
