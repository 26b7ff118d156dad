"""Telling people: rows in the inbox inside the act's transaction, deliveries outside it."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from accounts import clock
from accounts.models import Exercise, User
from notices.channels import ChannelError, channel_named
from notices.models import Delivery, Notice, Urgency

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 6
FIRST_RETRY = timedelta(seconds=30)


def notify(
    people: Iterable[User],
    *,
    event: str,
    subject: str,
    body: str = "",
    url: str = "",
    urgency: int = Urgency.SOON,
    exercise: Exercise | None = None,
) -> list[Notice]:
    """Put a notice in each person's inbox and queue its deliveries. Call inside the act's transaction; sends nothing.

    subject, body  self-sufficient and without secrets: they may be shown on a lock screen
    url            a path on this desk
    An exercise's notice stays inside: it gets no delivery.
    """
    now = clock.now(exercise)
    unique = {person.pk: person for person in people if person.is_active}
    notices = Notice.everywhere.bulk_create(
        Notice(
            person=person,
            event=event,
            subject=subject[:200],
            body=body,
            url=url,
            urgency=urgency,
            created_at=now,
            exercise=exercise,
        )
        for person in unique.values()
    )
    if exercise is None:
        Delivery.objects.bulk_create(
            Delivery(notice=notice, channel=name, next_try_at=now)
            for notice in notices
            for name in settings.NOTICE_CHANNELS
            if channel_named(name).reaches(notice.person)
        )
    return notices


def deliver(delivery: Delivery, now: datetime) -> None:
    """Send one claimed delivery and write down how it went. The row's key goes along, so that a repeat can be told."""
    channel = channel_named(delivery.channel)
    try:
        receipt = channel.send(delivery.notice, key=str(delivery.pk))
    except ChannelError as error:
        attempts = delivery.attempts + 1
        gives_up = error.permanent or attempts >= GIVE_UP_AFTER
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.FAILED if gives_up else Delivery.State.QUEUED,
            attempts=F("attempts") + 1,
            claimed_at=None,
            next_try_at=now + FIRST_RETRY * 2**delivery.attempts,
            error=str(error)[:500],
        )
        logger.warning("delivery failed delivery=%s channel=%s tries=%s", delivery.pk, delivery.channel, attempts)
        return
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.SENT, attempts=F("attempts") + 1, sent_at=now, receipt=receipt[:200], error=""
    )


def mark_read(person: User, now: datetime, notice: Notice | None = None) -> int:
    """Mark one of a person's notices read, or all of them; returns how many changed."""
    unread = Notice.objects.for_person(person).unread()
    if notice is not None:
        unread = unread.filter(pk=notice.pk)
    return unread.update(read_at=now)


def tell_role_change(change: Any) -> None:
    """Account hook: the leadership group hears of every change to its own roles and to those of the spokesperson."""
    from notices.messages import role_change_message  # words only; kept apart from the acts

    notify(**role_change_message(change))
