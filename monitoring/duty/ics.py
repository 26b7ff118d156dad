"""Shifts as an iCalendar file (RFC 5545), which every phone can read. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

LINE = 75  # octets a line may have


def calendar(events: Iterable[tuple[str, datetime, datetime, str]], *, now: datetime) -> str:
    """The file. events: (unique name, from, until, what it says)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tinglan//Duty//EN"]
    for uid, starts_at, ends_at, summary in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(starts_at)}",
            f"DTEND:{_utc(ends_at)}",
            f"SUMMARY:{_escaped(summary)}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """A long line goes on after a line break and a blank; no character is cut in two."""
    folded, length = "", 0
    for character in line:
        size = len(character.encode())
        if length + size > LINE:
            folded, length = f"{folded}\r\n ", 1
        folded, length = folded + character, length + size
    return folded
