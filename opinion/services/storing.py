"""Writing a batch down, in one short transaction: everything or nothing, each post once, each count once.

What makes a post new is its PostKey. Two workers may bring the same batch at once: both insert the keys and leave those
that are there; only keys that still have no post are ours, and only for ours is anything written or counted.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.timezone import localdate

from accounts.models import Exercise
from accounts.secrets import encrypt
from opinion.grouping import Group
from opinion.models import (
    Heard,
    HourCount,
    Match,
    Post,
    PostBand,
    PostKey,
    PostOriginal,
    Sentiment,
    Source,
    Topic,
    TopicCount,
    Triage,
    Watch,
    WordCount,
)
from opinion.services import counting
from opinion.services.analysis import METRICS, Item
from opinion.services.placing import Place, Plan, newest_match

WORD_CAP = 40


class Overtaken(Exception):
    """Somebody stored posts of the same watches after the plan was made: think again, nothing was written."""


@transaction.atomic
def store(
    source: Source,
    heard: Iterable[Item],
    plan: Plan,
    grown: Sequence[Post],
    *,
    now: datetime,
    exercise: Exercise | None,
    insist: bool = False,
) -> list[Place]:
    """Write what was heard, the posts that are ours, and metrics that have grown; returns the places that were ours.

    insist  store even when overtaken: a repost may then stand beside its original, which harms nobody
    Raises Overtaken.
    """
    watches = sorted({watch for place in plan.places for watch in place.item.wanted})
    if watches:
        # Topics and counts of a watch are read, changed and written by one worker at a time.
        list(Watch.objects.select_for_update(no_key=True).filter(pk__in=watches).order_by("pk").values_list("pk"))
        if not insist and newest_match(watches) != plan.seen:
            raise Overtaken
    Heard.everywhere.bulk_create(
        (
            Heard(
                source=source,
                external_id=item.external_id,
                text=f"{item.title}\n{item.text}".strip(),
                published_at=item.published_at,
                heard_at=now,
                exercise=exercise,
            )
            for item in sorted(heard, key=lambda item: item.external_id)  # one order for all, so nobody waits in a ring
        ),
        ignore_conflicts=True,
    )
    ours = _ours(source, plan.places, exercise) if plan.places else []
    if ours:
        posts = _write_posts(source, ours, now, exercise)
        _write_topics(ours, now, exercise)
        _write_matches(ours, posts)
        _count(ours, posts, exercise)
    if grown:
        Post.everywhere.bulk_update(grown, [*METRICS, "rank"])
    return [place for place, _key in ours]


Ours = list[tuple[Place, PostKey]]


def _ours(source: Source, places: Sequence[Place], exercise: Exercise | None) -> Ours:
    ids = [place.item.external_id for place in places]
    PostKey.everywhere.bulk_create(
        (PostKey(source=source, external_id=external_id, exercise=exercise) for external_id in sorted(ids)),
        ignore_conflicts=True,
    )
    free = PostKey.everywhere.filter(source=source, exercise=exercise, external_id__in=ids, post__isnull=True)
    keys = {key.external_id: key for key in free}
    return [(place, keys[place.item.external_id]) for place in places if place.item.external_id in keys]


# --- posts -----------------------------------------------------------------------------------------------------------
def _write_posts(source: Source, ours: Ours, now: datetime, exercise: Exercise | None) -> dict[str, Post]:
    """The posts by external id: originals first, so that copies have something to point to."""
    mine = {place.item.external_id for place, _key in ours}
    posts: dict[str, Post] = {}
    copies: Ours = []
    for place, key in ours:
        # An original of this batch that turned out to be somebody else's is not to be pointed to.
        if isinstance(place.original, Place) and place.original.item.external_id not in mine:
            place.original = None
        if place.original is None:
            posts[place.item.external_id] = _post(source, place, key, now, exercise)
        else:
            copies.append((place, key))
    heat: Counter[Post] = Counter()
    for place, _key in copies:
        if isinstance(place.original, Place):
            posts[place.original.item.external_id].copy_count += 1
    Post.everywhere.bulk_create(posts.values())
    _read_again({place.original for place, _key in copies if isinstance(place.original, Post)})
    for place, key in copies:
        original = place.original
        lead = posts[original.item.external_id] if isinstance(original, Place) else original
        assert lead is not None
        if not isinstance(original, Place):
            heat[lead] += 1
        posts[place.item.external_id] = _post(source, place, key, now, exercise, lead)
    Post.everywhere.bulk_create(posts[place.item.external_id] for place, _key in copies)
    if heat:
        leads = sorted(heat, key=lambda lead: lead.pk)
        for lead in leads:
            lead.copy_count = F("copy_count") + heat[lead]
        Post.everywhere.bulk_update(leads, ["copy_count"])
    PostOriginal.objects.bulk_create(
        PostOriginal(
            post=posts[place.item.external_id],
            cipher=encrypt(json.dumps(place.item.unmasked, ensure_ascii=False)),
            purge_after=now + timedelta(days=settings.ORIGINAL_DAYS),
        )
        for place, _key in ours
        if place.item.unmasked
    )
    PostBand.everywhere.bulk_create(
        PostBand(post=posts[place.item.external_id], band=band, published_at=place.item.published_at, exercise=exercise)
        for place, _key in ours
        if place.original is None
        for band in place.bands
    )
    return posts


def _read_again(leads: set[Post]) -> None:
    """What stored originals count as now, held: a person may have corrected one since the plan was made."""
    if leads:
        held = Post.everywhere.select_for_update(no_key=True).filter(pk__in=[lead.pk for lead in leads]).order_by("pk")
        labels = dict(held.values_list("pk", "sentiment"))
        for lead in leads:
            lead.sentiment = labels[lead.pk]


def _post(
    source: Source, place: Place, key: PostKey, now: datetime, exercise: Exercise | None, lead: Post | None = None
) -> Post:
    item = place.item
    post = Post(
        key=key,
        source=source,
        platform=item.platform,
        region=item.region,
        author_since=item.author_since,
        title=item.title,
        text=item.text,
        url=item.url,
        author=item.author,
        published_at=item.published_at,
        date_doubt=item.date_doubt,
        first_seen_at=now,
        original=lead,
        exercise=exercise,
        risks=item.risks,
        triage=Triage.WAITING if item.is_ours else Triage.RIVAL,
        **item.metrics,
    )
    if lead is not None:
        post.sentiment, post.score, post.score_model = lead.sentiment, lead.score, lead.score_model
        post.model_sentiment = lead.model_sentiment
    elif item.score is not None:
        post.sentiment, post.score, post.score_model = item.score.label, item.score.value, item.score.model_version
        post.model_sentiment = item.score.label
        post.reasons = [reason.as_json() for reason in item.score.reasons]
        post.tokens = " ".join(item.reading.search)
    return post


# --- topics, matches, counts -----------------------------------------------------------------------------------------
def _write_topics(ours: Ours, now: datetime, exercise: Exercise | None) -> None:
    """Open and enlarge the topics of our posts; afterwards every group's key is its topic."""
    members: dict[int, list[tuple[Place, int]]] = defaultdict(list)
    groups: dict[int, Group] = {}
    for place, _key in ours:
        for watch, group in place.groups.items():
            groups[id(group)] = group
            members[id(group)].append((place, watch))
    gone = Topic.everywhere.filter(
        pk__in=[group.key.pk for group in groups.values() if group.key is not None], merged_into__isnull=False
    )
    merged = {topic.pk: topic.merged_into for topic in gone.select_related("merged_into")} if groups else {}
    opened, enlarged = [], []
    for number, group in groups.items():
        count = len(members[number])
        if group.key is None:
            place, watch = members[number][0]
            title = group.title or (place.item.title or place.item.text.partition("\n")[0])
            group.key = Topic(watch_id=watch, title=title[:500], exercise=exercise, size=count)
            opened.append(group.key)
        elif group.key.pk in merged:  # a person merged it since the plan was made: its posts go where the others went
            group.key = merged[group.key.pk]
            _enlarge_another(group, count, now)
            continue
        else:
            group.key.size = F("size") + count
            if group.title:
                named = Case(When(titled_by__isnull=True, then=Value(group.title[:500])), default=F("title"))
                group.key.title = named
            enlarged.append(group.key)
        group.key.terms, group.key.changed_at = group.terms, now
        group.key.first_at, group.key.last_at = group.first_at, group.last_at
    Topic.everywhere.bulk_create(opened)
    if enlarged:
        enlarged.sort(key=lambda topic: topic.pk)
        Topic.everywhere.bulk_update(enlarged, ["title", "size", "terms", "changed_at", "first_at", "last_at"])


def _enlarge_another(group: Group, count: int, now: datetime) -> None:
    Topic.everywhere.filter(pk=group.key.pk).update(
        size=F("size") + count,
        changed_at=now,
        first_at=Least("first_at", Value(group.first_at)),
        last_at=Greatest("last_at", Value(group.last_at)),
    )


def _write_matches(ours: Ours, posts: dict[str, Post]) -> None:
    Match.objects.bulk_create(
        Match(
            watch_id=watch,
            post=posts[place.item.external_id],
            topic=place.groups[watch].key if watch in place.groups else None,
            words=words,
            aim=place.item.aims.get(watch, ""),
            published_at=place.item.published_at,
        )
        for place, _key in ours
        for watch, words in place.item.wanted.items()
    )


def _count(ours: Ours, posts: dict[str, Post], exercise: Exercise | None) -> None:
    """Posts per watch and topic by hour, and the keywords of originals per watch and day: a repost says no new word."""
    by_watch: Counter[tuple[Any, ...]] = Counter()
    by_topic: Counter[tuple[Any, ...]] = Counter()
    by_word: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: {"posts": 0, "negative": 0})
    for place, _key in ours:
        post = posts[place.item.external_id]
        what = (counting.hour_of(post.published_at), post.platform, post.sentiment)
        keywords = place.item.reading.keywords if post.original_id is None else ()
        for watch in place.item.wanted:
            by_watch[watch, *what] += 1
            for word in keywords:
                sums = by_word[watch, localdate(post.published_at), word[:WORD_CAP]]
                sums["posts"] += 1
                sums["negative"] += post.sentiment == Sentiment.NEG
        for group in place.groups.values():
            by_topic[group.key.pk, *what] += 1
    counting.add(HourCount, ("watch", *counting.BY_HOUR), _sums(by_watch), exercise=exercise)
    counting.add(TopicCount, ("topic", *counting.BY_HOUR), _sums(by_topic))
    counting.add(WordCount, ("watch", "day", "word"), by_word, exercise=exercise)


def _sums(counts: Counter[tuple[Any, ...]]) -> dict[tuple[Any, ...], dict[str, int]]:
    return {key: {"posts": number} for key, number in counts.items()}


# --- metrics of posts we know ----------------------------------------------------------------------------------------
def grown(post: Post, item: Item) -> bool:
    """Raise the metrics of a known post to what its source says now, True if any rose. Late news lowers none."""
    changed = False
    for name in METRICS:
        old, new = getattr(post, name), item.metrics[name]
        if new is not None and (old is None or new > old):
            setattr(post, name, Greatest(Coalesce(F(name), Value(new)), Value(new)))
            changed = True
    best = item.metrics["rank"]
    if best is not None and (post.rank is None or best < post.rank):
        post.rank = Least(Coalesce(F("rank"), Value(best)), Value(best))
        changed = True
    return changed
