"""Where each new post of a batch belongs: whose repost it is, and to which topic of each watch it goes. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max, Sum

from accounts.models import Exercise
from opinion import grouping, reposts
from opinion.grouping import Group, Stories
from opinion.models import HourCount, Match, Post, PostBand, Topic
from opinion.services.analysis import Item
from opinion.text import fold

MOST_TOPICS = 2000  # of the watches of a batch that are compared, those spoken of last
FOLDS_WITHIN = timedelta(hours=72)  # a repost later than that is news again


@dataclass(slots=True)
class Place:
    """One post and where it goes.

    original  the stored post it repeats, or the place of one in the same batch; None where it is an original itself
    bands     its band keys, for later reposts to be found by; empty for a text too short to compare
    groups    for each watch that wants it, the topic
    """

    item: Item
    grams: reposts.Grams
    bands: list[int]
    original: "Post | Place | None" = None
    groups: dict[int, Group] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """seen: the newest match of these watches when the plan was made; a later one means that it is out of date."""

    places: list[Place]
    seen: int


def plan(items: Iterable[Item], *, exercise: Exercise | None) -> Plan:
    """A place for each item, the earliest first. A fixed number of queries, however many items."""
    ordered = sorted(items, key=lambda item: (item.published_at, item.external_id))
    watches = {watch for item in ordered for watch in item.wanted}
    seen = newest_match(watches)
    grams = [reposts.grams(item.folded) for item in ordered]
    keys = reposts.bands(grams).tolist()
    places = [
        Place(item, found, row if len(found) else []) for item, found, row in zip(ordered, grams, keys, strict=True)
    ]
    stored, topics_of = _stored_originals(places, exercise)
    _fold(places, stored)
    _group(places, watches, topics_of, exercise)
    return Plan(places, seen)


def newest_match(watches: Iterable[int]) -> int:
    return Match.objects.filter(watch__in=watches).aggregate(newest=Max("pk"))["newest"] or 0


# --- reposts ---------------------------------------------------------------------------------------------------------
def _span(places: Sequence[Place], reach: timedelta) -> tuple[datetime, datetime]:
    times = [place.item.published_at for place in places]
    return min(times) - reach, max(times) + reach


def _stored_originals(
    places: Sequence[Place], exercise: Exercise | None
) -> tuple[dict[int, list[Post]], dict[int, dict[int, int]]]:
    """Stored posts by the band keys they share with the batch, and the topics of each of them by watch."""
    keys = {key for place in places for key in place.bands}
    rows = list(
        PostBand.everywhere.filter(
            exercise=exercise, band__in=keys, published_at__range=_span(places, FOLDS_WITHIN)
        ).values_list("band", "post")
    )
    posts = Post.everywhere.only(
        "title", "text", "published_at", "sentiment", "model_sentiment", "score", "score_model"
    ).in_bulk({post for _band, post in rows})
    by_key = defaultdict(list)
    for band, post in rows:
        by_key[band].append(posts[post])
    topics_of: dict[int, dict[int, int]] = defaultdict(dict)
    for post, watch, topic in Match.objects.filter(post__in=posts, topic__isnull=False).values_list(
        "post", "watch", "topic"
    ):
        topics_of[post][watch] = topic
    return by_key, topics_of


def _fold(places: Sequence[Place], stored: dict[int, list[Post]]) -> None:
    """Give each place its original: the most alike of those it shares a band with, stored or earlier in the batch."""
    here: dict[int, list[Place]] = defaultdict(list)
    grams_of: dict[int, reposts.Grams] = {}
    for place in places:
        best: tuple[float, Post | Place] | None = None
        candidates: dict[int, Post | Place] = {
            id(other): other for key in place.bands for other in (*stored.get(key, ()), *here.get(key, ()))
        }
        for key, other in candidates.items():
            if isinstance(other, Place):
                theirs, published_at = other.grams, other.item.published_at
            else:
                theirs = grams_of.setdefault(key, reposts.grams(fold(other.words).text))
                published_at = other.published_at
            if abs(place.item.published_at - published_at) > FOLDS_WITHIN or not reposts.is_repost(place.grams, theirs):
                continue
            alike = reposts.likeness(place.grams, theirs)[1]
            if best is None or alike > best[0]:
                best = alike, other
        if best is not None:
            place.original = best[1]
        else:
            for key in place.bands:
                here[key].append(place)


# --- topics ----------------------------------------------------------------------------------------------------------
def _group(
    places: Sequence[Place], watches: set[int], topics_of: dict[int, dict[int, int]], exercise: Exercise | None
) -> None:
    """Give each place a topic for every watch that wants it; copies go where their original is."""
    since, until = _span(places, grouping.LIVES)
    of_originals = {
        topic
        for place in places
        if isinstance(place.original, Post)
        for topic in topics_of.get(place.original.pk, {}).values()
    }
    stories: dict[int, Stories] = defaultdict(Stories)
    by_topic: dict[int, Group] = {}
    active = Topic.everywhere.filter(watch__in=watches, exercise=exercise, last_at__gte=since, first_at__lte=until)
    for topic in (*active.order_by("-last_at", "-pk")[:MOST_TOPICS], *Topic.everywhere.filter(pk__in=of_originals)):
        if topic.pk not in by_topic:
            by_topic[topic.pk] = Group(topic, topic.terms, topic.size, topic.first_at, topic.last_at)
            stories[topic.watch_id].add(by_topic[topic.pk])
    usual = _usual_per_hour(watches, places, exercise)
    for place in places:
        at = place.item.published_at
        for watch, words in place.item.wanted.items():
            group = _group_of_original(place.original, watch, topics_of, by_topic)
            if group is not None:
                grouping.join(group, {}, at)
            else:
                group = stories[watch].take(grouping.bag(place.item.about, words), at, usual[watch])
            place.groups[watch] = group


def _group_of_original(
    original: "Post | Place | None", watch: int, topics_of: dict[int, dict[int, int]], by_topic: dict[int, Group]
) -> Group | None:
    if isinstance(original, Place):
        return original.groups.get(watch)
    topic = topics_of.get(original.pk, {}).get(watch) if original else None
    return by_topic.get(topic) if topic else None


def _usual_per_hour(watches: set[int], places: Sequence[Place], exercise: Exercise | None) -> dict[int, float]:
    """Posts an hour of each watch in the week that ended two days before these, so that a story does not hide itself.

    A watch without a past counts as one that hears little: two posts in two days. But where the posts themselves span
    more than a topic lives (the first poll of a feed brings its past along), they say how much is usual.
    """
    at = min(place.item.published_at for place in places)
    counted = dict(
        HourCount.everywhere.filter(
            exercise=exercise, watch__in=watches, hour__gte=at - timedelta(days=9), hour__lt=at - timedelta(days=2)
        )
        .values_list("watch")
        .annotate(Sum("posts"))
    )
    usual = {watch: (counted.get(watch, 0) + 2) / (7 * 24 + 48) for watch in watches}
    span = max(place.item.published_at for place in places) - at
    if span > grouping.LIVES:
        brought = Counter(watch for place in places for watch in place.item.wanted)
        hours = span.total_seconds() / 3600
        usual = {watch: max(rate, brought[watch] / hours) for watch, rate in usual.items()}
    return usual
