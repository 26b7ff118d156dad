"""The outbox: a worker claims a release, writes the attempt, calls the channel, and ends in sent, refused or unknown.

Whatever moment a worker dies at, the next one finds either a release nobody has called a channel for (`called_at` is
empty: it may be called), or one that may be out. The second is called again only on a channel that bears it; else the
platform is asked, three times, and then a person.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.roles import SPEAKERS
from accounts.selectors import people_with
from notices.services import notify
from response import channels, messages
from response.channels import (
    NEWSROOM,
    Later,
    Pending,
    Receipt,
    Refused,
    Unclear,
    channel_named,
    company_label,
)
from response.models import Release, ReleaseAttempt
from response.notnow import NotNow
from response.services.accounts import newsroom_is_down, note_health
from response.services.releases import fulfil_halt, may_leave, note_release, note_sent, words_hash_of
from response.services.statements import fingerprint

logger = logging.getLogger(__name__)
State = Release.State
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 3
MOST_TRIES = 6  # of a call that certainly did nothing: the platform is busy
LOOKS = (timedelta(seconds=15), timedelta(seconds=60), timedelta(seconds=240))  # then a person is asked
PATIENCE = timedelta(minutes=15)  # with a platform that says it is at work
NEWSROOM_PATIENCE = timedelta(minutes=5)  # the others wait so long for the newsroom, whose link they carry


class Stopped(Exception):
    """Withdrawn while it was being sent, before anything was called; or another worker took it over."""


# --- what is due -----------------------------------------------------------------------------------------------------
def due_releases(now: datetime) -> QuerySet[Release]:
    """Queued for a machine, to be looked at again, or claimed so long ago that the worker must have died.

    In the order they were asked for; a channel that carries the newsroom's link waits until that is out.
    """
    its_time = (Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now)) & (
        Q(look_at__isnull=True) | Q(look_at__lte=now)
    )
    agreed = Q(needs_second=False) | Q(second_at__isnull=False)
    queued = Q(state=State.QUEUED, is_manual=False) & its_time & agreed
    lost = Q(state=State.SENDING, look_at__isnull=True, claimed_at__lt=now - LEASE)
    looking = Q(state=State.SENDING, look_at__lte=now)
    newsroom = Release.everywhere.annotate(since=Coalesce("scheduled_at", "requested_at")).filter(
        version=OuterRef("version"),
        channel=NEWSROOM,
        state__in=(State.QUEUED, State.SENDING),
        since__gt=now - NEWSROOM_PATIENCE,
    )
    waits = ~Q(channel=NEWSROOM) & Q(state=State.QUEUED, exercise__isnull=True) & Exists(newsroom)
    due = Release.everywhere.filter(queued | lost | looking).exclude(waits)
    return due.select_related("version__statement__incident", "requested_by").order_by("requested_at", "id")


def claim(release: Release, now: datetime) -> ReleaseAttempt | None:
    """Take a release and write down that it will be tried, before anything is called. None: another worker has it.

    To look again what became of a call belongs to the attempt that made the call.
    """
    with transaction.atomic():
        ours = Release.everywhere.filter(
            pk=release.pk, state=release.state, claimed_at=release.claimed_at, look_at=release.look_at
        )
        if ours.update(state=State.SENDING, claimed_at=now, look_at=None) != 1:
            return None
        looks_again = release.state == State.SENDING and release.look_at is not None
        release.state, release.claimed_at, release.look_at = State.SENDING, now, None
        last = release.attempts.aggregate(last=Max("number"))["last"] or 0
        if looks_again and last:
            return release.attempts.get(number=last)
        with translation.override(settings.LANGUAGE_CODE):
            words = _("The worker was lost during this attempt.")
        release.attempts.filter(ended_at__isnull=True).update(ended_at=now, outcome=State.UNKNOWN, words=words)
        return ReleaseAttempt.objects.create(release=release, number=last + 1, started_at=now)


def due_checks(now: datetime) -> QuerySet[Release]:
    due = Release.objects.filter(state=State.SENT, look_at__lte=now, is_manual=False)
    return due.select_related("version__statement__incident", "requested_by")


# --- sending ---------------------------------------------------------------------------------------------------------
def send(release: Release, attempt: ReleaseAttempt, now: datetime) -> str:
    """Carry out a claimed attempt and write down how it stands; returns the release's state.

    The network is touched between transactions, never inside one.
    """
    with translation.override(settings.LANGUAGE_CODE):
        try:
            receipt = call(release, attempt, now)
        except Stopped:
            return stop(release, attempt, now)
        except Later as busy:
            return try_later(release, attempt, now, busy)
        except Pending as at_work:
            return look_later(release, attempt, now, at_work)
        except Refused as refusal:
            if refusal.by_hand and release.exercise_id is None:
                return give_to_hand(release, attempt, now, str(refusal))
            return end(release, attempt, State.REFUSED, now, words=str(refusal))
        except Unclear as doubt:
            return ask_again(release, attempt, now, str(doubt))
        state = end(release, attempt, State.SENT, now, words=receipt.words, url=receipt.url)
        if receipt.gone and state == State.SENT:
            removed(release, now, receipt.gone)
        return state


def call(release: Release, attempt: ReleaseAttempt, now: datetime) -> Receipt:
    """The channel's answer. Raises Refused, Later, Pending, Unclear, Stopped."""
    if release.called_at is not None:
        return what_became_of_it(release, attempt, now)
    check_words(release)
    if release.exercise_id is None and release.channel != NEWSROOM:
        check_newsroom(release)
    channels.prepare(release, now)
    begin_call(release, now)
    return channels.publish(release, now)


def what_became_of_it(release: Release, attempt: ReleaseAttempt, now: datetime) -> Receipt:
    """It may be out already: look, and call again only where that cannot publish it twice.

    Only the platform's own verdict on this release ends the doubt with a no. That we cannot ask (the account was
    switched off, its right ended) or that a repeat is refused says nothing about the first call.
    """
    try:
        found = channels.find(release, now)
    except Refused as refusal:
        if refusal.by_hand:
            raise Unclear(str(refusal)) from None
        raise
    if found:
        return found
    if not channel_named(release.channel).BEARS_REPEATS or attempt.number > MOST_ATTEMPTS:
        raise Unclear(_("An earlier attempt was cut short, and nobody can tell whether it went out."))
    try:
        return channels.publish(release, now)
    except (Later, Refused) as nothing_this_time:
        raise Unclear(str(nothing_this_time)) from None


def check_words(release: Release) -> None:
    """Nothing leaves but what was signed and shown: the text, the words of this channel. Raises Refused."""
    version = release.version
    if not release.text_hash == version.text_hash == fingerprint(version):
        raise Refused(_("The text is not the one that was signed."))
    if release.words_hash and release.words_hash != words_hash_of(release.channel, version):
        raise Refused(_("The words of this channel are not the ones that were shown when it was published."))
    try:
        may_leave(version)
    except NotNow as reason:  # a fact fell, or somebody began to revise it, since 发布 was pressed
        raise Refused(str(reason)) from None


def check_newsroom(release: Release) -> None:
    """The others carry the newsroom's link. Where that does not stand, a person decides. Raises Refused."""
    own = Release.everywhere.filter(version__statement=release.version.statement, channel=NEWSROOM)
    this = own.filter(version=release.version).values_list("state", flat=True).first()
    if this != State.SENT and not (this is None and own.filter(state=State.SENT).exists()):
        raise Refused(_("The newsroom does not carry it, and this channel would link to it."), by_hand=True)
    if newsroom_is_down():
        raise Refused(_("The newsroom does not answer, and this channel would link to it."), by_hand=True)


def begin_call(release: Release, now: datetime) -> None:
    """From here on it may be out. Raises Stopped if it was withdrawn meanwhile, or another worker has it."""
    mine = Release.everywhere.filter(
        pk=release.pk, state=State.SENDING, claimed_at=release.claimed_at, halt_at__isnull=True
    )
    if mine.update(called_at=now) != 1:
        raise Stopped
    release.called_at = now


# --- how it stands ---------------------------------------------------------------------------------------------------
def mine(release: Release) -> QuerySet[Release]:
    """The release, as long as no other worker took it over."""
    return Release.everywhere.filter(pk=release.pk, state=State.SENDING, claimed_at=release.claimed_at)


def end(release: Release, attempt: ReleaseAttempt, state: str, now: datetime, *, words: str, url: str = "") -> str:
    """Write down how an attempt ended, unless another worker took the release over meanwhile."""
    with transaction.atomic():
        ours = Release.everywhere.filter(pk=release.pk, state=State.SENDING, claimed_at=release.claimed_at)
        proof = {"url": url, "sent_at": now, "sent_by": release.requested_by} if state == State.SENT else {}
        fresh = {"called_at": None, "halt_at": None, "halt_by": None} if state == State.REFUSED else {}
        if ours.update(state=state, words=words[:500], look_at=None, **proof, **fresh) != 1:
            logger.warning("release taken over release=%s attempt=%s", release.pk, attempt.number)
            return State.SENDING
        ReleaseAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=state, words=words[:500])
        release.refresh_from_db()
        if state == State.SENT:
            note_sent(release, actor=release.requested_by, now=now)
            fulfil_halt(release, now)
        else:
            tell(release)
            note_release(release, f"response.release_{state}", actor=None, now=now)
        if release.exercise_id is None and state in (State.SENT, State.REFUSED):
            note_health(release.channel, now, error="" if state == State.SENT else words)
    logger.info("release ended release=%s channel=%s state=%s", release.pk, release.channel, state)
    return str(release.state)


def removed(release: Release, now: datetime, why: str) -> None:
    """It was out, and somebody took it off the platform without us: said plainly, and told."""
    with transaction.atomic():
        gone = Release.everywhere.filter(pk=release.pk, state=State.SENT)
        done = {"take_down": Release.TakeDown.DONE, "look_at": None}
        if gone.update(state=State.WITHDRAWN, withdrawn_at=now, words=why[:500], **done) != 1:
            return
        release.refresh_from_db()
        people = [release.requested_by, *people_with(*SPEAKERS)]
        notify(people, **messages.removed_there(release, company_label(release.channel), why))
        note_release(release, "response.release_removed", actor=None, now=now)


def check_sent(release: Release, now: datetime) -> None:
    """The platform hinted that something happened to what is out there: ask, and say so if it is gone."""
    asked = Release.everywhere.filter(pk=release.pk, state=State.SENT, look_at=release.look_at)
    if asked.update(look_at=None) != 1:
        return
    with translation.override(settings.LANGUAGE_CODE):
        try:
            found = channels.find(release, now)
        except (Refused, Later, Pending, Unclear):
            return
        if found and found.gone:
            removed(release, now, found.gone)


def stop(release: Release, attempt: ReleaseAttempt, now: datetime) -> str:
    """Withdrawn before the call: nothing was published, and nothing will be."""
    with transaction.atomic():
        halted = mine(release).filter(halt_at__isnull=False, called_at__isnull=True)
        release.refresh_from_db(fields=["halt_at", "halt_by", "halt_note"])
        taken = halted.update(
            state=State.WITHDRAWN,
            withdrawn_at=release.halt_at,
            withdrawn_by=release.halt_by,
            words=release.halt_note,
        )
        if taken != 1:
            logger.warning("release taken over release=%s attempt=%s", release.pk, attempt.number)
            return State.SENDING
        words = _("Withdrawn before anything was sent.")
        ReleaseAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=State.WITHDRAWN, words=words)
        release.refresh_from_db()
        note_release(release, "response.release_withdrawn", actor=release.halt_by, now=now, note=release.words)
    return State.WITHDRAWN


def try_later(release: Release, attempt: ReleaseAttempt, now: datetime, busy: Later) -> str:
    """Nothing happened: back into the queue for a while, some times; then a person publishes by hand."""
    if attempt.number >= MOST_TRIES:
        return give_to_hand(release, attempt, now, str(busy))
    with transaction.atomic():
        changes = {"called_at": None, "look_at": now + busy.after, "words": str(busy)[:500]}
        if mine(release).update(state=State.QUEUED, **changes) != 1:
            return State.SENDING
        ReleaseAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=State.QUEUED, words=str(busy)[:500])
    return State.QUEUED


def look_later(release: Release, attempt: ReleaseAttempt, now: datetime, at_work: Pending) -> str:
    """The platform is at work: ask it again, until our patience ends."""
    if release.called_at and now - release.called_at > PATIENCE:
        return end(release, attempt, State.UNKNOWN, now, words=_("The platform still has not decided."))
    mine(release).update(look_at=now + at_work.after, words=str(at_work)[:500])
    return State.SENDING


def ask_again(release: Release, attempt: ReleaseAttempt, now: datetime, words: str) -> str:
    """Nobody knows: the platform is asked some moments later where it can tell, and after that a person."""
    channel = channel_named(release.channel)
    if not (channel.CAN_LOOK or channel.BEARS_REPEATS) or release.looks >= len(LOOKS):
        return end(release, attempt, State.UNKNOWN, now, words=words)
    mine(release).update(look_at=now + LOOKS[release.looks], looks=release.looks + 1, words=words[:500])
    return State.SENDING


def give_to_hand(release: Release, attempt: ReleaseAttempt, now: datetime, words: str) -> str:
    """It certainly is not out, and the machine cannot help: a person publishes it, and is told."""
    if mine(release).filter(halt_at__isnull=False).update(called_at=None):
        return stop(release, attempt, now)
    with transaction.atomic():
        changes = {"called_at": None, "look_at": None, "words": words[:500]}
        if mine(release).update(state=State.QUEUED, is_manual=True, needs_second=False, **changes) != 1:
            return State.SENDING
        ReleaseAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=State.REFUSED, words=words[:500])
        release.refresh_from_db()
        tell(release)
        note_release(release, "response.release_by_hand", actor=None, now=now)
        note_health(release.channel, now, error=words)
    return State.QUEUED


def tell(release: Release) -> None:
    """A person must look: who asked for it, and whoever may speak."""
    people = [release.requested_by, *people_with(*SPEAKERS)]
    notify(people, **messages.release_ended(release, company_label(release.channel)))


# --- taking down -----------------------------------------------------------------------------------------------------
def due_take_downs(now: datetime) -> QuerySet[Release]:
    due = Release.everywhere.filter(take_down=Release.TakeDown.DUE).filter(
        Q(look_at__isnull=True) | Q(look_at__lte=now)
    )
    return due.select_related("version__statement__incident", "requested_by").order_by("withdrawn_at", "id")


def take_down(release: Release, now: datetime) -> str:
    """Take a withdrawn release off its channel: no harm when it is gone already, so it is simply tried again.

    After three failures a person does it, and is told. Returns how that stands.
    """
    mine_now = Release.everywhere.filter(
        pk=release.pk, take_down=Release.TakeDown.DUE, look_at=release.look_at, looks=release.looks
    )
    if mine_now.update(look_at=now + LEASE) != 1:
        return release.take_down
    still = Release.everywhere.filter(pk=release.pk, take_down=Release.TakeDown.DUE)
    try:
        with translation.override(settings.LANGUAGE_CODE):
            channels.take_down(release)
    except (Later, Unclear) as trouble:
        if release.looks < len(LOOKS):
            still.update(look_at=now + LOOKS[release.looks], looks=release.looks + 1)
            return release.take_down
        return leave_to_hand(release, now, str(trouble))
    except Refused as refusal:
        return leave_to_hand(release, now, str(refusal))
    with transaction.atomic():
        if still.update(take_down=Release.TakeDown.DONE, look_at=None) == 1:
            note_release(release, "response.release_taken_down", actor=None, now=now)
    return Release.TakeDown.DONE


def leave_to_hand(release: Release, now: datetime, words: str) -> str:
    with transaction.atomic():
        left = Release.everywhere.filter(pk=release.pk, take_down=Release.TakeDown.DUE)
        if left.update(take_down=Release.TakeDown.BY_HAND, look_at=None) == 1:
            people = [release.requested_by, *people_with(*SPEAKERS)]
            notify(people, **messages.take_it_down(release, company_label(release.channel), words))
    return Release.TakeDown.BY_HAND
