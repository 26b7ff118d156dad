"""Reads of what is public."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery

from response.models import Release

PUBLIC = (Release.State.SENT, Release.State.WITHDRAWN)


def public_releases() -> QuerySet[Release]:
    """What stands in the newsroom: live releases that went out, withdrawn ones too for their note; newest first."""
    out = Release.objects.filter(channel="newsroom", state__in=PUBLIC, sent_at__isnull=False, public_at__isnull=False)
    return out.select_related("version__statement").order_by("-public_at", "-id")


def newest_public() -> QuerySet[Release]:
    """The newest public release of each statement: what its page shows. A withdrawn one hides those before it.

    Each carries `first_public_at`: when the statement was first public, in whatever version.
    """
    same = public_releases().filter(version__statement=OuterRef("version__statement"))
    first = same.order_by("public_at").values("public_at")[:1]
    newest = public_releases().filter(~Exists(same.filter(pk__gt=OuterRef("pk"))))
    return newest.annotate(first_public_at=Subquery(first))


def changed_at(releases: Iterable[Release]) -> datetime | None:
    """When the public side last changed, for conditional requests."""
    return max((release.withdrawn_at or release.public_at for release in releases if release.public_at), default=None)


def public_mark() -> str:
    """Another text whenever anything public changed; one cheap query."""
    found = public_releases().order_by().aggregate(Count("pk"), Max("pk"), Max("public_at"), Max("withdrawn_at"))
    return " ".join(str(value) for value in found.values())
