"""A real test message, now, and the platform's own answer in words."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from notices import pace
from notices.channels import ChannelError, Message, channel_named
from notices.models import DeliveryAttempt, NoticeChannel, Urgency
from notices.permissions import may
from notices.selectors.routing import is_group
from notices.services.delivering import hand_over, write_error, write_success

TESTED = "notices.channel_tested"


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test went: `words` are the platform's own, or why nothing was sent."""

    went_well: bool
    words: str


def test_channel(channel: NoticeChannel, *, actor: User, now: datetime) -> Tested:
    """Send a test message to who asks, or into the chat. Call outside of a transaction: it goes out over the network.

    An administrator's test is kept with the channel and on the trail. Counts against the channel's rate like any other.
    """
    address = "" if is_group(channel) else channel_named(channel.kind).address_of(actor)
    if address is None:
        return Tested(False, _("There is no address of yours on this channel."))
    attempt = _begin(channel, None if is_group(channel) else actor, now)
    if attempt is None:
        return Tested(False, _("The channel is at its limit just now. Try again in a minute."))
    message = Message(
        _("Test message of Tinglan"),
        _("If you read this, notices arrive here. Nothing is to be done."),
        urljoin(settings.SITE_URL, reverse("notices:mine")),
        Urgency.SOON,
        str(attempt.uuid),
    )
    try:
        receipt = hand_over(channel, address, message)
        tested = Tested(True, _("Taken. Receipt: %(receipt)s") % {"receipt": receipt or "—"})
    except ChannelError as error:
        code = f" ({error.code})" if error.code else ""
        tested = Tested(False, f"{error}{code}")
        with transaction.atomic():
            write_error(attempt, error, now)
    else:
        with transaction.atomic():
            write_success(attempt, receipt, now)
    if may(actor, "edit_channels"):
        _keep(channel, tested, actor, now)
    return tested


@transaction.atomic
def _begin(channel: NoticeChannel, person: User | None, now: datetime) -> DeliveryAttempt | None:
    channel = NoticeChannel.objects.select_for_update().get(pk=channel.pk)
    rate = channel_named(channel.kind).RATE
    if rate is not None:
        sent = channel.attempts.filter(began_at__gt=now - rate.per).count()
        if sent >= pace.budget(rate.messages, is_loud=False):
            return None
    return DeliveryAttempt.objects.create(
        channel=channel, person=person, event=TESTED, urgency=Urgency.SOON, began_at=now
    )


@transaction.atomic
def _keep(channel: NoticeChannel, tested: Tested, actor: User, now: datetime) -> None:
    NoticeChannel.objects.filter(pk=channel.pk).update(
        tested_at=now, test_went_well=tested.went_well, test_words=tested.words[:500]
    )
    subject = f"notice-channel:{channel.uuid}"
    audit.record(TESTED, actor=actor, subject=subject, detail={"went_well": tested.went_well})
