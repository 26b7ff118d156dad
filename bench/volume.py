"""A desk full of posts: the first page of search, a page of the inbox and the queue's counts, how often a second.

`make bench` fills a scratch desk on SQLite with 20,000. A million, in a database of its own:

    DATABASE_URL=postgres://… DEMO=1 python -m bench.volume --posts 1000000

Every post is made by a grammar of ours about a company that does not exist; posts, matches, topics and counts agree
with one another as if they had come in through the pipeline.
"""

import argparse
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import StringIO
from itertools import chain, islice
from typing import Any
from uuid import UUID

from bench._stories import OWN, PLATFORMS, RARE, REGIONS, WATCHES, Said, posts


# --- rows ------------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Story:
    """A topic while it grows."""

    pk: int
    watch: str
    title: str
    first_at: datetime
    last_at: datetime
    size: int = 0


@dataclass
class Tally:
    """What adds up while posts are written. Keys as in the count tables."""

    stories: dict[tuple[str, str, int], Story] = field(default_factory=dict)
    hours: Counter[tuple[str, datetime, str, str]] = field(default_factory=Counter)
    topic_hours: Counter[tuple[int, datetime, str, str]] = field(default_factory=Counter)
    words: dict[tuple[str, date, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    topics_of: dict[int, dict[str, int]] = field(default_factory=dict)  # original: watch: topic
    matches: int = 0


def fill(number: int, *, until: datetime) -> None:
    """Write so many posts with all that belongs to them. Needs an empty opinion app; drops its index meanwhile."""
    from django.db import connection, transaction

    from opinion import index
    from opinion.models import HourCount, Post, Source, Topic, TopicCount, Watch, WordCount
    from opinion.services.terms import apply_names

    if Post.everywhere.exists():
        raise SystemExit("There are posts in this database already; a volume needs one of its own.")
    for name, (rule, is_rival) in WATCHES.items():
        Watch.objects.get_or_create(name=name, defaults={"rule": rule, "is_rival": is_rival})
    apply_names()
    watches = dict(Watch.objects.filter(name__in=WATCHES).values_list("name", "pk"))
    classes = {"新华网": "media", "今日头条": "media", "微信公众号": "own"}
    sources = [
        Source.objects.get_or_create(
            url=f"https://volume.example/{at}.xml",
            defaults={
                "name": f"{platform}样例{at}",
                "platform": platform,
                "source_class": classes.get(platform, "platform"),
                "is_enabled": False,
                "health": "off",
            },
        )[0]
        for at, platform in enumerate(PLATFORMS * 3)
    ]
    index.lift()
    tally, dice = Tally(), random.Random(7)
    told = enumerate(posts(number, until), start=1)
    with transaction.atomic():  # matches point to topics, and those are known only at the end
        while chunk := list(islice(told, 20_000)):
            _write(chunk, tally, watches, sources, dice, until)
            print(f"{chunk[-1][0]:,} posts", flush=True)
        topics = (_topic(story, watches, dice) for story in tally.stories.values())
        for table, rows in ((Topic, topics), *_counts(tally, watches, HourCount, TopicCount, WordCount)):
            copy_in(table, rows)
    _forward_sequences()
    index.install()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _write(
    chunk: Sequence[tuple[int, Said]],
    tally: Tally,
    watches: dict[str, int],
    sources: Sequence[Any],
    dice: random.Random,
    until: datetime,
) -> None:
    from django.utils.timezone import localdate

    from opinion.models import Match, Post, PostKey

    keys, rows, matches = [], [], []
    for pk, said in chunk:
        source = dice.choice(sources)
        keys.append({"id": pk, "source_id": source.pk, "external_id": f"volume-{pk}"})
        rows.append(_row(pk, said, source, dice, until))
        hour = said.at.replace(minute=0, second=0, microsecond=0)
        for watch, words in said.wanted.items():
            story = _story(tally, watch, pk, said)
            tally.matches += 1
            matches.append(
                {
                    "id": tally.matches,
                    "watch_id": watches[watch],
                    "post_id": pk,
                    "topic_id": story.pk,
                    "words": words,
                    "published_at": said.at,
                }
            )
            tally.hours[watch, hour, source.platform, said.sentiment] += 1
            tally.topic_hours[story.pk, hour, source.platform, said.sentiment] += 1
            for word in said.keywords:
                sums = tally.words[watch, localdate(said.at), word[:40]]
                sums[0] += 1
                sums[1] += said.sentiment == "neg"
    for table, some in ((PostKey, keys), (Post, rows), (Match, matches)):
        copy_in(table, some)


def _story(tally: Tally, watch: str, pk: int, said: Said) -> Story:
    """The topic of a post: a story of one shop in one span of three days; a copy goes where its original is."""
    by_pk = tally.topics_of
    if said.original is not None:
        key = (watch, said.story, by_pk[said.original][watch])
    else:
        span = int(said.at.timestamp()) // (3 * 86400)
        key = (watch, said.story, span)
        by_pk.setdefault(pk, {})[watch] = span
    story = tally.stories.get(key)
    if story is None:
        story = tally.stories[key] = Story(len(tally.stories) + 1, watch, said.title, said.at, said.at)
    story.size += 1
    story.last_at = max(story.last_at, said.at)
    return story


def _topic(story: Story, watches: dict[str, int], dice: random.Random) -> dict[str, Any]:
    return {
        "id": story.pk,
        "uuid": UUID(int=dice.getrandbits(128)),
        "watch_id": watches[story.watch],
        "title": story.title,
        "size": story.size,
        "first_at": story.first_at,
        "last_at": story.last_at,
    }


def _row(pk: int, said: Said, source: Any, dice: random.Random, until: datetime) -> dict[str, Any]:
    is_rival = all(WATCHES[watch][1] for watch in said.wanted)
    triage = "rival" if is_rival else _triage(said.at, dice, until)
    return {
        "id": pk,
        "key_id": pk,
        "uuid": UUID(int=dice.getrandbits(128)),
        "source_id": source.pk,
        "platform": source.platform,
        "title": said.title,
        "text": said.text,
        "url": f"https://volume.example/posts/{pk}",
        "author": f"路人{dice.randrange(60_000)}",
        "published_at": said.at,
        "first_seen_at": said.at + timedelta(minutes=3),
        "reposts": dice.randrange(300) if pk % 3 else None,
        "region": dice.choice(REGIONS),
        "tokens": said.tokens,
        "original_id": said.original,
        "copy_count": said.copies,
        "sentiment": said.sentiment,
        "model_sentiment": said.sentiment,
        "score": {"neg": 0.1, "neu": 0.5, "pos": 0.9}[said.sentiment],
        "score_model": "volume",
        "triage": triage,
        "triaged_at": said.at + timedelta(hours=2) if triage in ("ignored", "snoozed") else None,
    }


def _triage(at: datetime, dice: random.Random, until: datetime) -> str:
    if at > until - timedelta(hours=36):
        return "waiting"
    return dice.choices(("ignored", "waiting", "snoozed"), (94, 4, 2))[0]


def _counts(
    tally: Tally, watches: dict[str, int], by_hour: Any, by_topic: Any, by_word: Any
) -> list[tuple[Any, Iterable[dict[str, Any]]]]:
    names = ("hour", "platform", "sentiment")
    return [
        (
            by_hour,
            (
                {"watch_id": watches[watch], **dict(zip(names, rest, strict=True)), "posts": posts}
                for (watch, *rest), posts in tally.hours.items()
            ),
        ),
        (
            by_topic,
            (
                {"topic_id": topic, **dict(zip(names, rest, strict=True)), "posts": posts}
                for (topic, *rest), posts in tally.topic_hours.items()
            ),
        ),
        (
            by_word,
            (
                {"watch_id": watches[watch], "day": day, "word": word, "posts": posts, "negative": negative}
                for (watch, day, word), (posts, negative) in tally.words.items()
            ),
        ),
    ]


# --- writing many rows -----------------------------------------------------------------------------------------------
def copy_in(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows by column name, defaults filled in: COPY on PostgreSQL (ten times an INSERT), else `executemany`."""
    from django.db import connection

    fields = [each for each in model._meta.concrete_fields if not each.primary_key]
    blank = model()
    defaults = {each.column: getattr(blank, each.attname) for each in fields}
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    columns = [*({"id"} & first.keys()), *defaults]
    is_json = {each.column for each in fields if each.get_internal_type() == "JSONField"}

    def lines() -> Iterator[list[Any]]:
        for row in chain([first], rows):
            cells = ((column, row.get(column, defaults.get(column))) for column in columns)
            yield [json.dumps(cell, ensure_ascii=False) if column in is_json else cell for column, cell in cells]

    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        told = lines()
        while some := list(islice(told, 20_000)):
            if connection.vendor == "postgresql":
                text = "".join("\t".join(map(_copied, line)) + "\n" for line in some)
                cursor.copy_expert(f"COPY {model._meta.db_table} ({names}) FROM STDIN", StringIO(text))
            else:
                places = ", ".join(["%s"] * len(columns))
                statement = f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({places})"
                cursor.executemany(statement, [[_stored(cell) for cell in line] for line in some])


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(cell: Any) -> str:
    """A value as COPY reads it."""
    return "\\N" if cell is None else str(cell).translate(_ESCAPES)


def _stored(cell: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(cell, UUID):
        return cell.hex
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else cell


def _forward_sequences() -> None:
    """Let the next post, match and topic have the next number. SQLite does by itself."""
    from django.core.management.color import no_style
    from django.db import connection

    from opinion.models import Match, Post, PostKey, Topic

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Match, Post, PostKey, Topic]):
            cursor.execute(statement)


# --- how often a second ----------------------------------------------------------------------------------------------
SEARCHES = {
    "search, a rare word": f"?q={RARE}",
    "search, a common word": f"?q={OWN}",
    "search, two words and filters": "?q=退款 桂花乌龙&sentiment=neg&span=30d",
    "search, one word near another": "?q=晴野 NEAR/40 发霉",
}


def run() -> dict[str, float]:
    """Pages a second on 20,000 posts."""
    from django.utils import timezone

    fill(20_000, until=timezone.now())
    return pages_a_second()


def pages_a_second() -> dict[str, float]:
    """First pages as the working group's head gets them, on whatever the database holds."""
    from django.conf import settings
    from django.contrib.auth.models import Group
    from django.test import Client, override_settings

    from accounts.models import User

    person, _is_new = User.objects.get_or_create(username="volume", defaults={"name": "样例"})
    person.groups.add(Group.objects.get(name="team_head"))
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    addresses = {"the inbox": "/inbox/"} | {name: f"/search/{address}" for name, address in SEARCHES.items()}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES={**settings.STORAGES, "staticfiles": plain}):
        client = Client()
        client.force_login(person)
        return {name: _rate(partial(client.get, address)) for name, address in addresses.items()}


def _rate(get: Callable[[], Any], times: int = 5) -> float:
    assert get().status_code == 200
    began = time.perf_counter()
    for _ in range(times):
        get()
    return times / (time.perf_counter() - began)


# --- from the command line -------------------------------------------------------------------------------------------
def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.volume", description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    django.setup()
    call_command("migrate", verbosity=0)
    if settings.DEMO:
        call_command("found_demo")
    began = time.perf_counter()
    fill(asked.posts, until=timezone.now())
    print(f"{asked.posts:,} posts in {time.perf_counter() - began:.0f} s")
    for name, rate in pages_a_second().items():
        print(f"{name}: {1000 / rate:.0f} ms")


if __name__ == "__main__":
    main()
