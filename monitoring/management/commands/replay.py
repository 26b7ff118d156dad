"""`manage.py replay`: posts of the past through the real pipeline, apart from the live desk, on their own clock."""

import gzip
import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from monitoring.reading import replays as replay_file
from monitoring.selectors import replays
from monitoring.services.replaying import Asked, replay
from monitoring.signals.reasons import in_words
from opinion import rules
from opinion.forms import rule_error

TOLD_EVERY = 5  # seconds between two words of progress
BAD_SHOWN = 20
WATCH_FIELDS = {
    "name": str,
    "rule": str,
    "burst_from": int,
    "is_rival": bool,
    "languages": list,
    "source_classes": list,
}


class Command(BaseCommand):
    help = "Run posts of the past through the real pipeline, in an exercise of their own, and print what was found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="JSON Lines, .gz or not")
        parser.add_argument(
            "--watch", action="append", default=[], metavar="NAME=RULE", help="may be given several times"
        )
        parser.add_argument("--watch-file", metavar="JSON", help="a list of {name, rule}; the recipe says what else")
        parser.add_argument("--json", action="store_true", help="print what was found as JSON")
        parser.add_argument(
            "--speed", type=float, default=0, help="times faster than it happened; 0, as given: as fast as it goes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        watches = _watches(options["watch"], options["watch_file"])
        if not 0 <= options["speed"] < float("inf"):
            raise CommandError(_("The speed is 0 or more."))
        lines = _lines(Path(options["file"]))
        for bad in lines.bad[:BAD_SHOWN]:
            self.stderr.write(_("Line %(line)s is left out: %(why)s.") % {"line": bad.number, "why": bad.why})
        if len(lines.bad) > BAD_SHOWN:
            self.stderr.write(_("%(number)s more lines are left out.") % {"number": len(lines.bad) - BAD_SHOWN})
        begin, last = time.monotonic(), 0.0

        def progress(done: int, now: datetime) -> None:
            nonlocal last
            if (since := time.monotonic() - begin) - last >= TOLD_EVERY:
                last = since
                words = _("%(done)s of %(total)s posts, %(clock)s, %(rate)s a second")
                at = f"{localtime(now):%Y-%m-%d %H:%M}"
                self.stderr.write(words % {"done": done, "total": total, "clock": at, "rate": round(done / since)})

        total = len(lines.posts)
        ran = replay(Path(options["file"]).name, lines.posts, watches, speed=options["speed"], told=progress)
        found = {
            "posts_in": total + len(lines.bad),
            "repeated": lines.repeated,
            "heard": ran.intake.heard,
            "stored": ran.intake.stored,
            "folded": ran.intake.folded,
            "rejected": ran.intake.rejected + len(lines.bad),
            **replays.told(ran.exercise),
        }
        self.stderr.write(_("Done in %(seconds)s seconds.") % {"seconds": round(time.monotonic() - begin)})
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) if options["json"] else for_people(found))


def for_people(found: dict[str, Any]) -> str:
    """What was found, for people: the counts, then a line for each signal."""
    rows = [
        _("%(posts_in)s posts: %(heard)s heard, %(stored)s stored, %(folded)s of them reposts, %(rejected)s rejected")
        % found
    ]
    for signal in found["signals"]:
        level = signal["suggested_level"]
        rows.append(f"{signal['opened_at']}  {level}  {signal['watch']}  {signal['title']}")
        rows += [f"    {in_words(reason)}" for reason in signal["reasons"]]
    return "\n".join(rows)


def _lines(path: Path) -> replay_file.Lines:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as lines:
            return replay_file.read(lines)
    except (OSError, EOFError) as problem:
        raise CommandError(_("The file cannot be read: %(why)s.") % {"why": problem}) from problem


# --- watches ---------------------------------------------------------------------------------------------------------
def _watches(given: list[str], path: str | None) -> list[Asked]:
    """The watches asked for, every rule readable, every name once. Raises CommandError in words."""
    asked = []
    for each in given:
        name, _sign, rule = each.partition("=")
        if not name.strip() or not rule.strip():
            raise CommandError(_("--watch is given as NAME=RULE, not as %(given)s.") % {"given": each})
        asked.append(Asked(name.strip(), rule.strip()))
    asked += _from_file(Path(path)) if path else []
    if not asked:
        raise CommandError(_("Say what to watch for: --watch NAME=RULE, or --watch-file."))
    for watch in asked:
        try:
            rules.read(watch.rule)
        except rules.RuleError as error:
            words = _("The rule of %(name)s cannot be read. %(why)s.")
            raise CommandError(words % {"name": watch.name, "why": rule_error(error)}) from error
        if len(watch.name) > 80:
            raise CommandError(_("The name of a watch has at most 80 characters: %(name)s.") % asdict(watch))
        if sum(other.name == watch.name for other in asked) > 1:
            raise CommandError(_("Two watches are called %(name)s.") % asdict(watch))
    return asked


def _from_file(path: Path) -> list[Asked]:
    try:
        rows = json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise CommandError(_("The watch file cannot be read: %(why)s.") % {"why": problem}) from problem
    if not isinstance(rows, list) or not all(map(_is_watch, rows)):
        more = ", ".join(list(WATCH_FIELDS)[2:])
        raise CommandError(_("The watch file is a list of {name, rule} and, if wanted, %(more)s.") % {"more": more})
    return [Asked(**row) for row in rows]


def _is_watch(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and {"name", "rule"} <= row.keys() <= WATCH_FIELDS.keys()
        and all(type(value) is WATCH_FIELDS[name] for name, value in row.items())
        and row["name"].strip() != ""
        and 0 < row.get("burst_from", 1) < 2**15
    )
