"""One pushed item: read into a post, or refused with the field and the reason. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from monitoring.reading.dates import AHEAD, OLDEST
from opinion import text
from opinion.raw import RawPost

COUNTS = dict.fromkeys(("reposts", "comments", "likes", "reads", "followers", "heat"), 2**63 - 1) | {"rank": 2**31 - 1}
TEXTS = {  # how long each may be; longer ones are cut, an id or address is refused
    "title": text.TITLE_CAP,
    "text": text.TEXT_CAP,
    "author": text.AUTHOR_CAP,
    "platform": text.PLATFORM_CAP,
    "region": text.REGION_CAP,
}
FIELDS = ("external_id", "channel", "published_at", "url", *TEXTS, "author_since", *COUNTS)
THOUSANDTHS_FROM = 10**11  # an epoch number above it counts milliseconds

REASONS: dict[str, str | Promise] = {
    "not_an_object": _("An item is a JSON object; this one is something else."),
    "missing": _("This field is needed and is not there."),
    "not_text": _("This field takes text."),
    "too_long": _("This is too long: an id has at most 500 characters, an address 2,000."),
    "no_words": _("Title and text are both empty: there is nothing to read."),
    "unknown_channel": _("There is no channel of this code. The codes are on your page at the desk."),
    "not_a_time": _("This cannot be read as a time. Write ISO 8601 with a zone: 2026-11-18T12:00:00+08:00."),
    "no_zone": _("This time has no zone. Write it with one: 2026-11-18T12:00:00+08:00."),
    "in_future": _("This time lies more than ten minutes ahead of ours. Is the clock right, or the zone?"),
    "too_old": _("This time lies more than ten years back."),
    "not_a_count": _("This field takes a whole number from 0 up."),
    "not_an_address": _("This is no http or https address."),
}


class Rejected(Exception):
    """An item that cannot be taken: `reason` is a code of REASONS, `field` one of FIELDS, or "" where it is all of it.

    external_id  its id, as far as it could be read
    """

    def __init__(self, reason: str, field: str = "", external_id: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field, self.external_id = reason, field, external_id


@dataclass(frozen=True, slots=True)
class Reading:
    """An item that can be taken: the code of its channel, and the post."""

    channel: str
    post: RawPost


def read_item(item: Any, *, mapping: Mapping[str, str], channels: Mapping[str, Any], now: datetime) -> Reading:
    """Read one item as the vendor wrote it.

    mapping   our field: theirs; a dot in theirs steps into an object (`user.name`); where it says nothing, ours
    channels  the codes there are
    now       aware: times are believed from ten years before it to ten minutes after
    Raises Rejected.
    """
    if not isinstance(item, dict):
        raise Rejected("not_an_object")
    said = {name: _found(item, mapping.get(name) or name) for name in FIELDS}
    external_id = _id(said["external_id"])
    try:
        return _reading(external_id, said, channels, now)
    except Rejected as rejected:
        rejected.external_id = external_id[: text.ID_CAP]
        raise


def id_as_sent(item: Any, mapping: Mapping[str, str]) -> str:
    """The vendor's id of an item, "" where there is none to be read."""
    if not isinstance(item, dict):
        return ""
    return _id(_found(item, mapping.get("external_id") or "external_id"))[: text.ID_CAP]


def _reading(external_id: str, said: dict[str, Any], channels: Mapping[str, Any], now: datetime) -> Reading:
    if not external_id:
        raise Rejected("missing", "external_id")
    if len(external_id) > text.ID_CAP:
        raise Rejected("too_long", "external_id")
    channel = _text(said, "channel") or "default"
    if channel not in channels:
        raise Rejected("unknown_channel", "channel")
    if said["published_at"] in (None, ""):
        raise Rejected("missing", "published_at")
    published_at = _time(said, "published_at")
    if published_at > now + AHEAD:
        raise Rejected("in_future", "published_at")
    if published_at < now - OLDEST:
        raise Rejected("too_old", "published_at")
    given: dict[str, Any] = {name: text.clean(_text(said, name), cap) for name, cap in TEXTS.items()}
    given |= {name: _count(said, name, most) for name, most in COUNTS.items()}
    if not (given["title"] or given["text"]):
        raise Rejected("no_words", "text")
    return Reading(
        channel,
        RawPost(
            external_id=external_id,
            url=_address(said),
            published_at=published_at,
            author_since=None if said["author_since"] in (None, "") else _time(said, "author_since"),
            **given,
        ),
    )


def _found(item: dict[str, Any], name: str) -> Any:
    """What stands under a name, or, where it has dots, under the names inside one another; None where nothing does."""
    if name in item:
        return item[name]
    value: Any = item
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _id(value: Any) -> str:
    """Ids are text or whole numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    return text.clean(value, len(value) + 1) if isinstance(value, str) else ""


def _text(said: dict[str, Any], field: str) -> str:
    value = said[field]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Rejected("not_text", field)
    return value


def _time(said: dict[str, Any], field: str) -> datetime:
    """ISO 8601 with a zone, or the seconds or milliseconds since 1970, which are UTC."""
    value = said[field]
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / (1000 if abs(value) >= THOUSANDTHS_FROM else 1), UTC)
        at = datetime.fromisoformat(_text(said, field).strip())
        if at.tzinfo is None:
            raise Rejected("no_zone", field)
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Rejected("not_a_time", field) from None


def _count(said: dict[str, Any], field: str, most: int) -> int | None:
    value = said[field]
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) <= 19:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Rejected("not_a_count", field)
    return value


def _address(said: dict[str, Any]) -> str:
    url = text.clean(_text(said, "url"), text.URL_CAP + 1)
    if len(url) > text.URL_CAP:
        raise Rejected("too_long", "url")
    if url and not url.startswith(("http://", "https://")):
        raise Rejected("not_an_address", "url")
    return url
