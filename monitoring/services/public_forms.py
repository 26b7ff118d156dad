"""自有渠道: small public forms, made and closed by the desk, written on by anybody."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.api.limits import take
from monitoring.health.standing import arrived
from monitoring.models import PublicForm
from monitoring.permissions import require
from opinion.models import Source, SourceClass, SourceHealth, SourceKind
from opinion.raw import RawPost
from opinion.services.pipeline import take_in

FIELDS = ("title", "welcome", "slug", "watch")
PLATFORM = "公众留言"
MINUTE, HOUR, DAY = 60, 3600, 86_400
PER_ADDRESS = ((5, 10 * MINUTE), (30, DAY))  # entries from one address
PER_FORM = (300, HOUR)  # and on one form, from all of them


class TooOften(Exception):
    """More entries than a person makes."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote on a form. once: made with the page, so that pressing twice is one entry."""

    once: UUID
    what: str
    when: str = ""
    contact: str = ""
    link: str = ""


@transaction.atomic
def add_form(form: PublicForm, *, actor: User, now: datetime) -> PublicForm:
    """Put a form on the web at its own address; it is open at once."""
    require(actor, "edit_channels")
    form.source = Source.objects.create(
        name=form.title,
        kind=SourceKind.FORM,
        source_class=SourceClass.OWN,
        platform=PLATFORM,
        health=SourceHealth.OK,
        last_good_at=now,
    )
    form.made_by, form.is_open = actor, True
    form.save(force_insert=True)
    audit.record("monitoring.form_added", actor=actor, subject=f"form:{form.slug}")
    return form


@transaction.atomic
def change_form(form: PublicForm, *, seen_version: int, actor: User) -> PublicForm:
    """Save what a person changed. Raises Stale."""
    require(actor, "edit_channels")
    save_if_current(form, seen_version, FIELDS)
    Source.objects.filter(pk=form.source_id).update(name=form.title)
    audit.record("monitoring.form_changed", actor=actor, subject=f"form:{form.slug}")
    return form


@transaction.atomic
def open_form(form: PublicForm, *, is_open: bool, seen_version: int, actor: User, now: datetime) -> PublicForm:
    """Open a form or close it; closed, its page says so. Raises Stale."""
    require(actor, "edit_channels")
    form.is_open = is_open
    save_if_current(form, seen_version, ["is_open"])
    health = (
        {"health": SourceHealth.OK, "last_good_at": now, "health_since": now}
        if is_open
        else {"health": SourceHealth.OFF}
    )
    Source.objects.filter(pk=form.source_id).update(is_enabled=is_open, health_words="", **health)
    event = "monitoring.form_opened" if is_open else "monitoring.form_closed"
    audit.record(event, actor=actor, subject=f"form:{form.slug}")
    return form


def say(form: PublicForm, said: Said, *, address: str, now: datetime) -> None:
    """Take in what a stranger wrote, for the watch of the form. Contact and text are masked like every post.

    Raises TooOften, and redis.RedisError where nobody counts: then nothing was taken.
    """
    limits = [(f"say {address}", most, seconds) for most, seconds in PER_ADDRESS]
    if take([*limits, (f"say form {form.pk}", *PER_FORM)], now=now):
        raise TooOften
    raw = RawPost(
        external_id=sha256(f"{form.uuid} {said.once}".encode()).hexdigest(),
        title="",
        text=_as_text(said),
        url=said.link,
        author="",
        published_at=now,
    )
    take_in(form.source, [raw], now=now, for_watch=form.watch)
    Source.objects.filter(pk=form.source_id).update(**arrived(form.source, now))


def _as_text(said: Said) -> str:
    """One text in the language of the desk, whatever language the page was in."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            said.what,
            _("When: %(when)s") % {"when": said.when} if said.when else "",
            _("Contact: %(contact)s") % {"contact": said.contact} if said.contact else "",
        ]
    return "\n".join(line for line in lines if line)
