"""合并同类 by hand: a person says that a post repeats another. Its group goes to the other's; undo gives it back.

The original of a group is its earliest post, or the one a person folded it into. A decision on it is the group's:
copies are in no queue, and they count as their original sounds.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.models import User
from accounts.versions import Stale
from audit import services as audit
from opinion import reposts
from opinion.models import Correction, Fold, Match, Post, Topic, TopicChange, Triage, Watch
from opinion.permissions import require
from opinion.services import counting, regrouping
from opinion.text import fold as folded_text

LIKELY_WITHIN = timedelta(hours=48)
COMPARED = 300  # newest originals of the same watches


class CannotFold(Exception):
    """A post cannot repeat itself or one of its own copies, a copy has an original already, an incident holds it."""


def likely_originals(post: Post, *, now: datetime, most: int = 12) -> list[tuple[Post, float]]:
    """Originals of the same watches from the last 48 hours and their likeness, 0 to 1, the likeliest first."""
    watches = Match.objects.filter(post=post).values("watch")
    around = max(now, post.published_at)
    others = (
        Post.everywhere.filter(matches__watch__in=watches, original__isnull=True, exercise=post.exercise_id)
        .filter(published_at__gte=min(post.published_at, now) - LIKELY_WITHIN, published_at__lte=around)
        .exclude(pk=post.pk)
        .select_related("source")
        .order_by("-published_at", "-pk")
        .distinct()[:COMPARED]
    )
    mine = reposts.grams(folded_text(post.words).text)
    alike = [(other, max(reposts.likeness(mine, reposts.grams(folded_text(other.words).text)))) for other in others]
    return sorted(alike, key=lambda pair: -pair[1])[:most]


def fold_by_hand(post: Post, into: Post, *, actor: User, now: datetime) -> Fold:
    """Fold a post and its copies into another original; tone and topic follow, and it leaves the queue.

    Raises CannotFold, and Stale where the post was changed since it was read.
    """
    require(actor, "fold", post)
    with transaction.atomic():
        seen_version = post.version
        post, into = _locked(post, into)
        if post.version != seen_version:
            raise Stale(post)
        if post.pk == into.pk or post.original_id or into.original_id or post.exercise_id != into.exercise_id:
            raise CannotFold
        if post.triage == Triage.ATTACHED:
            raise CannotFold
        copies = list(Post.everywhere.filter(original=post).values_list("pk", flat=True))
        fold = Fold.objects.create(post=post, into=into, by=actor, at=now)
        fold.copies.set(copies)
        group = Post.everywhere.filter(pk__in=[post.pk, *copies])
        counting.move_sentiment(group, into.sentiment, exercise=post.exercise)
        group.update(original=into, sentiment=into.sentiment)
        _count_copies(post, 0)
        _count_copies(into, F("copy_count") + 1 + len(copies))
        _follow_topics(fold, group.values_list("pk", flat=True), actor=actor, now=now)
        detail = {"into": str(into.uuid), "copies": len(copies)}
        audit.record("opinion.post_folded", actor=actor, subject=f"post:{post.uuid}", detail=detail)
    return fold


def unfold(fold: Fold, *, actor: User, now: datetime) -> Fold:
    """Undo a fold: the post and the copies that came with it stand for themselves again, where they stood.

    Raises Stale where it was undone, or the original was folded into another meanwhile: that one is to be undone first.
    """
    require(actor, "fold", fold.post)
    with transaction.atomic():
        post, into = _locked(fold.post, fold.into)
        fold = Fold.objects.select_for_update().get(pk=fold.pk)
        if fold.undone_at is not None or fold.into_id != into.pk or post.original_id != into.pk:
            raise Stale(fold)
        copies = Post.everywhere.filter(pk__in=fold.copies.values("pk"), original=into)
        back = list(copies.values_list("pk", flat=True))
        group = Post.everywhere.filter(pk__in=[post.pk, *back])
        label = _own_sentiment(post)
        counting.move_sentiment(group, label, exercise=post.exercise)
        group.update(sentiment=label)
        Post.everywhere.filter(pk__in=back).update(original=post)
        Post.everywhere.filter(pk=post.pk).update(original=None)
        _count_copies(post, len(back))
        _count_copies(into, F("copy_count") - 1 - len(back))
        for change in TopicChange.objects.filter(effects__fold=str(fold.uuid), undone_at__isnull=True):
            regrouping.give_back(change, actor=actor, now=now)
        fold.undone_by, fold.undone_at = actor, now
        fold.save(update_fields=["undone_by", "undone_at"])
        audit.record("opinion.post_unfolded", actor=actor, subject=f"post:{post.uuid}")
    return fold


def _locked(*posts: Post) -> list[Post]:
    """The posts as they stand now. Their watches first, as storing does, so that nobody waits in a ring."""
    watches = Match.objects.filter(post__in=posts).order_by().values("watch")
    list(Watch.everywhere.select_for_update(no_key=True).filter(pk__in=watches).order_by("pk").values_list("pk"))
    held = Post.everywhere.select_for_update(no_key=True, of=("self",)).filter(pk__in=[post.pk for post in posts])
    rows = {row.pk: row for row in held.order_by("pk")}
    return [rows[post.pk] for post in posts]


def _count_copies(post: Post, number: object) -> None:
    Post.everywhere.filter(pk=post.pk).update(copy_count=number, version=F("version") + 1)


def _follow_topics(fold: Fold, posts: Collection[int], *, actor: User, now: datetime) -> None:
    """Where the original has a topic, the group goes there; a story of which nothing is left ends in it."""
    targets = dict(Match.objects.filter(post=fold.into, topic__isnull=False).values_list("watch", "topic"))
    moved: dict[int, list[int]] = {}
    for match, watch, topic in Match.objects.filter(post__in=list(posts)).values_list("pk", "watch", "topic"):
        target = targets.get(watch)
        if target is None or target == topic:
            continue
        if topic is None:
            Match.objects.filter(pk=match).update(topic=target)
        else:
            moved.setdefault(topic, []).append(match)
    for topic, matches in sorted(moved.items()):
        other = Topic.everywhere.get(pk=topic)
        target_row = Topic.everywhere.get(pk=targets[other.watch_id])
        regrouping.gather(
            target_row, other, matches, actor=actor, now=now, effects={"fold": str(fold.uuid), "posts": len(matches)}
        )


def _own_sentiment(post: Post) -> str:
    """What a post counts as by itself: a person's word about it, else the model's."""
    said = Correction.objects.filter(post=post, taken_back_at__isnull=True).first() or post.recalled
    return said.label if said else post.model_sentiment or post.sentiment
