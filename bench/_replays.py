"""How soon real crises are signalled, and how often other brands are, beside a naive rule.

`python -m bench._replays DIR`, where DIR holds NAME.posts.jsonl.gz and NAME.truth.json. The truth is read here, never
by the product. The naive rule: three titles that name the brand within six hours; it may fire again six hours later.
"""

import gzip
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.__main__ import open_scratch_desk

OTHERS = 10
SIX_HOURS, DAY, WEEK = timedelta(hours=6), timedelta(days=1), timedelta(days=7)
GUARDS = {"荣耀": "荣耀{-王者荣耀}", "国航": "国航{-中国航天}", "统一": "统一{-祖国统一}"}
HARMLESS = re.compile("launch|trap|positive|^neutral")  # as the truth says of a brand's loudest day
Row = dict[str, Any]


def plain_words(pattern: str) -> list[str]:
    """A pattern such as 统一(致歉|回应) as the words it stands for."""
    found = re.fullmatch(r"([^()|]+)\(([^()]+)\)", pattern)
    return [found[1] + end for end in found[2].split("|")] if found else pattern.split("|")


def rule(patterns: list[str]) -> str:
    return " OR ".join(GUARDS.get(word, word) for pattern in patterns for word in plain_words(pattern))


def times(posts: list[Row], patterns: list[str], event: str = "") -> list[datetime]:
    wanted = re.compile("|".join(patterns))
    said = (row for row in posts if wanted.search(f"{row['title'] or ''}{'' if not event else row['text'] or ''}"))
    return [datetime.fromisoformat(row["published_at"]) for row in said if not event or row["true_event"] == event]


def naive(at: list[datetime]) -> list[datetime]:
    fired: list[datetime] = []
    for first, third in zip(at, at[2:], strict=False):
        if third - first <= SIX_HOURS and (not fired or third - fired[-1] >= SIX_HOURS):
            fired.append(third)
    return fired


def most_within(at: list[datetime], span: timedelta) -> int:
    return max((sum(begin <= each < begin + span for each in at) for begin in at), default=0)


def run(posts_path: Path) -> Iterator[str]:
    """The rows of the table for one replay."""
    from monitoring.reading import replays as replay_file
    from monitoring.selectors import replays
    from monitoring.services.replaying import Asked, replay

    name = posts_path.name.removesuffix(".posts.jsonl.gz")
    truth = json.loads(posts_path.with_name(f"{name}.truth.json").read_text(encoding="utf-8"))
    with gzip.open(posts_path, "rb") as lines:
        raw = list(lines)
    posts = [json.loads(line) for line in raw]
    events = [event for event in truth["events"] if event["watch_words"]]
    ours = {word for event in events for word in event["watch_words"]}
    others = [brand for brand in truth["other_brands"] if not ours & set(brand["watch"].split("|"))]
    others = sorted(others, key=lambda brand: -brand["posts"])[:OTHERS]
    watches = {"crisis": sorted(ours)} | {brand["watch"]: [brand["watch"]] for brand in others}
    asked = [Asked(watch, rule(patterns)) for watch, patterns in watches.items()]
    signals = replays.told(replay(name, replay_file.read(raw).posts, asked).exercise)["signals"]
    opened = {
        watch: [datetime.fromisoformat(each["opened_at"]) for each in signals if each["watch"] == watch]
        for watch in watches
    }
    days = (datetime.fromisoformat(truth["window"][1]) - datetime.fromisoformat(truth["window"][0])) / DAY
    for event in events:
        yield f"{name:<28} {event['role']:<16} {_of_event(event, signals, posts)}"
    a_day = most_within(opened["crisis"], DAY)
    yield f"{'':<28} at most {a_day} new signals in 24 hours, {len(opened['crisis'])} in all"
    for brand in others:
        at = opened[brand["watch"]]
        levels = {str(each["suggested_level"]) for each in signals if each["watch"] == brand["watch"]}
        fired = len(naive(times(posts, [brand["watch"]])))
        nature = brand["nature_our_reading"] or ""
        kept = (
            ""
            if not HARMLESS.search(nature)
            else "ok"
            if levels <= {"attention"} and most_within(at, WEEK) < 2
            else "NO"
        )
        said = f"{len(at):>3} signals, {most_within(at, WEEK)} a week, {' '.join(sorted(levels)):<12} naive {fired:>3}"
        yield f"{'':<28} {brand['watch'][:14]:<14} {said} {kept:<3} {nature[:40]}"
    total = sum(len(opened[brand["watch"]]) for brand in others)
    fired = sum(len(naive(times(posts, [brand["watch"]]))) for brand in others)
    yield f"{'':<28} other brands, a day: {total / days:.2f} signals, naive {fired / days:.2f}"


def _of_event(event: Row, signals: list[Row], posts: list[Row]) -> str:
    """Delays in minutes after the first appearance, and whether they keep to what was promised."""
    first = datetime.fromisoformat(event["first_appearance"])
    second = times(posts, event["watch_words"], event["id"])[1]
    latest = max(second + timedelta(minutes=15), first + timedelta(hours=1))
    steps = sorted(
        (datetime.fromisoformat(step["at"]), isinstance(step["suggested_level"], int))
        for signal in signals
        for step in signal["updates"]
        if signal["watch"] == "crisis" and datetime.fromisoformat(step["at"]) >= first
    )
    told, level = (next((at for at, high in steps if high or not only), None) for only in (False, True))
    by = datetime.fromisoformat(event["peak_new_posts_hour"]["hour"]) + SIX_HOURS
    fired = next((at for at in naive(times(posts, event["watch_words"])) if at >= first), None)

    def minutes(at: datetime | None) -> str:
        return "never" if at is None else str(round((at - first) / timedelta(minutes=1)))

    kept = "ok" if told and told <= latest else "NO"
    high = "ok" if event["posts"] < 25 or (level and level <= by) else "NO"
    return (
        f"{event['posts']:>4} posts, signal after {minutes(told)} of {minutes(latest)} min {kept}, "
        f"level three after {minutes(level)} of {minutes(by)} {high}, naive after {minutes(fired)}"
    )


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        open_scratch_desk(folder)
        for path in sorted(Path(sys.argv[1]).glob("*.posts.jsonl.gz")):
            if "other_brands" in json.loads(
                path.with_name(path.name.replace("posts.jsonl.gz", "truth.json")).read_text()
            ):
                for row in run(path):
                    print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
