"""The counts behind every curve: added to as posts arrive, moved when a person corrects or regroups. Scans no post."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

from django.db import connection, models
from django.db.models import Count, F
from django.db.models.functions import Greatest, TruncHour
from django.utils.timezone import localdate

from accounts.exercises import Exercised
from accounts.models import Exercise
from opinion.models import HourCount, Match, Post, Sentiment, Topic, TopicCount, WordCount
from opinion.services.rows import insert

WORD_CAP = 40
BY_HOUR = ("hour", "platform", "sentiment")
Sums = Mapping[tuple[Any, ...], Mapping[str, int]]


def hour_of(time: datetime) -> datetime:
    """The hour a time lies in, in UTC: in a zone of half hours the hours begin elsewhere."""
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def add(model: type[models.Model], keys: Sequence[str], sums: Sums, *, exercise: Exercise | None = None) -> None:
    """Add to count rows, and open those that are not there yet, in one statement for 200 rows.

    keys  fields that make a row unique within its exercise    sums  values of `keys`: what to add to which field

    One writer's upsert instead of reading first: both databases know `ON CONFLICT … DO UPDATE` on a partial index.
    """
    rows = sorted(sums.items(), key=lambda row: tuple(map(str, row[0])))  # one order for all, so nobody waits in a ring
    if not rows:
        return
    added = sorted(rows[0][1])
    unique = [str(cast("models.Field[Any, Any]", model._meta.get_field(name)).column) for name in keys]
    names, where = [*keys, *added], ""
    which: tuple[int | None, ...] = ()
    if issubclass(model, Exercised):
        names, which = [*names, "exercise"], (exercise.pk if exercise else None,)
        unique += ["exercise_id"] if exercise else []
        where = f" WHERE exercise_id IS {'NOT ' if exercise else ''}NULL"
    table = connection.ops.quote_name(model._meta.db_table)
    raised = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in added)
    insert(
        model,
        names,
        ((*key, *(amounts[name] for name in added), *which) for key, amounts in rows),
        meeting=f"ON CONFLICT ({', '.join(unique)}){where} DO UPDATE SET {raised}",
    )


def move_sentiment(posts: "models.QuerySet[Post]", label: str, *, exercise: Exercise | None) -> None:
    """Count these posts under another sentiment, in the curves of every watch and topic they belong to.

    Call before the posts are changed: the sentiment they still have says where they are counted now.
    """
    by_watch, by_topic = _counted(Match.objects.filter(post__in=posts).exclude(post__sentiment=label))
    _move(HourCount, "watch", by_watch, label, exercise)
    _move(TopicCount, "topic", by_topic, label, None)


def take_away(posts: "models.QuerySet[Post]", *, exercise: Exercise | None) -> None:
    """Count these posts no more in the curves of their watches. Call before their matches go; topics are recounted."""
    by_watch, _by_topic = _counted(Match.objects.filter(post__in=posts))
    _take(HourCount, "watch", by_watch, exercise)


Counted = Counter[tuple[Any, ...]]


def _counted(matches: "models.QuerySet[Match]") -> tuple[Counted, Counted]:
    """Where these matches are counted now: by watch and by topic, each with hour, platform and sentiment."""
    hours = matches.order_by().annotate(hour=TruncHour("post__published_at", tzinfo=UTC))
    rows = hours.values_list("watch", "topic", "hour", "post__platform", "post__sentiment").annotate(Count("pk"))
    by_watch: Counted = Counter()
    by_topic: Counted = Counter()
    for watch, topic, *where, number in rows:
        by_watch[watch, *where] += number
        if topic is not None:
            by_topic[topic, *where] += number
    return by_watch, by_topic


def _move(
    model: type[HourCount] | type[TopicCount],
    of: str,
    moved: Counted,
    label: str,
    exercise: Exercise | None,
) -> None:
    _take(model, of, moved, exercise)
    arrived: Counted = Counter()
    for (where, hour, platform, _old), number in moved.items():
        arrived[where, hour, platform, label] += number
    add(model, (of, *BY_HOUR), {key: {"posts": number} for key, number in arrived.items()}, exercise=exercise)


# --- keywords --------------------------------------------------------------------------------------------------------
Mention = tuple[int, date, Collection[str], bool]  # watch, day in the company's zone, keywords, whether it is negative


def mentions(posts: Iterable[Post], keywords: Mapping[int, Collection[str]]) -> list[Mention]:
    """What originals say and sound like as they stand now, for each watch that has them. One query.

    keywords  by post
    """
    by_key = {post.pk: post for post in posts}
    rows = Match.objects.filter(post__in=by_key).order_by().values_list("watch", "post")
    return [mention(watch, by_key[post], keywords.get(post, ())) for watch, post in rows]


def mention(watch: int, post: Post, keywords: Collection[str]) -> Mention:
    return watch, localdate(post.published_at), keywords, post.sentiment == Sentiment.NEG


def count_words(said: Iterable[Mention], *, exercise: Exercise | None) -> None:
    """Count the keywords of originals: a repost says no new word."""
    add(WordCount, ("watch", "day", "word"), _word_sums(said), exercise=exercise)


def uncount_words(said: Iterable[Mention], *, exercise: Exercise | None) -> None:
    """The other way round, before an original is counted otherwise.

    A word that was not counted, because the text is cut by another dictionary today, is passed over.
    """
    alike: dict[tuple[int, date, int, int], list[str]] = defaultdict(list)
    for (watch, day, word), sums in _word_sums(said).items():
        alike[watch, day, sums["posts"], sums["negative"]].append(word)
    for (watch, day, posts, negative), words in sorted(alike.items()):
        rows = WordCount.everywhere.filter(exercise=exercise, watch=watch, day=day, word__in=words)
        rows.update(posts=Greatest(F("posts") - posts, 0), negative=Greatest(F("negative") - negative, 0))


def _word_sums(said: Iterable[Mention]) -> dict[tuple[int, date, str], dict[str, int]]:
    sums: dict[tuple[int, date, str], dict[str, int]] = defaultdict(lambda: {"posts": 0, "negative": 0})
    for watch, day, keywords, is_negative in said:
        for word in keywords:
            of_word = sums[watch, day, word[:WORD_CAP]]
            of_word["posts"] += 1
            of_word["negative"] += is_negative
    return sums


# --- after posts were moved ------------------------------------------------------------------------------------------
def _take(model: type[HourCount] | type[TopicCount], of: str, counted: Counted, exercise: Exercise | None) -> None:
    of_exercise = {"exercise": exercise} if model is HourCount else {}
    for key, number in sorted(counted.items(), key=str):
        row = dict(zip((of, *BY_HOUR), key, strict=True))
        model._base_manager.filter(**row, **of_exercise).update(posts=F("posts") - number)


def recount(topics: Collection[Topic]) -> None:
    """Make the counts of some topics anew from their posts, with their size and times, after posts were moved."""
    matches = Match.objects.filter(topic__in=topics).order_by()
    hours = matches.annotate(hour=TruncHour("published_at", tzinfo=UTC))
    counted = hours.values_list("topic", "hour", "post__platform", "post__sentiment").annotate(Count("pk"))
    sums = {tuple(key): {"posts": number} for *key, number in counted}
    TopicCount.objects.filter(topic__in=topics).delete()
    add(TopicCount, ("topic", *BY_HOUR), sums)
    spans = {
        topic: values
        for topic, *values in matches.values_list("topic").annotate(
            Count("pk"), models.Min("published_at"), models.Max("published_at")
        )
    }
    for topic in topics:
        size, first, last = spans.get(topic.pk, (0, topic.first_at, topic.last_at))
        topic.size, topic.first_at, topic.last_at = size, first, last
    Topic.everywhere.bulk_update(topics, ["size", "first_at", "last_at"])
