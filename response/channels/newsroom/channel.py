"""The newsroom: pages and feeds of our own, so publishing is a mark in our own database."""

from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from response.channels import Receipt
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = pgettext_lazy("channel", "Newsroom")
ACCOUNT = ""
BEARS_REPEATS = True
CAN_LOOK = True
NEEDS_SECOND = CARRIES_IMAGE = TAKES_DOWN = False


def words_for(version: StatementVersion) -> str:
    return public_text(version.text)


def address_of(number: str) -> str:
    """The canonical address of a statement; every version of it stands there."""
    return urljoin(settings.NEWSROOM_URL, reverse("response:newsroom-statement", args=[number]))


def link_of(version: StatementVersion) -> str:
    """The same with the version, as other channels carry it: by it we find on a platform what we published there."""
    return f"{address_of(version.statement.number)}?v={version.number}"


def prepare(release: Release, now: datetime) -> None:
    """Nothing: the words are in the database."""


def publish(release: Release, now: datetime) -> Receipt:
    """Mark the release as public. Set once: a second call changes nothing, not even the time."""
    Release.objects.filter(pk=release.pk, public_at__isnull=True).update(public_at=now)
    return Receipt(address_of(release.version.statement.number))


def find(release: Release, now: datetime) -> Receipt | None:
    is_public = Release.objects.filter(pk=release.pk, public_at__isnull=False).exists()
    return Receipt(address_of(release.version.statement.number)) if is_public else None


def take_down(release: Release) -> None:
    """Nothing: a withdrawn release shows its note instead of its words."""
