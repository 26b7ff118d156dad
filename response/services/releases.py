"""Acts of the spokesperson: publish, confirm by hand, withdraw. What is sent by itself: response.services.sending."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.services.timeline import note_on
from response.channels import CHANNELS, channel_named, company_label
from response.models import Release, SignOff, StatementVersion
from response.notnow import NotNow
from response.permissions import require
from response.selectors.statements import blockers_of
from response.services import promises
from response.services.statements import fingerprint, tidy

State = Release.State


@transaction.atomic
def publish(version: StatementVersion, *, channels: Iterable[str], actor: User, now: datetime) -> list[Release]:
    """Send a signed version to the public: one release a channel, however often and by however many it is asked.

    channels  names of response.channels.CHANNELS. One that refused before is queued again.
    Returns the version's releases on these channels. Raises PermissionDenied, NotNow.
    """
    version = (
        StatementVersion.objects.select_for_update(no_key=True).select_related("statement__incident").get(pk=version.pk)
    )
    require(actor, "publish_statement", version)
    chosen = [name for name in CHANNELS if name in set(channels)]
    if not chosen:
        raise NotNow(_("Choose at least one channel."))
    may_leave(version)
    statement = version.statement
    there = {release.channel: release for release in Release.everywhere.filter(version=version)}
    new = [name for name in chosen if name not in there]
    again = [name for name in chosen if name in there and requeue(there[name], actor, now)]
    for name in new:
        # An exercise's release is never left to a hand: the worker takes it, and it stops at the door.
        there[name] = Release.everywhere.create(
            version=version,
            channel=name,
            is_manual=channel_named(name).IS_MANUAL and statement.exercise_id is None,
            text_hash=version.text_hash,
            requested_by=actor,
            requested_at=now,
            exercise=statement.exercise,
        )
    if new or again:
        note_on(
            statement.incident,
            "response.release_requested",
            actor=actor,
            now=now,
            detail={
                "number": statement.number,
                "version": version.number,
                "channels": ", ".join(company_label(name) for name in new + again),
                "text_hash": version.text_hash,
            },
            url=statement.get_absolute_url(),
        )
    return [there[name] for name in chosen]


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


def requeue(release: Release, actor: User, now: datetime) -> bool:
    """Queue a refused release again; False for any other, which stays what it is."""
    refused = Release.everywhere.filter(pk=release.pk, state=State.REFUSED)
    return refused.update(state=State.QUEUED, words="", claimed_at=None, requested_by=actor, requested_at=now) == 1


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
    return release


@transaction.atomic
def deny(release: Release, *, actor: User, now: datetime) -> Release:
    """A person looked, and it is not there: it may be tried again. Raises PermissionDenied, NotNow."""
    require(actor, "confirm_release", release)
    unclear = Release.objects.filter(pk=release.pk, state=State.UNKNOWN)
    with translation.override(settings.LANGUAGE_CODE):
        words = _("Looked for and not found there.")
    if unclear.update(state=State.REFUSED, words=words) != 1:
        raise NotNow(_("This release does not wait for anybody's hand."))
    # The doubt is over: the next attempt need not ask again what became of these.
    release.attempts.filter(outcome=State.UNKNOWN).update(outcome=State.REFUSED)
    release.refresh_from_db()
    note_release(release, "response.release_not_found", actor=actor, now=now)
    return release


@transaction.atomic
def withdraw(release: Release, *, actor: User, now: datetime, note: str) -> Release:
    """Take it down, or stop it before it leaves; the note is public where it stood.

    On a channel we do not own a person takes it down there; this says that it was done.
    Raises PermissionDenied, NotNow (no note, being sent just now, withdrawn already).
    """
    require(actor, "withdraw_release", release)
    if not tidy(note):
        raise NotNow(_("Say why. This note will stand where the statement stood."))
    takes_down = Release.objects.filter(pk=release.pk, state__in=(State.QUEUED, State.SENT))
    if takes_down.update(state=State.WITHDRAWN, withdrawn_at=now, withdrawn_by=actor, words=tidy(note)) != 1:
        raise NotNow(_("It can be withdrawn once it is out, not while it is being sent."))
    release.refresh_from_db()
    note_release(release, "response.release_withdrawn", actor=actor, now=now, note=release.words)
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
