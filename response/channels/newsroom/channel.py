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
IS_MANUAL = False
BEARS_REPEATS = True


def words_for(version: StatementVersion) -> str:
    return public_text(version.text)


def address_of(number: str) -> str:
    """The canonical address of a statement; every version of it stands there."""
    return urljoin(settings.SITE_URL, reverse("response:newsroom-statement", args=[number]))


def publish(release: Release, now: datetime) -> Receipt:
    """Mark the release as public. Set once: a second call changes nothing, not even the time."""
    Release.objects.filter(pk=release.pk, public_at__isnull=True).update(public_at=now)
    return Receipt(address_of(release.version.statement.number))


def find(release: Release) -> Receipt | None:
    is_public = Release.objects.filter(pk=release.pk, public_at__isnull=False).exists()
    return Receipt(address_of(release.version.statement.number)) if is_public else None
