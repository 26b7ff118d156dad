"""Writing a batch down, in one short transaction: everything or nothing, each post once, each count once.

What makes a post new is its PostKey. Two workers may bring the same batch at once: both insert the keys and leave those
that are there; only keys that still have no post are ours, and only for ours is anything written or counted.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from accounts.models import Exercise
from accounts.secrets import encrypt
from opinion.grouping import Group
from opinion.models import (
    Correction,
    Heard,
    HourCount,
    Match,
    Post,
    PostBand,
    PostKey,
    PostOriginal,
    Topic,
    TopicCount,
    Triage,
    Watch,
)
from opinion.services import counting, editing, rooting
from opinion.services.analysis import METRICS, Item, Key, among
from opinion.services.editing import Edit
from opinion.services.placing import Place, Plan, newest_match
from opinion.services.rows import insert

LEAD = ("original", "sentiment", "model_sentiment", "score", "score_model")  # what a copy takes from its original


class Overtaken(Exception):
    """Somebody stored posts of the same watches after the plan was made: think again, nothing was written."""


@transaction.atomic
def store(
    heard: Iterable[Item],
    plan: Plan,
    edits: Sequence[Edit],
    grown: Sequence[Post],
    *,
    now: datetime,
    exercise: Exercise | None,
    insist: bool = False,
) -> list[Place]:
    """Write what was heard, the posts that are ours, new words and metrics; returns the places that were ours.

    insist  store even when overtaken: a repost may then stand beside its original, which harms nobody
    Raises Overtaken.
    """
    watches = plan.watches | _watches_of_groups([*plan.displaced, *(edit.post for edit in edits)])
    if watches:
        # Topics and counts of a watch are read, changed and written by one worker at a time.
        held = Watch.everywhere.select_for_update(no_key=True).filter(pk__in=watches)
        list(held.order_by("pk").values_list("pk"))
        if plan.watches and not insist and newest_match(plan.watches) != plan.seen:
            raise Overtaken
    hear(heard, now=now, exercise=exercise)
    _forget_what_was_taken_back([*(place.item for place in plan.places), *(edit.item for edit in edits)])
    posts = editing.write(edits, now=now, exercise=exercise) if edits else {}
    more = [place for place in plan.more if place.item.key in posts]
    ours = _ours(plan.places, exercise) if plan.places else []
    if ours:
        posts |= _write_posts(ours, now, exercise)
    if ours or more:
        _write_matched([place for place, _key in ours] + more, posts, now, exercise)
    if ours:
        _let_the_earliest_lead(ours, posts, plan, exercise)
    if grown:
        Post.everywhere.bulk_update(grown, [*METRICS, "rank"])
    return [place for place, _key in ours]


def hear(items: Iterable[Item], *, now: datetime, exercise: Exercise | None) -> None:
    """Keep what was heard, wanted or not. What somebody else brings meanwhile is there once."""
    insert(
        Heard,
        ("source", "external_id", "text", "published_at", "heard_at", "exercise"),
        (
            (*item.key, item.words, item.published_at, now, exercise and exercise.pk)
            for item in sorted(items, key=lambda item: item.key)  # one order for all, so nobody waits in a ring
        ),
        meeting="ON CONFLICT DO NOTHING",
    )


def _forget_what_was_taken_back(items: Sequence[Item]) -> None:
    """What a person said of the same words before, held: it may have been taken back since it was looked up."""
    asked = {item.recalled.pk for item in items if item.recalled}
    if asked:
        said = Correction.objects.select_for_update(no_key=True).filter(pk__in=asked, taken_back_at__isnull=True)
        in_force = set(said.order_by("pk").values_list("pk", flat=True))
        for item in items:
            item.recalled = item.recalled if item.recalled and item.recalled.pk in in_force else None


Ours = list[tuple[Place, PostKey]]


def _watches_of_groups(posts: Sequence[Post]) -> set[int]:
    """Watches that want these posts or their copies: those are counted otherwise when the posts change."""
    if not posts:
        return set()
    group = Post.everywhere.filter(Q(pk__in=[post.pk for post in posts]) | Q(original__in=posts)).order_by()
    return set(Match.objects.filter(post__in=group.values("pk")).order_by().values_list("watch", flat=True))


def _ours(places: Sequence[Place], exercise: Exercise | None) -> Ours:
    items = sorted((place.item for place in places), key=lambda item: item.key)
    PostKey.everywhere.bulk_create(
        (PostKey(source=item.source, external_id=item.external_id, exercise=exercise) for item in items),
        ignore_conflicts=True,
    )
    free = PostKey.everywhere.filter(among(items), exercise=exercise, post__isnull=True)
    keys = {(key.source_id, key.external_id): key for key in free}
    return [(place, keys[place.item.key]) for place in places if place.item.key in keys]


# --- posts -----------------------------------------------------------------------------------------------------------
def _write_posts(ours: Ours, now: datetime, exercise: Exercise | None) -> dict[Key, Post]:
    """The posts by key: originals first, so that copies have something to point to."""
    mine = {place.item.key for place, _key in ours}
    posts: dict[Key, Post] = {}
    copies: Ours = []
    for place, key in ours:
        # An original of this batch that turned out to be somebody else's is not to be pointed to.
        if isinstance(place.original, Place) and place.original.item.key not in mine:
            place.original = None
        if place.original is None:
            posts[place.item.key] = _post(place, key, now, exercise)
        else:
            copies.append((place, key))
    heat: Counter[Post] = Counter()
    for place, _key in copies:
        if isinstance(place.original, Place):
            posts[place.original.item.key].copy_count += 1
    Post.everywhere.bulk_create(posts.values())
    _read_again([place for place, _key in copies])
    for place, key in copies:
        original = place.original
        lead = posts[original.item.key] if isinstance(original, Place) else original
        assert lead is not None
        if not isinstance(original, Place):
            heat[lead] += 1
        posts[place.item.key] = _post(place, key, now, exercise, lead)
    Post.everywhere.bulk_create(posts[place.item.key] for place, _key in copies)
    if heat:
        leads = sorted(heat, key=lambda lead: lead.pk)
        for lead in leads:
            lead.copy_count = F("copy_count") + heat[lead]
        Post.everywhere.bulk_update(leads, ["copy_count"])
    PostOriginal.objects.bulk_create(
        PostOriginal(
            post=posts[place.item.key],
            cipher=encrypt(json.dumps(place.item.unmasked, ensure_ascii=False)),
            purge_after=now + timedelta(days=settings.ORIGINAL_DAYS),
        )
        for place, _key in ours
        if place.item.unmasked
    )
    insert(
        PostBand,
        ("post", "band", "published_at", "exercise"),
        (
            (posts[place.item.key].pk, band, place.item.published_at, exercise and exercise.pk)
            for place, _key in ours
            if place.is_scored
            for band in place.bands
        ),
    )
    return posts


def _read_again(copies: Sequence[Place]) -> None:
    """Give copies their stored originals as they stand now, held.

    Since the plan was made a person may have corrected one, or it has an original of its own by now: then that one.
    Raises Overtaken where one was taken back meanwhile.
    """
    planned = {place.original.pk for place in copies if isinstance(place.original, Post)}
    held = Post.everywhere.select_for_update(no_key=True).only(*LEAD, "triage").order_by("pk")
    leads = {row.pk: row for row in held.filter(pk__in=planned)} if planned else {}
    others = {row.original_id for row in leads.values() if row.original_id is not None} - leads.keys()
    if others:
        leads |= {row.pk: row for row in held.filter(pk__in=others)}
    if any(lead.triage == Triage.UNDONE for lead in leads.values()):
        raise Overtaken
    for place in copies:
        if isinstance(place.original, Post):
            lead = leads[place.original.pk]
            place.is_first = place.is_first and lead.original_id is None
            place.original = lead if lead.original_id is None else leads[lead.original_id]


def _post(place: Place, key: PostKey, now: datetime, exercise: Exercise | None, lead: Post | None = None) -> Post:
    item = place.item
    post = Post(
        key=key,
        source=item.source,
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
    if place.is_scored and item.score is not None:
        post.score, post.score_model, post.model_sentiment = (
            item.score.value,
            item.score.model_version,
            item.score.label,
        )
        post.reasons = [reason.as_json() for reason in item.score.reasons]
        post.tokens = " ".join(item.reading.search)
        post.recalled = item.recalled
        post.sentiment = item.recalled.label if item.recalled else post.model_sentiment
    elif lead is not None:
        post.score, post.score_model, post.model_sentiment = lead.score, lead.score_model, lead.model_sentiment
    if lead is not None:
        post.sentiment = lead.sentiment
    return post


def _let_the_earliest_lead(ours: Ours, posts: Mapping[Key, Post], plan: Plan, exercise: Exercise | None) -> None:
    """Posts that were published before the stored original they repeat take its place."""
    first = [place for place, _key in ours if place.is_first]
    earlier = {place.original.pk: posts[place.item.key] for place in first if isinstance(place.original, Post)}
    said = {posts[place.item.key].pk: place.item.reading.keywords for place in first}
    rooting.take_the_lead(earlier, {**plan.keywords, **said}, exercise=exercise)


# --- topics, matches, counts -----------------------------------------------------------------------------------------
def _write_matched(
    places: Sequence[Place], posts: Mapping[Key, Post], now: datetime, exercise: Exercise | None
) -> None:
    _write_topics(places, now, exercise)
    _write_matches(places, posts)
    _count(places, posts, exercise)


def _write_topics(places: Sequence[Place], now: datetime, exercise: Exercise | None) -> None:
    """Open and enlarge the topics of our posts; afterwards every group's key is its topic."""
    members: dict[int, list[tuple[Place, int]]] = defaultdict(list)
    groups: dict[int, Group] = {}
    for place in places:
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


def _write_matches(places: Sequence[Place], posts: Mapping[Key, Post]) -> None:
    Match.objects.bulk_create(
        Match(
            watch_id=watch,
            post=posts[place.item.key],
            topic=place.groups[watch].key if watch in place.groups else None,
            words=words,
            aim=place.item.aims.get(watch, ""),
            published_at=place.item.published_at,
        )
        for place in places
        for watch, words in place.item.wanted.items()
    )


def _count(places: Sequence[Place], posts: Mapping[Key, Post], exercise: Exercise | None) -> None:
    """Posts per watch and topic by hour, and the keywords of originals per watch and day: a repost says no new word."""
    by_watch: Counter[tuple[Any, ...]] = Counter()
    by_topic: Counter[tuple[Any, ...]] = Counter()
    said: list[counting.Mention] = []
    for place in places:
        post = posts[place.item.key]
        what = (counting.hour_of(post.published_at), post.platform, post.sentiment)
        for watch in place.item.wanted:
            by_watch[watch, *what] += 1
            if post.original_id is None:
                said.append(counting.mention(watch, post, place.item.reading.keywords))
        for group in place.groups.values():
            by_topic[group.key.pk, *what] += 1
    counting.add(HourCount, ("watch", *counting.BY_HOUR), _sums(by_watch), exercise=exercise)
    counting.add(TopicCount, ("topic", *counting.BY_HOUR), _sums(by_topic))
    counting.count_words(said, exercise=exercise)


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
