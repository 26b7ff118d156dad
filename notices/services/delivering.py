"""Sending: who may send what now is decided under the channel's row, the call goes out outside of any transaction.

Decisions (docs/adr/0025): the ledger is the rate limit, a message that may have arrived is not blindly sent again, and
what was tried together is tried again together.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from notices import pace
from notices.channels import ChannelError, Message, channel_named
from notices.models import Delivery, DeliveryAttempt, DeliveryQuerySet, Notice, NoticeChannel, Urgency
from notices.selectors.routing import is_group
from notices.services.channels import switch_off_by_itself
from notices.services.telling import on_next_channel
from notices.subjects import may_know
from notices.words import message_of

logger = logging.getLogger(__name__)

GIVE_UP_AFTER = 10  # with the pauses doubling, after about four hours
FIRST_RETRY = timedelta(seconds=30)
ANOTHER_WAY_AFTER = 3  # tries; then another channel takes over, where there is one
REFUSALS_IN_A_ROW = 5  # for good, until a personal channel is switched off: one bad address silences nobody else

State, Outcome, NOW = Delivery.State, DeliveryAttempt.Outcome, Urgency.NOW


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that this worker, and no other, now has to send."""

    attempt: DeliveryAttempt
    channel: NoticeChannel
    deliveries: list[Delivery]
    address: str


def take(delivery: Delivery, now: datetime) -> Taken | None:
    """Claim a delivery and what is folded with it, and write the attempt down; None when it may not go now.

    None also when another worker was faster; a delivery that must wait has got its time.
    """
    with transaction.atomic():
        # one worker at a time decides for a channel: limits hold, however many there are
        channel = NoticeChannel.objects.select_for_update().get(pk=delivery.channel_id)
        row = _of_notice(Delivery.objects.waiting(now)).filter(pk=delivery.pk).first()
        if row is None or not _may_be_sent(row, channel, now):
            return None
        rows = _folded(row, channel, now)
        address = _address(row.notice.person, channel, rows)
        if address is None:
            _give_up(rows, State.FAILED, _("this person has no address there any more"), now)
            return None
        loudest = min(rows, key=lambda one: one.notice.urgency).notice
        free_at = _free_at(row, channel, loudest.urgency == NOW, now)
        if free_at > now:
            _wait(row, channel, free_at)
            return None
        attempt = DeliveryAttempt.objects.create(
            channel=channel,
            person=row.notice.person,
            event=loudest.event,
            urgency=loudest.urgency,
            notices=len(rows),
            began_at=now,
        )
        Delivery.objects.filter(pk__in=[one.pk for one in rows]).update(
            claimed_at=now, attempts=F("attempts") + 1, attempt=attempt
        )
        for one in rows:
            one.attempts += 1
        return Taken(attempt, channel, rows, address)


def send(taken: Taken, now: datetime) -> None:
    """Hand the message to its channel and write down how it went. Call outside of any transaction.

    The key goes along, so that a platform or a reader can fold a repeat.
    """
    first = taken.deliveries[0]
    key = f"{first.notice.uuid}-{first.pk}"
    message = message_of([one.notice for one in taken.deliveries], key)
    try:
        receipt = hand_over(taken.channel, taken.address, message)
    except ChannelError as error:
        words = "delivery failed attempt=%s channel=%s code=%s tries=%s"
        logger.warning(words, taken.attempt.pk, taken.channel.kind, error.code, first.attempts)
        with transaction.atomic():
            _write_failure(taken, error, now)
        return
    with transaction.atomic():
        write_success(taken.attempt, receipt, now)
        Delivery.objects.filter(attempt=taken.attempt).update(
            state=State.SENT, sent_at=now, receipt=receipt[:200], error=""
        )


def hand_over(channel: NoticeChannel, address: str, message: Message) -> str:
    """Give one message to the adapter; the receipt. Raises ChannelError."""
    try:
        config = channel.settings
    except InvalidToken as error:
        words = _("its settings were encrypted with a key that is gone: enter them anew")
        raise ChannelError(words, permanent=True) from error
    return channel_named(channel.kind).send(config, address, message)


def write_success(attempt: DeliveryAttempt, receipt: str, now: datetime) -> None:
    ended = {"outcome": Outcome.SENT, "ended_at": now, "receipt": receipt[:200]}
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(**ended)
    NoticeChannel.objects.filter(pk=attempt.channel_id).update(last_success_at=now, failures=0, refusals=0)


def write_error(attempt: DeliveryAttempt, error: ChannelError, now: datetime) -> NoticeChannel:
    """Into the ledger and onto the channel, which rests where the platform wants it to; the channel as it is now."""
    outcome = Outcome.UNKNOWN if error.is_unclear else Outcome.REFUSED if error.permanent else Outcome.PUT_OFF
    ended = {"outcome": outcome, "ended_at": now, "code": error.code[:60], "words": str(error)[:500]}
    DeliveryAttempt.objects.filter(pk=attempt.pk).update(**ended)
    channel = NoticeChannel.objects.select_for_update().get(pk=attempt.channel_id)
    channel.last_error_at, channel.last_error = now, str(error)[:500]
    channel.failures += 1
    channel.refusals = channel.refusals + 1 if error.permanent else 0
    if error.pause:
        channel.paused_until = now + error.pause
    channel.save(update_fields=["last_error_at", "last_error", "failures", "refusals", "paused_until"])
    return channel


def _write_failure(taken: Taken, error: ChannelError, now: datetime) -> None:
    channel = write_error(taken.attempt, error, now)
    rows, words = taken.deliveries, str(error)
    if error.permanent:
        _give_up(rows, State.FAILED, words, now)
        if channel.is_on and channel.refusals >= (1 if is_group(channel) else REFUSALS_IN_A_ROW):
            switch_off_by_itself(channel, words, now)
        return
    tries = max(one.attempts for one in rows)
    if error.is_unclear and not channel_named(channel.kind).FOLDS_REPEATS:
        _give_up(rows, State.UNKNOWN, words, now)
        return
    if tries >= GIVE_UP_AFTER:
        _give_up(rows, State.FAILED, words, now)
        return
    again_at = now + max(FIRST_RETRY * 2 ** (tries - 1), error.retry_after or timedelta(0))
    stay = rows
    if tries >= ANOTHER_WAY_AFTER or error.pause:
        stay = _moved_on(rows, words, now)
    ours = Delivery.objects.filter(pk__in=[one.pk for one in stay])
    ours.update(claimed_at=None, next_try_at=max(again_at, channel.paused_until or again_at), error=words[:500])


# --- may it go, and with what ----------------------------------------------------------------------------------------
def _of_notice(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    return rows.select_related("notice__person", "notice__call", "attempt")


def _may_be_sent(row: Delivery, channel: NoticeChannel, now: datetime) -> bool:
    """Whether this delivery still has a way to go on this channel; where not, it is moved, put off or given up."""
    if not _may_carry(channel, row):
        _give_up([row], State.FAILED, _("not for a group chat"), now)
        return False
    if row.attempt is not None and row.claimed_at is not None and not _survives_a_death(row, channel, now):
        return False
    if channel.is_on and not channel.is_resting(now):
        return True
    if not channel.is_on:
        _give_up([row], State.FAILED, _("the channel is switched off"), now)
    elif _moved_on([row], _("the channel is at rest"), now):
        Delivery.objects.filter(pk=row.pk).update(next_try_at=channel.paused_until, claimed_at=None)
    return False


def _may_carry(channel: NoticeChannel, row: Delivery) -> bool:
    """The one place that keeps what is confidential out of group chats: asked again for every message that leaves.

    A chat carries what was told to chats, and only while everybody may know what it is about: an incident may have
    become confidential while the notice waited.
    """
    if not is_group(channel):
        return row.notice.person_id is not None
    return row.notice.person_id is None and may_know(None, row.notice.about)


def _address(person: User | None, channel: NoticeChannel, rows: Sequence[Delivery]) -> str | None:
    """Where a message goes; None where its person has left, or has no address there any more."""
    if person is None:
        return _mentioned(channel, rows)
    return channel_named(channel.kind).address_of(person) if person.is_active else None


def _mentioned(channel: NoticeChannel, rows: Sequence[Delivery]) -> str:
    """Whom a chat's message calls by @: those who were told of the same themselves, where it cannot wait."""
    loud = {(one.notice.event, one.notice.about, one.notice.created_at) for one in rows if one.notice.urgency == NOW}
    told = [
        notice.person
        for event, about, at in loud
        for notice in Notice.objects.filter(event=event, about=about, created_at=at).select_related("person")
        if notice.person is not None
    ]
    address_of = channel_named(channel.kind).address_of
    return ",".join(dict.fromkeys(filter(None, map(address_of, told))))


def _survives_a_death(row: Delivery, channel: NoticeChannel, now: datetime) -> bool:
    """A worker died while it sent this: nobody knows whether it arrived. True where a repeat does no harm."""
    died = DeliveryAttempt.objects.filter(deliveries=row, outcome=Outcome.TRYING)
    died.update(outcome=Outcome.UNKNOWN, ended_at=now, words=_("no worker survived sending it"))
    if row.attempts < GIVE_UP_AFTER and channel_named(channel.kind).FOLDS_REPEATS:
        return True
    together = _of_notice(Delivery.objects.queued()).filter(attempt=row.attempt_id)
    _give_up(list(together), State.UNKNOWN, _("no worker survived sending it"), now)
    return False


def _folded(row: Delivery, channel: NoticeChannel, now: datetime) -> list[Delivery]:
    """The delivery with all that goes in the same message, in the order in which they were told."""
    if row.attempt_id is not None:
        return list(_of_notice(Delivery.objects.queued()).filter(attempt=row.attempt_id).order_by("pk"))
    fresh = _of_notice(Delivery.objects.queued()).filter(
        channel=channel, attempt__isnull=True, notice__person=row.notice.person_id
    )
    if is_group(channel):  # what waits only for the chat's window goes along
        waiting = fresh.filter(Q(next_try_at__lte=now) | Q(notice__urgency__lt=Urgency.CALM))
        known = {about for about in set(waiting.values_list("notice__about", flat=True)) if may_know(None, about)}
        return list(waiting.filter(notice__about__in=known).order_by("pk"))
    due = list(fresh.filter(next_try_at__lte=now).order_by("pk"))
    if row.notice.urgency == NOW and len(due) > pace.FEW:
        due = [one for one in due if one.notice.urgency == NOW]
    calm = [one for one in due if one.notice.urgency == Urgency.CALM]
    if len(due) > pace.FEW:
        return due
    if row.notice.urgency == Urgency.CALM and len(calm) > 1:
        return calm
    about = row.notice.about
    return [one for one in due if one.pk == row.pk or (about and one.notice.about == about)]


def _free_at(row: Delivery, channel: NoticeChannel, is_loud: bool, now: datetime) -> datetime:
    """When the channel, and the chat or person behind it, may be spoken to."""
    free_at = now
    rate = channel_named(channel.kind).RATE
    attempts = channel.attempts.order_by("began_at")
    if rate is not None:
        sent = list(attempts.filter(began_at__gt=now - rate.per).values_list("began_at", flat=True))
        allowed = pace.budget(rate.messages, is_loud=is_loud)
        free_at = pace.channel_free_at(sent, allowed, rate.per, now)
    lately = attempts.filter(began_at__gt=now - pace.WINDOW, outcome__in=DeliveryAttempt.MAY_HAVE_ARRIVED)
    if is_group(channel):
        heard = list(lately.values_list("began_at", "urgency"))
        quiet = [began for began, urgency in heard if urgency != NOW]
        loud = [began for began, urgency in heard if urgency == NOW]
        return max(free_at, pace.chat_free_at(quiet, loud, now, is_loud=is_loud))
    if row.notice.about and not is_loud:
        same = lately.filter(deliveries__notice__about=row.notice.about, person=row.notice.person_id).last()
        free_at = max(free_at, same.began_at + pace.WINDOW) if same else free_at
    return free_at


def _wait(row: Delivery, channel: NoticeChannel, until: datetime) -> None:
    """Put off what waits for the same, so that nobody looks at each of ten thousand rows again and again."""
    waiting = Delivery.objects.queued().filter(
        channel=channel, claimed_at__isnull=True, next_try_at__lt=until, notice__urgency__gte=row.notice.urgency
    )
    if not is_group(channel):
        waiting = waiting.filter(notice__person=row.notice.person_id, notice__about=row.notice.about)
    Delivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(next_try_at=until)
    Delivery.objects.filter(pk=row.pk).update(next_try_at=until, claimed_at=None)


# --- another way -----------------------------------------------------------------------------------------------------
def _moved_on(rows: Sequence[Delivery], words: str, now: datetime) -> list[Delivery]:
    """Hand deliveries to the next channel of their people; returns those that have none and stay."""
    moved = [one for one in rows if on_next_channel(one.notice, now)]
    _end(moved, State.MOVED, words)
    return [one for one in rows if one not in moved]


def _give_up(rows: Sequence[Delivery], state: str, words: str, now: datetime) -> None:
    """This channel will not carry them; the next one of their people does, where there is one."""
    for one in rows:
        on_next_channel(one.notice, now)
    _end(rows, state, words)


def _end(rows: Sequence[Delivery], state: str, words: str) -> None:
    ended = Delivery.objects.filter(pk__in=[one.pk for one in rows])
    ended.update(state=state, error=words[:500], claimed_at=None)
