"""Stories put together and taken apart by people, with undo. What the apps above hold of them follows in the same act.

A change remembers the matches it moved. An undo gives back those that are still where it put them; posts that came in
meanwhile stay where they are.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.versions import Stale
from audit import services as audit
from opinion import grouping, headlines
from opinion.models import Match, Post, SourceClass, Topic, TopicChange, Watch
from opinion.permissions import require
from opinion.services import counting
from opinion.services.analysis import ABOUT
from opinion.words import keywords

AT_ONCE = 200  # rows in one statement


class CannotRegroup(Exception):
    """The stories belong to different watches or exercises, are the same, or nothing would be left of one."""


def merge(topic: Topic, other: Topic, *, actor: User, now: datetime) -> TopicChange:
    """Put `other` into `topic`: its posts move, it takes no new ones. Raises CannotRegroup; Stale if one is gone."""
    require(actor, "regroup", topic)
    with transaction.atomic():
        topic, other = _locked(topic, other)
        matches = list(Match.objects.filter(topic=other).values_list("pk", flat=True))
        change = gather(topic, other, matches, actor=actor, now=now)
        detail = {"other": str(other.uuid), "posts": len(matches)}
        audit.record("opinion.topics_merged", actor=actor, subject=f"topic:{topic.uuid}", detail=detail)
    return change


def split(topic: Topic, posts: Collection[Post], *, actor: User, now: datetime) -> TopicChange:
    """Take originals and their copies out of a topic into one of their own.

    Raises CannotRegroup where none or all of its posts would move, and Stale where the topic was merged meanwhile.
    """
    require(actor, "regroup", topic)
    leads = {post.pk for post in posts}
    of_leads = Match.objects.filter(topic=topic, post__in=leads).select_related("post__source").order_by("published_at")
    group, title = _story_of(list(of_leads))
    with transaction.atomic():
        [topic] = _locked(topic)
        inside = Match.objects.filter(topic=topic)
        moved = list(
            (inside.filter(post__in=leads) | inside.filter(post__original__in=leads)).values_list("pk", flat=True)
        )
        if group is None or not moved or len(moved) == inside.count():
            raise CannotRegroup
        other = Topic.everywhere.create(
            watch=topic.watch,
            exercise=topic.exercise,
            title=title,
            terms=group.terms,
            first_at=group.first_at,
            last_at=group.last_at,
        )
        change = TopicChange.objects.create(kind=TopicChange.Kind.SPLIT, topic=topic, other=other, by=actor, at=now)
        _move(change, moved, other, now)
        _tell(change, undone=False)
        detail = {"other": str(other.uuid), "posts": len(moved)}
        audit.record("opinion.topic_split", actor=actor, subject=f"topic:{topic.uuid}", detail=detail)
    return change


def undo(change: TopicChange, *, actor: User, now: datetime) -> TopicChange:
    """Give back what a change moved, as far as it is still there. Raises Stale where it was undone or a topic is gone.

    What a fold by hand moved is given back by unfolding it.
    """
    require(actor, "regroup", change.topic)
    with transaction.atomic():
        change = TopicChange.objects.select_for_update().get(pk=change.pk)
        if change.undone_at is not None or "fold" in change.effects:
            raise Stale(change)
        give_back(change, actor=actor, now=now)
        subject = f"topic:{change.topic.uuid}"
        detail = {"kind": change.kind, "other": str(change.other.uuid)}
        audit.record("opinion.topic_change_undone", actor=actor, subject=subject, detail=detail)
    return change


def rename(topic: Topic, title: str, *, actor: User, seen_title: str) -> Topic:
    """Call a topic what a person calls it, from now on. Raises Stale where it is called otherwise than was seen."""
    require(actor, "regroup", topic)
    with transaction.atomic():
        current = Topic.everywhere.filter(pk=topic.pk, title=seen_title, merged_into__isnull=True)
        if current.update(title=title, titled_by=actor) != 1:
            topic.title = title
            raise Stale(topic)
        detail = {"was": seen_title[:200], "is": title[:200]}
        audit.record("opinion.topic_renamed", actor=actor, subject=f"topic:{topic.uuid}", detail=detail)
    topic.title, topic.titled_by = title, actor
    return topic


# --- the pieces of it, for acts that move posts between topics; inside a transaction ---------------------------------
def gather(
    topic: Topic,
    other: Topic,
    matches: Sequence[int],
    *,
    actor: User,
    now: datetime,
    effects: dict[str, Any] | None = None,
) -> TopicChange:
    """Move matches of `other` into `topic`; where nothing is left of it, it is merged. Both rows must be locked."""
    change = TopicChange.objects.create(
        kind=TopicChange.Kind.MERGE, topic=topic, other=other, by=actor, at=now, effects=effects or {}
    )
    shares = topic.size / max(topic.size + other.size, 1)
    words = {word: weight * shares for word, weight in topic.terms.items()}
    for word, weight in other.terms.items():
        words[word] = words.get(word, 0.0) + weight * (1 - shares)
    heaviest = sorted(words.items(), key=lambda item: (-item[1], item[0]))[: grouping.KEPT]
    topic.terms = {word: round(weight, 4) for word, weight in heaviest}
    _move(change, matches, topic, now)
    if not Match.objects.filter(topic=other).exists():
        _close(other, topic)
        _tell(change, undone=False)
    return change


def give_back(change: TopicChange, *, actor: User, now: datetime) -> None:
    """Undo a change whose row is locked. Raises Stale where one of its topics was merged into a third meanwhile."""
    topic, other = change.topic, change.other
    list(Watch.everywhere.select_for_update(no_key=True).filter(pk=topic.watch_id).values_list("pk"))
    topic.refresh_from_db()
    other.refresh_from_db()
    was_closed = other.merged_into_id == topic.pk
    if topic.merged_into_id is not None or (other.merged_into_id is not None and not was_closed):
        raise Stale(change)
    is_merge = change.kind == TopicChange.Kind.MERGE
    if is_merge:
        back = Match.objects.filter(pk__in=change.matches.values("pk"), topic=topic)
        Topic.everywhere.filter(pk=other.pk).update(merged_into=None)
        other.merged_into = None
    else:
        back = Match.objects.filter(topic=other)
    _put(list(back.values_list("pk", flat=True)), other if is_merge else topic)
    if not is_merge:
        _close(other, topic)
    _look_again([topic, other], now)
    change.undone_by, change.undone_at = actor, now
    if was_closed or not is_merge:
        _tell(change, undone=True)
    change.save(update_fields=["undone_by", "undone_at", "effects"])


def hooks() -> list[Callable[..., None]]:
    """`after_topic_change(change, *, undone)` of the apps above; what they note in `change.effects` is kept."""
    return [import_string(name) for name in settings.TOPIC_HOOKS]


def _locked(*topics: Topic) -> list[Topic]:
    """The topics as they stand now, held until the transaction ends. Storing holds the watch, so we wait for it."""
    list(Watch.everywhere.select_for_update(no_key=True).filter(pk__in={t.watch_id for t in topics}).values_list("pk"))
    rows = {row.pk: row for row in Topic.everywhere.select_related("watch").filter(pk__in=[t.pk for t in topics])}
    found = [rows[topic.pk] for topic in topics]
    if len(rows) != len(topics) or len({(row.watch_id, row.exercise_id) for row in found}) != 1:
        raise CannotRegroup
    for row in found:
        if row.merged_into_id is not None:
            raise Stale(row)
    return found


def _story_of(matches: Sequence[Match]) -> tuple[grouping.Group | None, str]:
    """The words and the name of a story made of these originals; None without any."""
    if not matches:
        return None, ""
    first = matches[0].published_at
    group = grouping.Group(None, {}, 0, first, first)
    for match in matches:
        about = keywords(match.post.tokens.split(), ABOUT)
        grouping.join(group, grouping.bag(about, match.words), match.published_at)
    posts = [
        headlines.Candidate(match.post.title, match.post.text, match.post.source.source_class == SourceClass.MEDIA)
        for match in matches
    ]
    return group, (headlines.best(posts, group.terms) or str(matches[0].post))[:500]


def _move(change: TopicChange, matches: Sequence[int], target: Topic, now: datetime) -> None:
    through = TopicChange.matches.through
    through.objects.bulk_create(
        (through(topicchange_id=change.pk, match_id=match) for match in matches), batch_size=AT_ONCE
    )
    _put(matches, target)
    _look_again([change.topic, change.other], now)


def _put(matches: Sequence[int], target: Topic) -> None:
    for start in range(0, len(matches), AT_ONCE):
        Match.objects.filter(pk__in=matches[start : start + AT_ONCE]).update(topic=target)


def _look_again(topics: Sequence[Topic], now: datetime) -> None:
    """Count topics anew after posts were moved, and have signals looked for in them."""
    counting.recount(list(topics))
    for topic in topics:
        topic.changed_at = now
    Topic.everywhere.bulk_update(topics, ["terms", "changed_at"])


def _close(other: Topic, topic: Topic) -> None:
    """Nothing is left of `other`: it goes on as `topic`, and nobody looks at it any more."""
    other.merged_into, other.changed_at = topic, None
    other.save(update_fields=["merged_into", "changed_at"])


def _tell(change: TopicChange, *, undone: bool) -> None:
    for hook in hooks():
        hook(change, undone=undone)
    change.save(update_fields=["effects"])
