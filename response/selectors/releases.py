"""Reads of what went out, where, when, and whether every channel says the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import User
from response.channels import ACCOUNTS, CHANNELS, account_named, label_of
from response.models import ChannelAccount, Release, Statement, StatementVersion

PUBLIC = (Release.State.SENT, Release.State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a channel shows of a statement: its release there, None for nothing; whether a newer version is out."""

    channel: str
    release: Release | None
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One statement over all channels.

    gap      between the first and the last channel of the newest version that is out; None while it stands on one
    waited   from the last signature to the first channel: time to publish
    differs  some channel still shows another version than the newest that is out
    """

    statement: Statement
    newest: StatementVersion
    cells: list[Cell]
    gap: timedelta | None
    waited: timedelta | None
    differs: bool


def publications(person: User, most: int = 50) -> list[Line]:
    """The newest statements this person may see that went out somewhere, in as many queries however many."""
    releases = Release.objects.filter(sent_at__isnull=False).order_by("-version__number", "id")
    versions = StatementVersion.objects.filter(releases__sent_at__isnull=False).distinct()
    seen = Statement.objects.visible_to(person).filter(versions__releases__sent_at__isnull=False).distinct()
    chosen = seen.select_related("incident").prefetch_related(
        Prefetch("versions", versions.prefetch_related(Prefetch("releases", releases, to_attr="all_releases")))
    )
    return [line_of(statement) for statement in chosen.order_by("-created_at")[:most]]


def line_of(statement: Statement) -> Line:
    """`statement` with its versions that are out, newest first, each with `all_releases`."""
    versions = list(statement.versions.all())
    out = [release for version in versions for release in version.all_releases]  # type: ignore[attr-defined]
    newest = versions[0]
    cells = []
    for channel in CHANNELS:
        there = [release for release in out if release.channel == channel]
        shown = next((each for each in there if each.state == Release.State.SENT), next(iter(there), None))
        stands = shown is not None and shown.state == Release.State.SENT
        cells.append(Cell(channel, shown, bool(stands and shown and shown.version_id != newest.pk)))
    times = sorted(release.sent_at for release in out if release.version_id == newest.pk and release.sent_at)
    waited = times[0] - newest.releasable_at if times and newest.releasable_at else None
    gap = times[-1] - times[0] if len(times) > 1 else None
    return Line(statement, newest, cells, gap, waited, any(cell.is_behind for cell in cells))


def channel_labels() -> list[str]:
    return [label_of(name) for name in CHANNELS]


def median(times: Iterable[timedelta | None]) -> timedelta | None:
    known = sorted(each for each in times if each is not None)
    return known[len(known) // 2] if known else None


def accounts_for_list(now: datetime) -> list[dict[str, Any]]:
    """Every kind of account with its row, or None where it is not set up: then its channels are served by hand."""
    there = {account.kind: account for account in ChannelAccount.objects.all()}
    today = timezone.localtime(now).date()
    return [
        {
            "kind": kind,
            "name": account_named(kind).NAME,
            "account": there.get(kind),
            "days_left": there[kind].days_left(today) if kind in there else None,
            "is_troubled": kind in there and there[kind].is_troubled(now),
        }
        for kind in ACCOUNTS
    ]
