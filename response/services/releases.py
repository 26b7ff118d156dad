"""Acts of the spokesperson: publish, schedule, cancel, confirm by hand, withdraw. The worker's: services.sending."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import people_with
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.channels import CHANNELS, NEWSROOM, channel_named, company_label, is_by_hand
from response.models import Release, SignOff, StatementImage, StatementVersion
from response.notnow import NotNow
from response.permissions import SECONDS, require
from response.selectors.statements import blockers_of
from response.services import promises
from response.services.statements import fingerprint, tidy

State = Release.State


LONGEST_SCHEDULE = timedelta(days=30)


@transaction.atomic
def publish(
    version: StatementVersion, *, channels: Iterable[str], actor: User, now: datetime, at: datetime | None = None
) -> list[Release]:
    """Send a signed version to the public: one release a channel, however often and by however many it is asked.

    channels  names of response.channels.CHANNELS. One that refused before is queued again.
    at        not before this time; None: at once
    Returns the version's releases on these channels. Raises PermissionDenied, NotNow.
    """
    version = (
        StatementVersion.objects.select_for_update(no_key=True).select_related("statement__incident").get(pk=version.pk)
    )
    require(actor, "publish_statement", version)
    chosen = [name for name in CHANNELS if name in set(channels)]
    if not chosen:
        raise NotNow(_("Choose at least one channel."))
    if at is not None and not now < at <= now + LONGEST_SCHEDULE:
        raise NotNow(_("The time must lie ahead, within 30 days."))
    may_leave(version)
    there = {release.channel: release for release in Release.everywhere.filter(version=version)}
    new = [name for name in chosen if name not in there]
    by_hand = {name: by_a_hand(version, name) for name in chosen}
    the_newsroom_goes_first(version, {name for name in chosen if not by_hand[name]}, {*chosen, *there})
    again = [name for name in chosen if name in there and requeue(there[name], actor, now, at, by_hand[name])]
    for name in new:
        there[name] = Release.everywhere.create(
            version=version,
            channel=name,
            text_hash=version.text_hash,
            exercise=version.statement.exercise,
            **as_queued(version, name, actor, now, at, by_hand[name]),
        )
    asked = new + again
    if asked:
        note_asked(version, asked, there, actor, now, at)
    wants_second = [there[name] for name in asked if there[name].needs_second]
    for release in wants_second:
        people = {person for person in people_with(*SECONDS) if person != actor}
        notify(people, **messages.second_wanted(release, company_label(release.channel)))
    return [there[name] for name in chosen]


def by_a_hand(version: StatementVersion, name: str) -> bool:
    """An exercise's release is never left to a hand: the worker takes it, and it stops at the door."""
    return version.statement.exercise_id is None and is_by_hand(name)


def the_newsroom_goes_first(version: StatementVersion, automatic: set[str], known: set[str]) -> None:
    """What is sent by itself carries the newsroom's link, so it must stand there. Raises NotNow."""
    stands = Release.everywhere.filter(version__statement=version.statement, channel=NEWSROOM, state=State.SENT)
    if automatic - {NEWSROOM} and NEWSROOM not in known and not stands.exists():
        raise NotNow(_("The other channels link to the newsroom: publish it there, too."))


def signed_image_of(version: StatementVersion) -> StatementImage | None:
    """The picture everybody signed with the text; None where there is none, or somebody signed without it."""
    image = StatementImage.objects.filter(version=version, text_hash=version.text_hash).first()
    signed = set(version.signoffs.values_list("image_hash", flat=True))
    return image if image and signed == {image.sha256} else None


def as_queued(
    version: StatementVersion, name: str, actor: User, now: datetime, at: datetime | None, by_hand: bool
) -> dict[str, Any]:
    """The fields of a release that begins (anew)."""
    channel, image = channel_named(name), signed_image_of(version)
    carries_image = channel.CARRIES_IMAGE and not by_hand
    return {
        "state": State.QUEUED,
        "is_manual": by_hand,
        "needs_second": channel.NEEDS_SECOND and not by_hand and version.statement.exercise_id is None,
        "second_by": None,
        "second_at": None,
        "words_hash": words_hash_of(name, version),
        "image_hash": image.sha256 if image and carries_image else "",
        "requested_by": actor,
        "requested_at": now,
        "scheduled_at": at,
        "claimed_at": None,
        "called_at": None,
        "look_at": None,
        "looks": 0,
        "remote": {},
        "words": "",
    }


def words_hash_of(name: str, version: StatementVersion) -> str:
    """SHA-256 of what a channel will carry, so that what was shown at 发布 is what leaves."""
    return sha256(channel_named(name).words_for(version).encode()).hexdigest()


def note_asked(
    version: StatementVersion,
    names: list[str],
    releases: dict[str, Release],
    actor: User,
    now: datetime,
    at: datetime | None,
) -> None:
    statement = version.statement
    images = {releases[name].image_hash for name in names} - {""}
    detail = {
        "number": statement.number,
        "version": version.number,
        "channels": ", ".join(company_label(name) for name in names),
        "text_hash": version.text_hash,
        **({"image_hash": images.pop()} if images else {}),
        **({"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"} if at else {}),
    }
    note_on(
        statement.incident,
        "response.release_scheduled" if at else "response.release_requested",
        actor=actor,
        now=now,
        detail=detail,
        url=statement.get_absolute_url(),
    )


def may_leave(version: StatementVersion) -> None:
    """Raises NotNow unless this very text is signed in every place and nothing it quotes has changed since."""
    signoffs = list(version.signoffs.all())
    signed = signoffs and all(
        signoff.state == SignOff.State.APPROVED and signoff.text_hash == version.text_hash for signoff in signoffs
    )
    if not version.is_releasable or not signed or fingerprint(version) != version.text_hash:
        raise NotNow(_("This version is not signed in every place."))
    if blockers_of(version):
        raise NotNow(_("Something it quotes has changed since it was signed: see the checks, and revise it."))


def requeue(release: Release, actor: User, now: datetime, at: datetime | None, by_hand: bool) -> bool:
    """Queue a refused release again; False for any other, which stays what it is."""
    refused = Release.everywhere.filter(pk=release.pk, state=State.REFUSED)
    if refused.update(**as_queued(release.version, release.channel, actor, now, at, by_hand)) != 1:
        return False
    release.refresh_from_db()
    return True


@transaction.atomic
def agree(release: Release, *, actor: User, now: datetime) -> Release:
    """The second person's yes to a push that reaches every follower. Raises PermissionDenied, NotNow."""
    require(actor, "second_release", release)
    waiting = Release.everywhere.filter(pk=release.pk, state=State.QUEUED, needs_second=True, second_at__isnull=True)
    if waiting.update(second_by=actor, second_at=now) != 1:
        raise NotNow(_("This release does not wait for a second person."))
    release.refresh_from_db()
    note_release(release, "response.release_seconded", actor=actor, now=now)
    return release


@transaction.atomic
def cancel(release: Release, *, actor: User, now: datetime) -> Release:
    """Stop it before a worker claims it: nothing went out, and it may be published later. Raises NotNow."""
    require(actor, "withdraw_release", release)
    with translation.override(settings.LANGUAGE_CODE):
        words = _("Cancelled before it left.")
    queued = Release.everywhere.filter(pk=release.pk, state=State.QUEUED)
    if queued.update(state=State.REFUSED, words=words, scheduled_at=None, look_at=None) != 1:
        raise NotNow(_("It has left the queue already. You can withdraw it."))
    release.refresh_from_db()
    note_release(release, "response.release_cancelled", actor=actor, now=now)
    return release


@transaction.atomic
def take_by_hand(release: Release, *, actor: User, now: datetime) -> Release:
    """A person will publish it there instead of the machine. Raises PermissionDenied, NotNow."""
    require(actor, "confirm_release", release)
    idle = Release.objects.filter(pk=release.pk, state__in=(State.QUEUED, State.REFUSED), is_manual=False)
    changes = {"state": State.QUEUED, "is_manual": True, "needs_second": False, "scheduled_at": None, "look_at": None}
    if idle.exclude(channel=NEWSROOM).update(**changes, words="", called_at=None, remote={}) != 1:
        raise NotNow(_("It can be taken over while it waits, or after it was refused."))
    release.refresh_from_db()
    note_release(release, "response.release_by_hand", actor=actor, now=now)
    return release


@transaction.atomic
def look_again(release: Release, *, actor: User, now: datetime) -> Release:
    """Have the platform asked once more what became of it. Raises PermissionDenied, NotNow."""
    require(actor, "confirm_release", release)
    doubtful = Release.objects.filter(pk=release.pk, state=State.UNKNOWN, is_manual=False)
    if doubtful.update(state=State.SENDING, look_at=now) != 1:
        raise NotNow(_("This release does not wait for anybody's hand."))
    release.refresh_from_db()
    return release


@transaction.atomic
def confirm(release: Release, *, actor: User, now: datetime, url: str) -> Release:
    """It is out: a person published it by hand, or looked and found it, and gives the address.

    Raises PermissionDenied, NotNow (not waiting for a hand, or no web address).
    """
    require(actor, "confirm_release", release)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname or len(url) > 2000:
        raise NotNow(_("Paste the web address (http or https) where it can be read."))
    waiting = Release.objects.filter(pk=release.pk, state=release.state)
    if not release.needs_hand or waiting.update(state=State.SENT, url=url, sent_at=now, sent_by=actor, words="") != 1:
        raise NotNow(_("This release does not wait for anybody's hand."))
    release.refresh_from_db()
    note_sent(release, actor=actor, now=now)
    fulfil_halt(release, now)
    return release


@transaction.atomic
def deny(release: Release, *, actor: User, now: datetime) -> Release:
    """A person looked, and it is not there: it may be tried again. Raises PermissionDenied, NotNow."""
    require(actor, "confirm_release", release)
    unclear = Release.objects.filter(pk=release.pk, state=State.UNKNOWN)
    with translation.override(settings.LANGUAGE_CODE):
        words = _("Looked for and not found there.")
    if unclear.update(state=State.REFUSED, words=words, called_at=None, halt_at=None, halt_by=None) != 1:
        raise NotNow(_("This release does not wait for anybody's hand."))
    # The doubt is over: the next attempt need not ask again what became of these.
    release.attempts.filter(outcome=State.UNKNOWN).update(outcome=State.REFUSED)
    release.refresh_from_db()
    note_release(release, "response.release_not_found", actor=actor, now=now)
    return release


@transaction.atomic
def withdraw(release: Release, *, actor: User, now: datetime, note: str) -> Release:
    """Take it down, or stop it before it leaves; the note is public where it stood.

    While it is being sent it is never left half: the worker stops before the call, or finishes and takes it down. What
    the platform lets us take down is taken down by the worker; elsewhere a person does it.
    Raises PermissionDenied, NotNow (no note, being taken down already, withdrawn already).
    """
    require(actor, "withdraw_release", release)
    words = tidy(note)
    if not words:
        raise NotNow(_("Say why. This note will stand where the statement stood."))
    sending = Release.objects.filter(pk=release.pk, state=State.SENDING, halt_at__isnull=True)
    if sending.update(halt_at=now, halt_by=actor, halt_note=words) == 1:
        release.refresh_from_db()
        note_release(release, "response.release_halted", actor=actor, now=now, note=words)
        return release
    before = Release.objects.filter(pk=release.pk).values_list("state", flat=True).first()
    takes_down = Release.objects.filter(pk=release.pk, state__in=(State.QUEUED, State.SENT), state=before)
    if takes_down.update(**as_withdrawn(release, before == State.SENT, actor, now, words)) != 1:
        raise NotNow(_("It was withdrawn already, or nobody knows yet whether it is out."))
    release.refresh_from_db()
    note_release(release, "response.release_withdrawn", actor=actor, now=now, note=release.words)
    return release


def as_withdrawn(release: Release, was_out: bool, actor: User | None, now: datetime, words: str) -> dict[str, Any]:
    """The fields of a release that is withdrawn, and who takes it off the channel."""
    take_down = Release.TakeDown.NONE
    if was_out and release.channel != NEWSROOM and not release.is_manual and release.exercise_id is None:
        by_machine = channel_named(release.channel).TAKES_DOWN and not is_by_hand(release.channel)
        take_down = Release.TakeDown.DUE if by_machine else Release.TakeDown.BY_HAND
    return {
        "state": State.WITHDRAWN,
        "withdrawn_at": now,
        "withdrawn_by": actor,
        "words": words,
        "take_down": take_down,
        "look_at": None,
        "looks": 0,
    }


def fulfil_halt(release: Release, now: datetime) -> None:
    """It was withdrawn while it was being sent, and is out: take it down now. Call inside a transaction."""
    if release.halt_at is None:
        return
    wish = as_withdrawn(release, True, release.halt_by, now, release.halt_note)
    if Release.everywhere.filter(pk=release.pk, state=State.SENT).update(**wish) == 1:
        release.refresh_from_db()
        note_release(release, "response.release_withdrawn", actor=release.halt_by, now=now, note=release.words)


@transaction.atomic
def taken_down(release: Release, *, actor: User, now: datetime) -> Release:
    """A person took it off the channel. Raises PermissionDenied, NotNow."""
    require(actor, "confirm_release", release)
    waiting = Release.objects.filter(pk=release.pk, take_down=Release.TakeDown.BY_HAND)
    if waiting.update(take_down=Release.TakeDown.DONE) != 1:
        raise NotNow(_("This release does not wait for anybody's hand."))
    release.refresh_from_db()
    note_release(release, "response.release_taken_down", actor=actor, now=now)
    return release


def note_sent(release: Release, *, actor: User, now: datetime) -> None:
    """The timeline's word that the company has spoken: the first one of an incident is its milestone 首次声明."""
    note_release(release, "response.released", actor=actor, now=now, url=release.url)
    promises.made_public(release.version, actor=actor, now=now)


def note_release(
    release: Release, event: str, *, actor: User | None, now: datetime, note: str = "", url: str = ""
) -> None:
    statement = release.version.statement
    note_on(
        statement.incident,
        event,
        actor=actor,
        now=now,
        note=note,
        detail={
            "number": statement.number,
            "version": release.version.number,
            "title": release.version.title,
            "channel": company_label(release.channel),
            "text_hash": release.text_hash,
            "words": release.words,
            "url": release.url,
        },
        url=url or statement.get_absolute_url(),
    )
