"""Where each new post of a batch belongs: whose repost it is, and to which topic of each watch it goes. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery, Sum

from accounts.models import Exercise
from opinion import grouping, headlines, reposts
from opinion.grouping import Group, Stories
from opinion.models import Fold, HourCount, Match, Post, PostBand, SourceClass, Topic, TopicCount, Triage, Watch
from opinion.services.analysis import Item
from opinion.text import fold

READ_FOR_A_TITLE = 200  # posts of the stories of a batch
MOST_TOPICS = 2000  # of the watches of a batch that are compared, those spoken of last
FOLDS_WITHIN = timedelta(hours=72)  # a repost later than that is news again
WEEK, DAY = timedelta(days=7), timedelta(days=1)
LISTENED = timedelta(days=5)  # before a story began: less says nothing about what was usual then


@dataclass(slots=True)
class Place:
    """One post and where it goes.

    original  the stored post it repeats, or the place of one in the same batch; None where it is an original itself
    is_first  whether it was published before the stored post it repeats, and takes its place as the original
    bands     its band keys, for later reposts to be found by; empty for a text too short to compare
    groups    for each watch that wants it, the topic; none where it says nothing
    """

    item: Item
    grams: reposts.Grams
    bands: list[int]
    original: "Post | Place | None" = None
    is_first: bool = False
    groups: dict[int, Group] = field(default_factory=dict)

    @property
    def is_scored(self) -> bool:
        """Whether it has a score and words of its own; a repost carries its original's."""
        return self.original is None or self.is_first


@dataclass(slots=True)
class Plan:
    """Where everything goes.

    places    of new posts
    more      of posts we know whose new words more watches want: those watches, and their topics
    seen      how things stood when the plan was made (`newest_match`); where they stand otherwise, it is out of date
    keywords  of the stored originals that new posts displace, as they are counted
    """

    places: list[Place] = field(default_factory=list)
    more: list[Place] = field(default_factory=list)
    seen: Any = None
    keywords: dict[int, list[str]] = field(default_factory=dict)

    @property
    def watches(self) -> set[int]:
        return {watch for place in (*self.places, *self.more) for watch in place.item.wanted}

    @property
    def displaced(self) -> list[Post]:
        """Stored originals that were published after one of the new posts."""
        return [place.original for place in self.places if place.is_first and isinstance(place.original, Post)]


def plan(items: Iterable[Item], more: Iterable[Item] = (), *, exercise: Exercise | None) -> Plan:
    """A place for each item, the earliest first. A fixed number of queries, however many items.

    more  posts we know, each with the watches that want only its new words: they go to topics, and repeat nothing
    """
    ordered = sorted(items, key=lambda item: (item.published_at, *item.key))
    added = [Place(item, reposts.grams(item.folded), []) for item in more]
    if not ordered and not added:
        return Plan()
    watches = {watch for item in (*ordered, *(place.item for place in added)) for watch in item.wanted}
    seen = newest_match(watches)
    grams = [reposts.grams(item.folded) for item in ordered]
    keys = reposts.bands(grams).tolist()
    places = [
        Place(item, found, row if len(found) else []) for item, found, row in zip(ordered, grams, keys, strict=True)
    ]
    found_by = _stored_originals(places, exercise) if places else Stored()
    _fold(places, found_by)
    everything = sorted([*places, *added], key=lambda place: place.item.published_at)
    _group(everything, watches, found_by.topics_of, exercise)
    _entitle(everything)
    return Plan(places, added, seen)


def newest_match(watches: Iterable[int]) -> tuple[Any, ...]:
    """The newest match of these watches, and the last fold a person made or took back: what a plan relies on."""
    folds = Fold.objects.aggregate(made=Max("pk"), undone=Max("undone_at"))
    return Match.objects.filter(watch__in=watches).aggregate(newest=Max("pk"))["newest"], folds["made"], folds["undone"]


Alike = tuple[Post, Post]  # a stored post by whose words a repost is found, and the original it stands for


@dataclass(slots=True)
class Stored:
    """What is stored already that a batch may repeat.

    alike      by the band keys shared with the batch    by_hand  of these, posts that a person folded into others
    topics_of  of each post, by watch                    watches_of  the watches that listen and want an original
    """

    alike: dict[int, list[Alike]] = field(default_factory=lambda: defaultdict(list))
    by_hand: set[int] = field(default_factory=set)
    topics_of: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    watches_of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


# --- reposts ---------------------------------------------------------------------------------------------------------
def _span(places: Sequence[Place], reach: timedelta) -> tuple[datetime, datetime]:
    times = [place.item.published_at for place in places]
    return min(times) - reach, max(times) + reach


def _stored_originals(places: Sequence[Place], exercise: Exercise | None) -> Stored:
    """Stored posts by the band keys they share with the batch, and the topics of each of them by watch.

    One that was folded into another, by a person or because that one was published before, is still found by its own
    words, and stands for its original. What was taken back with its import is nobody's original.
    """
    keys = {key for place in places for key in place.bands}
    rows = list(
        PostBand.everywhere.filter(
            exercise=exercise, band__in=keys, published_at__range=_span(places, FOLDS_WITHIN)
        ).values_list("band", "post")
    )
    fields = ("title", "text", "published_at", "sentiment", "model_sentiment", "score", "score_model", "original_id")
    posts = Post.everywhere.exclude(triage=Triage.UNDONE).only(*fields).in_bulk({post for _band, post in rows})
    folded = {post.pk: post.original_id for post in posts.values() if post.original_id is not None}
    found = Stored()
    if folded:
        posts |= Post.everywhere.only(*fields).in_bulk(set(folded.values()) - posts.keys())
        folds = Fold.objects.filter(Q(post__in=folded) | Q(copies__in=folded), undone_at__isnull=True)
        found.by_hand = {post for pair in folds.values_list("post", "copies") for post in pair if post is not None}
    for band, post in rows:
        if post in posts:
            found.alike[band].append((posts[post], posts[folded.get(post, post)]))
    matches = Match.objects.filter(post__in=posts).values_list("post", "watch", "topic", "watch__is_enabled")
    for post, watch, topic, listens in matches:
        if topic is not None:
            found.topics_of[post][watch] = topic
        if listens:
            found.watches_of[post].add(watch)
    return found


def _fold(places: Sequence[Place], stored: Stored) -> None:
    """Give each place its original: the most alike of those it shares a band with, stored or earlier in the batch."""
    here: dict[int, list[Place]] = defaultdict(list)
    grams_of: dict[int, reposts.Grams] = {}
    displaced: set[int] = set()
    for place in places:
        best: tuple[float, Post | Place, bool] | None = None
        candidates: dict[int, Alike | Place] = {
            id(other): other for key in place.bands for other in (*stored.alike.get(key, ()), *here.get(key, ()))
        }
        for other in candidates.values():
            is_first = False
            if isinstance(other, Place):
                lead: Post | Place = other
                theirs, published_at = other.grams, other.item.published_at
            else:
                post, lead = other
                if post.pk not in grams_of:
                    grams_of[post.pk] = reposts.grams(fold(post.words).text)
                theirs, published_at = grams_of[post.pk], post.published_at
                is_first = post.pk not in stored.by_hand and _comes_before(place.item, lead, stored)
            if abs(place.item.published_at - published_at) > FOLDS_WITHIN or not reposts.is_repost(place.grams, theirs):
                continue
            alike = reposts.likeness(place.grams, theirs)[1]
            if best is None or alike > best[0]:
                best = alike, lead, is_first
        if best is not None:
            place.original = best[1]
            if best[2] and isinstance(best[1], Post) and best[1].pk not in displaced:  # the earliest of the batch
                displaced.add(best[1].pk)
                place.is_first = True
        else:
            for key in place.bands:
                here[key].append(place)


def _comes_before(item: Item, lead: Post, stored: Stored) -> bool:
    """Whether a post is to be the original instead of a stored one: published before it, by a time that is its own.

    Nobody who looks for the group through one of their watches may lose it, so all of them must want the new one.
    """
    is_earlier = item.published_at < lead.published_at and not item.date_doubt
    return is_earlier and stored.watches_of.get(lead.pk, set()) <= item.wanted.keys()


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
    active = Topic.everywhere.filter(
        watch__in=watches, exercise=exercise, last_at__gte=since, first_at__lte=until, merged_into__isnull=True
    )
    for topic in (*active.order_by("-last_at", "-pk")[:MOST_TOPICS], *Topic.everywhere.filter(pk__in=of_originals)):
        if topic.pk not in by_topic:
            by_topic[topic.pk] = Group(topic, topic.terms, topic.size, topic.first_at, topic.last_at)
    _hear_the_loud([group for group in by_topic.values() if group.size >= grouping.LOUD], since, until, exercise)
    for group in by_topic.values():
        stories[group.key.watch_id].add(group)
    usual = _usual_per_hour(watches, places, exercise)
    for place in places:
        at = place.item.published_at
        for watch, words in place.item.wanted.items():
            theirs = _group_of_original(place.original, watch, topics_of, by_topic)
            if theirs is not None:
                grouping.join(theirs, {}, at)
                place.groups[watch] = theirs
            elif reposts.says_something(place.item.folded):
                about = grouping.bag(place.item.about, words)
                place.groups[watch] = stories[watch].take(about, at, usual[watch])


def _group_of_original(
    original: "Post | Place | None", watch: int, topics_of: dict[int, dict[int, int]], by_topic: dict[int, Group]
) -> Group | None:
    if isinstance(original, Place):
        return original.groups.get(watch)
    topic = topics_of.get(original.pk, {}).get(watch) if original else None
    return by_topic.get(topic) if topic else None


def _hear_the_loud(groups: Sequence[Group], since: datetime, until: datetime, exercise: Exercise | None) -> None:
    """Write on the large topics how much their watch heard before they began, and how much of them lately."""
    if not groups:
        return
    topics = {group.key.pk for group in groups}
    watches = {group.key.watch_id for group in groups}
    counted = HourCount.everywhere.filter(exercise=exercise, watch__in=watches)
    first = HourCount.everywhere.filter(exercise=exercise, watch=OuterRef("pk")).order_by("hour").values("hour")[:1]
    heard_since = dict(Watch.everywhere.filter(pk__in=watches).values_list("pk", Subquery(first)))
    begins = [group.first_at for group in groups]
    past: dict[int, dict[datetime, int]] = defaultdict(dict)
    hours = counted.filter(hour__gte=min(begins) - WEEK, hour__lt=max(begins)).values_list("watch", "hour")
    for watch, hour, posts in hours.annotate(Sum("posts")):
        past[watch][hour] = posts
    day = TopicCount.objects.filter(topic__in=topics, hour__gt=since + grouping.LIVES - DAY, hour__lte=until)
    lately = dict(day.values_list("topic").annotate(Sum("posts")))
    for group in groups:
        since_when = heard_since[group.key.watch_id]
        group.lately = lately.get(group.key.pk, 0)
        if since_when is not None and group.first_at - since_when >= LISTENED:
            span = min(group.first_at - since_when, WEEK)
            before = past[group.key.watch_id].items()
            posts = sum(posts for hour, posts in before if group.first_at - span <= hour < group.first_at)
            group.before = (posts + 2) / (span.total_seconds() / 3600 + 48)


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


def _entitle(places: Sequence[Place]) -> None:
    """Write on each group that has doubled what it is to be called, unless a person has named it. One query at most."""
    groups = {id(group): group for place in places for group in place.groups.values()}
    due = {
        number: group
        for number, group in groups.items()
        if group.key is None or (group.key.titled_by_id is None and headlines.is_due(group.key.size, group.size))
    }
    posts: dict[int, list[headlines.Candidate]] = defaultdict(list)
    known = {group.key.pk: number for number, group in due.items() if group.key is not None}
    rows = Match.objects.filter(topic__in=known, post__original__isnull=True).order_by("-pk")
    wanted = ("topic", "post__title", "post__text", "post__source__source_class")
    for topic, title, text, source_class in reversed(
        list(rows.values_list(*wanted)[:READ_FOR_A_TITLE]) if known else []
    ):
        posts[known[topic]].append(headlines.Candidate(title, text, source_class == SourceClass.MEDIA))
    for place in places:
        for group in place.groups.values():
            if id(group) in due and place.original is None:
                posts[id(group)].append(headlines.Candidate(place.item.title, place.item.text))
    for number, group in due.items():
        group.title = headlines.best(posts[number], group.terms)
