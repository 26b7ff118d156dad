"""The outbox: a worker claims a release, writes the attempt, calls the channel, and ends in sent, refused or unknown.

Whatever moment a worker dies at, the next one finds either a release nobody has called a channel for, or an attempt
without an end. The second is repeated only on a channel that bears it; else it is looked for, then a person is asked.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.roles import SPEAKERS
from accounts.selectors import people_with
from notices.services import notify
from response import channels, messages
from response.channels import Receipt, Refused, Unclear, channel_named, company_label
from response.models import Release, ReleaseAttempt
from response.services.releases import note_release, note_sent
from response.services.statements import fingerprint

logger = logging.getLogger(__name__)
State = Release.State
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 3


def due_releases(now: datetime) -> QuerySet[Release]:
    """Queued for a machine, or claimed so long ago that the worker must have died; in the order they were asked for."""
    lost = Q(state=State.SENDING, claimed_at__lt=now - LEASE)
    due = Release.everywhere.filter(Q(state=State.QUEUED, is_manual=False) | lost)
    return due.select_related("version__statement__incident", "requested_by").order_by("requested_at", "id")


def claim(release: Release, now: datetime) -> ReleaseAttempt | None:
    """Take a release and write down that it will be tried, before anything is called. None: another worker has it."""
    with transaction.atomic():
        ours = Release.everywhere.filter(pk=release.pk, state=release.state, claimed_at=release.claimed_at)
        if ours.update(state=State.SENDING, claimed_at=now) != 1:
            return None
        last = release.attempts.aggregate(last=Max("number"))["last"] or 0
        release.attempts.filter(ended_at__isnull=True).update(
            ended_at=now, outcome=State.UNKNOWN, words=_("The worker was lost during this attempt.")
        )
        return ReleaseAttempt.objects.create(release=release, number=last + 1, started_at=now)


def send(release: Release, attempt: ReleaseAttempt, now: datetime) -> str:
    """Carry out a claimed attempt and write its end down; returns the release's state. The network is touched between
    transactions, never inside one."""
    try:
        receipt = call(release, attempt, now)
    except Refused as refusal:
        return end(release, attempt, State.REFUSED, now, words=str(refusal))
    except Unclear as doubt:
        return end(release, attempt, State.UNKNOWN, now, words=str(doubt))
    return end(release, attempt, State.SENT, now, words=receipt.words, url=receipt.url)


def call(release: Release, attempt: ReleaseAttempt, now: datetime) -> Receipt:
    """The channel's answer. Raises Refused, Unclear."""
    version = release.version
    if not release.text_hash == version.text_hash == fingerprint(version):
        raise Refused(_("The text is not the one that was signed."))
    cut_short = release.attempts.filter(number__lt=attempt.number, outcome=State.UNKNOWN).exists()
    if release.exercise_id is None and cut_short:
        found = channel_named(release.channel).find(release)
        if found:
            return found
        if not channel_named(release.channel).BEARS_REPEATS or attempt.number > MOST_ATTEMPTS:
            raise Unclear(_("An earlier attempt was cut short, and nobody can tell whether it went out."))
    return channels.publish(release, now)


def end(release: Release, attempt: ReleaseAttempt, state: str, now: datetime, *, words: str, url: str = "") -> str:
    """Write down how an attempt ended, unless another worker took the release over meanwhile."""
    with transaction.atomic():
        mine = Release.everywhere.filter(pk=release.pk, state=State.SENDING, claimed_at=attempt.started_at)
        proof = {"url": url, "sent_at": now, "sent_by": release.requested_by} if state == State.SENT else {}
        if mine.update(state=state, words=words[:500], **proof) != 1:
            logger.warning("release taken over release=%s attempt=%s", release.pk, attempt.number)
            return State.SENDING
        ReleaseAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=state, words=words[:500])
        release.refresh_from_db()
        if state == State.SENT:
            note_sent(release, actor=release.requested_by, now=now)
        else:
            notify(
                [release.requested_by, *people_with(*SPEAKERS)],
                **messages.release_ended(release, company_label(release.channel)),
            )
            note_release(release, f"response.release_{state}", actor=None, now=now)
    logger.info("release ended release=%s channel=%s state=%s", release.pk, release.channel, state)
    return state
