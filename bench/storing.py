"""What thinking about posts costs: posts taken in, against their rows inserted by `bulk_create` and nothing else.

`make bench` runs it on SQLite. On PostgreSQL, in an empty database of its own:

    DATABASE_URL=postgres://… python -m bench.storing
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.sentiment import texts
from bench.watches import rules, words

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
POSTS, BATCH = 4000, 200
ALL = " OR ".join("的了是不一在有人我这好很大来到上出个中被")
# The rows of posts, parents before children: what a post leaves behind, whoever writes it.
TABLES = (
    "Heard",
    "PostKey",
    "Topic",
    "Post",
    "PostOriginal",
    "PostBand",
    "Match",
    "HourCount",
    "TopicCount",
    "WordCount",
)


def run() -> dict[str, float]:
    """Posts a second by the clock on the wall, for the database works in a process of its own."""
    from opinion.models import Source, Watch
    from opinion.raw import RawPost
    from opinion.services import analysis
    from opinion.services.pipeline import take_in

    source = Source.objects.create(name="bench", url="https://bench.example.com/storing", platform="微博")
    Watch.objects.bulk_create(Watch(name=f"词 {key}", rule=rule) for key, rule in rules(words()).items())
    given = texts(POSTS)
    step = timedelta(minutes=7)

    def post(number: int, text: str, round_: int) -> RawPost:
        return RawPost(f"{round_}-{number}", "", text, "", f"网友{number % 999}", NOW + step * number)

    def taken(round_: int) -> float:
        batches = in_batches([post(number, text, round_) for number, text in enumerate(given)])
        return rate(lambda batch: take_in(source, batch, now=NOW), batches)

    taken(0)  # what is loaded at first use is loaded
    raw = in_batches([post(number, text, 0) for number, text in enumerate(given)])
    matched_only = rate(lambda batch: analysis.find_wanted([*analysis.prepared(source, batch)[0].values()], None), raw)
    unmatched = taken(1)
    Watch.objects.create(name="全部", rule=ALL)
    matched = taken(2)
    alone = rows_alone()
    return {
        "their rows by bulk_create alone": alone,
        "matched, unique, stored": matched,
        "unmatched, heard only": unmatched,
        "unmatched through match, nothing written": matched_only,
    }


def in_batches(items: Sequence[Any]) -> list[Sequence[Any]]:
    return [items[at : at + BATCH] for at in range(0, len(items), BATCH)]


def rate(act: Callable[[Any], object], batches: Sequence[Sequence[Any]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        act(batch)
    return sum(map(len, batches)) / (time.perf_counter() - began)


def rows_alone() -> float:
    """Posts a second when what is stored now is emptied and its very rows are inserted again, batch by batch."""
    from django.apps import apps
    from django.db import connection, transaction

    models = [apps.get_model("opinion", name) for name in TABLES]
    rows = {model: list(model._base_manager.order_by("pk")) for model in models}
    posts = len(rows[apps.get_model("opinion", "Post")])
    with connection.cursor() as cursor:
        for model in reversed(models):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
    began = time.perf_counter()
    for model in models:
        share = -(-len(rows[model]) * BATCH // posts)
        for at in range(0, len(rows[model]), share):
            with transaction.atomic():
                model._base_manager.bulk_create(rows[model][at : at + share])
    return posts / (time.perf_counter() - began)


if __name__ == "__main__":
    import django

    from bench.__main__ import table

    django.setup()
    print(table(str(__doc__).splitlines()[0], run()))
