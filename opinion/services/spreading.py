"""How stories travelled, worked out ahead so that no page scans posts, and which posts came in arranged bursts."""

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.models import Exercise
from opinion import coordination, spread
from opinion.models import Match, Post, SourceClass, Topic, TopicSpread
from opinion.spread import Voice
from opinion.text import fold

logger = logging.getLogger(__name__)

LEAST = 2  # posts; one alone has travelled nowhere
MOST_POSTS = 5_000  # of a story, the newest
EARLIEST = 200  # of a longer one, so that its first voices are not lost
MOST_TOPICS = 50  # in one round
AT_ONCE = 200  # rows in one transaction
LOOKS_BACK = timedelta(days=7)  # a story of which nobody spoke for so long takes no more posts
STILL_TELLING = timedelta(hours=48)  # after its last post a story's half-life and figures are looked at again,
AGAIN_AFTER = timedelta(hours=1)  # this often

FIELDS = (
    "platform", "title", "text", "author", "published_at", "followers", "author_since",
    "reposts", "comments", "likes", "reads", "original_id", "is_coordinated",
    "source__platform", "source__source_class",
)  # fmt: skip


def spread_stories(now: datetime, exercise: Exercise | None = None) -> int:
    """Work out the stories that changed since they were last looked at, the largest first; returns how many.

    May run twice at once or die half-way: every story is written by itself, and what is missing is done next time.
    """
    topics = list(due(now, exercise)[:MOST_TOPICS])
    for topic in topics:
        spread_story(topic, now)
    return len(topics)


def due(now: datetime, exercise: Exercise | None = None) -> QuerySet[Topic]:
    """Stories never looked at, of another size than at the last look, or alive and looked at an hour ago."""
    counted = Cast(KeyTextTransform("size", "spread__figures"), IntegerField())
    changed = Q(last_at__gte=now - LOOKS_BACK) & ~Q(size=F("counted"))
    telling = Q(spread__as_of__lt=now - AGAIN_AFTER, last_at__gte=F("spread__as_of") - STILL_TELLING)
    topics = Topic.everywhere.filter(exercise=exercise, size__gte=LEAST, merged_into__isnull=True)
    topics = topics.annotate(counted=counted).filter(Q(spread__isnull=True) | changed | telling)
    return topics.order_by("-size", "pk")


def spread_story(topic: Topic, now: datetime) -> None:
    """Work one story out from its newest posts, mark those that came in bursts, keep the figures."""
    posts = _posts(topic).order_by("-published_at", "-pk")
    newest = list(posts.values("pk", *FIELDS)[:MOST_POSTS])
    is_cut = len(newest) == MOST_POSTS
    earliest = posts.reverse().values("pk", *FIELDS)[:EARLIEST] if is_cut else ()
    voices = [_voice(row) for row in newest]
    travelled = spread.work_out(voices, now, [_voice(row) for row in earliest])
    arranged = coordination.look(voices)
    marked = {row["pk"] for row in newest if row["is_coordinated"]}
    _mark(arranged.arranged - marked, is_coordinated=True)
    _mark(_free(marked - arranged.arranged, topic), is_coordinated=False)
    figures = {
        "size": topic.size,
        "is_cut": is_cut,
        "spread": as_json(asdict(travelled)) if travelled else None,
        "coordination": as_json(asdict(arranged)),
    }
    TopicSpread.objects.update_or_create(topic=topic, defaults={"as_of": now, "figures": figures})
    logger.info("spread topic=%s posts=%s arranged=%s", topic.pk, len(voices), arranged.coordinated)


def _posts(topic: Topic) -> QuerySet[Post]:
    return Post.everywhere.filter(pk__in=Match.objects.filter(topic=topic).values("post"))


def _voice(row: dict[str, Any]) -> Voice:
    words = f"{row['title']}\n{row['text']}".strip()
    return Voice(
        key=row["pk"],
        at=row["published_at"],
        platform=row["platform"] or row["source__platform"],
        author=row["author"],
        original=row["original_id"],
        followers=row["followers"],
        since=row["author_since"],
        reposts=row["reposts"],
        comments=row["comments"],
        likes=row["likes"],
        reads=row["reads"],
        is_press=row["source__source_class"] != SourceClass.PLATFORM,
        folded=fold(words).text,
        is_forward=coordination.is_forward(words),
    )


def _free(posts: set[int], topic: Topic) -> set[int]:
    """Of posts that were marked, those that no other story they belong to still calls arranged."""
    others = Match.objects.filter(post__in=posts).exclude(topic=topic).values("topic")
    held: set[int] = set()
    for figures in TopicSpread.objects.filter(topic__in=others).values_list("figures", flat=True):
        held.update(key for burst in figures["coordination"]["bursts"] for key in burst["posts"])
    return posts - held


def _mark(posts: set[int], *, is_coordinated: bool) -> None:
    ordered = sorted(posts)
    for start in range(0, len(ordered), AT_ONCE):
        with transaction.atomic():
            Post.everywhere.filter(pk__in=ordered[start : start + AT_ONCE]).update(is_coordinated=is_coordinated)


def as_json(value: Any) -> Any:
    """Times as text; everything else as it is."""
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
