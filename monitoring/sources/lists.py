"""What a list of feeds would make of itself here: each as a source not saved yet, or why it cannot be one."""

import ipaddress
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from monitoring.fetching.addresses import checked_addresses, parsed_address
from monitoring.health.words import FetchError
from monitoring.reading.opml import Outline
from monitoring.sources import presets
from opinion.models import POLLED, MediaTier, Source, SourceClass, SourceKind

EVERY = (60, 86400)  # seconds between polls


@dataclass(frozen=True, slots=True)
class Offer:
    """One feed of a list as a source; refusal: why it cannot be added, "" where it can."""

    source: Source
    refusal: str = ""


def offers(found: Sequence[Outline], choice: Mapping[str, Any]) -> list[Offer]:
    """Every feed of a list, in its order. One query.

    choice  source_class, platform, poll_every_seconds for all; what our own export says of one counts more
    """
    known = dict(Source.objects.filter(url__in=[one.url for one in found]).values_list("url", "name"))
    return [_offer(one, choice, known) for one in found]


def _offer(one: Outline, choice: Mapping[str, Any], known: Mapping[str, str]) -> Offer:
    source = _source(one, choice)
    if one.url in known:
        return Offer(source, _("Listened to already, as “%(name)s”.") % {"name": known[one.url]})
    try:
        _refuse_private(one.url)
    except FetchError as problem:
        return Offer(source, problem.words)
    return Offer(source)


def _source(one: Outline, choice: Mapping[str, Any]) -> Source:
    said = one.extras
    every = said.get("poll_every_seconds", "")
    in_bounds = every.isdecimal() and EVERY[0] <= int(every) <= EVERY[1]
    folder = one.folders[-1] if one.folders and one.folders[-1] not in SourceClass.labels else ""
    name = one.name or urlsplit(one.url).hostname or one.url
    return Source(
        name=name[:120],
        url=one.url,
        kind=_one_of(said.get("kind"), POLLED, SourceKind.FEED),
        source_class=_one_of(
            said.get("source_class"), SourceClass.values, choice.get("source_class") or SourceClass.MEDIA
        ),
        platform=(said.get("platform") or choice.get("platform") or folder or name)[:40],
        tier=_one_of(said.get("tier"), MediaTier.values, MediaTier.ORDINARY),
        region=said.get("region", "")[:20],
        preset=_one_of(said.get("preset"), presets.BY_CODE, ""),
        poll_every_seconds=int(every) if in_bounds else choice.get("poll_every_seconds") or 900,
    )


def _refuse_private(url: str) -> None:
    """Raises FetchError for what can be refused without asking for names: 500 of those would take minutes."""
    target = parsed_address(url)
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return
    checked_addresses(target)


def _one_of(word: str | None, allowed: Container[str], otherwise: str) -> str:
    return word if word is not None and word in allowed else otherwise
