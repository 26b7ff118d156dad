"""Telling people: rows in the inbox inside the act's transaction, deliveries outside it."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Exercise, User
from notices.channels import ChannelError, Message, channel_named
from notices.models import Delivery, Notice, Urgency

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 10  # with the pauses doubling, after about four hours
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
            if channel_named(name).address_of(notice.person)
        )
    return notices


def deliver(delivery: Delivery, now: datetime) -> None:
    """Send one claimed delivery and write down how it went. The row's key goes along, so that a repeat can be told."""
    row = Delivery.objects.filter(pk=delivery.pk)
    try:
        if delivery.attempts > GIVE_UP_AFTER:
            raise ChannelError(_("no worker survived sending it"), permanent=True)
        receipt = _sent(delivery)
    except ChannelError as error:
        gives_up = error.permanent or delivery.attempts >= GIVE_UP_AFTER
        row.update(
            state=Delivery.State.FAILED if gives_up else Delivery.State.QUEUED,
            claimed_at=None,
            next_try_at=now + FIRST_RETRY * 2 ** (delivery.attempts - 1),
            error=str(error)[:500],
        )
        words = "delivery failed delivery=%s channel=%s tries=%s"
        logger.warning(words, delivery.pk, delivery.channel, delivery.attempts)
        return
    row.update(state=Delivery.State.SENT, sent_at=now, receipt=receipt[:200], error="")


def _sent(delivery: Delivery) -> str:
    channel, notice = channel_named(delivery.channel), delivery.notice
    address = channel.address_of(notice.person)
    if not address:
        raise ChannelError(_("this person has no address there any more"), permanent=True)
    url = urljoin(settings.SITE_URL, notice.url) if notice.url else ""
    message = Message(notice.subject, notice.body, url, notice.urgency, f"{notice.uuid}-{delivery.pk}")
    return channel.send({}, address, message)


def mark_read(person: User, now: datetime, notice: Notice | None = None) -> int:
    """Mark one of a person's notices read, or all of them; returns how many changed."""
    unread = Notice.objects.for_person(person).unread()
    if notice is not None:
        unread = unread.filter(pk=notice.pk)
    return unread.update(read_at=now)
