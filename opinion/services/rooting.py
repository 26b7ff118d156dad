"""A copy that was published before its original takes its place: the original of a group is its earliest post."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from django.conf import settings
from django.db.models import Case, F, Model, Q, Value, When
from django.utils.module_loading import import_string

from accounts.models import Exercise
from opinion.models import Correction, Fold, Post, Triage
from opinion.services import counting


def take_the_lead(
    earlier: Mapping[int, Post], keywords: Mapping[int, Collection[str]], *, exercise: Exercise | None
) -> None:
    """Make copies the originals of their groups. Inside the transaction that stored them; the originals are held.

    earlier   by the original so far: the copy that takes its place, scored
    keywords  of both, as they are and are to be counted

    What a person said and decided goes with the group: tone, triage, folds by hand, and what the apps above cite
    (settings.ORIGINAL_HOOKS). No post is counted twice; only where the new original sounds otherwise, and no person
    has said how, the group is counted so from now on. Who looked at one of its posts before has a stale page.
    """
    if not earlier:
        return
    leads = Post.everywhere.select_related("recalled").in_bulk(earlier)
    counting.uncount_words(counting.mentions(leads.values(), keywords), exercise=exercise)
    said = dict(Correction.objects.filter(post__in=leads, taken_back_at__isnull=True).values_list("post", "label"))
    by_label: dict[str, list[int]] = defaultdict(list)
    for pk, post in earlier.items():
        lead = leads[pk]
        post.recalled = lead.recalled or post.recalled
        post.sentiment = said.get(pk) or (post.recalled.label if post.recalled else post.model_sentiment)
        by_label[post.sentiment].append(pk)
        _take_over(post, lead)
    for label, some in by_label.items():
        counting.move_sentiment(Post.everywhere.filter(_groups(some)), label, exercise=exercise)
    Correction.objects.filter(post__in=leads).update(post=_instead("post", earlier))
    Fold.objects.filter(into__in=leads, undone_at__isnull=True).update(into=_instead("into", earlier))
    for hook in hooks():
        hook({pk: post.pk for pk, post in earlier.items()})
    Post.everywhere.filter(_groups(earlier)).update(
        original=_of_group(earlier, "pk"),
        version=F("version") + 1,
        **{name: _of_group(earlier, name) for name in ("sentiment", "model_sentiment", "score", "score_model")},
    )
    Post.everywhere.bulk_update(
        earlier.values(),
        ["original", "copy_count", "is_held", "recalled", "triage", "triaged_by", "triaged_at", "snoozed_until"],
    )
    Post.everywhere.filter(pk__in=leads).update(copy_count=0, tokens="", reasons=[], recalled=None)
    counting.count_words(counting.mentions(earlier.values(), keywords), exercise=exercise)


def hooks() -> list[Callable[[Mapping[int, int]], None]]:
    """`after_new_originals(instead)` of the apps above; instead: new original by the one before, their keys."""
    return [import_string(name) for name in settings.ORIGINAL_HOOKS]


def _take_over(post: Post, lead: Post) -> None:
    post.original, post.copy_count = None, lead.copy_count  # the one it was, and is not, and the one it has
    post.is_held = post.is_held or lead.is_held
    if lead.triage != Triage.RIVAL:
        post.triage, post.snoozed_until = lead.triage, lead.snoozed_until
        post.triaged_by_id, post.triaged_at = lead.triaged_by_id, lead.triaged_at


def _groups(leads: Collection[int]) -> Q:
    return Q(pk__in=list(leads)) | Q(original__in=list(leads))


def _instead(name: str, earlier: Mapping[int, Model]) -> Case:
    return Case(*(When(**{name: pk}, then=Value(post.pk)) for pk, post in earlier.items()))


def _of_group(earlier: Mapping[int, Post], name: str) -> Case:
    """What the new original of each group has, for all of the group."""
    return Case(*(When(_groups([pk]), then=Value(getattr(post, name))) for pk, post in earlier.items()))
