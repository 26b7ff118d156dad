"""What a person says a post sounds like, against or beside the model: counted for the whole group of reposts.

It counts for the same words heard later, too (`Post.recalled`, `analysis.recall`), as long as it is not taken back.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from accounts.versions import Stale
from audit import services as audit
from opinion.models import Correction, Match, Post, Sentiment, Watch
from opinion.permissions import require
from opinion.recalling import prints
from opinion.selectors.quality import correction_in_force
from opinion.services import analysis, counting
from opinion.text import fold

AT_ONCE = 200  # posts in one transaction


def correct(post: Post, label: str, *, actor: User, now: datetime) -> Correction:
    """Say what a post and its reposts sound like; the label the model gave confirms it. An earlier word is taken back.

    post  as it was seen; a copy stands for its original
    Said twice, it is written once. Copies follow 200 at a time, and so do later posts of the same words that went by
    the earlier word. Raises PermissionDenied, and Stale where the post was changed since.
    """
    require(actor, "correct_tone", post)
    keywords = _keywords(post.original_id or post.pk)
    with transaction.atomic():
        lead = _lock(post.original_id or post.pk)
        if lead.original_id is not None:  # a post that was published before it has taken its place
            raise Stale(post)
        before = said = correction_in_force(lead)
        if said is None or said.label != label:
            _claim(post, lead)
            said = _say(lead, said, label, keywords, actor, now)
    _bring_along(lead.pk)
    if before is not None and before != said:
        _bring_along_recalled(before)
    return said


def take_back(correction: Correction, *, actor: User, now: datetime) -> Post:
    """What it replaced counts again: the word of a person before, else what the model said. Returns the original.

    The same goes for later posts that went by it because they say the same. Raises PermissionDenied, and Stale where it
    was taken back already.
    """
    require(actor, "correct_tone", correction.post)
    keywords = _keywords(correction.post_id)
    with transaction.atomic():
        lead = _lock(correction.post_id)
        if lead.original_id is not None or not _end(correction, actor, now):
            raise Stale(correction)
        before = lead.corrections.filter(taken_back_at=correction.at).exclude(pk=correction.pk).first()
        if before is not None:
            before.taken_back_by = before.taken_back_at = None
            before.save(update_fields=["taken_back_by", "taken_back_at"])
        said = correction_in_force(lead)
        label = said.label if said else lead.model_sentiment
        _relabel(Post.everywhere.filter(pk=lead.pk), lead, label, keywords)
        detail = {"was": correction.label, "now": label, "by": "person" if said else "model"}
        audit.record("opinion.tone_taken_back", actor=actor, subject=f"post:{lead.uuid}", detail=detail)
    _bring_along(lead.pk)
    _bring_along_recalled(correction)
    return lead


def _keywords(lead: int) -> dict[int, list[str]]:
    """The words of an original that are counted by tone. Before the transaction begins: cutting a text takes time."""
    return analysis.keywords_of(list(Post.everywhere.filter(pk=lead)))


def _group(lead: int) -> Q:
    return Q(pk=lead) | Q(original=lead)


def _lock(lead: int) -> Post:
    """The original, held with its watches: nobody stores reposts of it, counts or corrects it meanwhile.

    Watches first, as whoever stores posts does, so that nobody waits in a ring.
    """
    group = Post.everywhere.filter(_group(lead)).order_by()
    watches = Match.objects.filter(post__in=group.values("pk")).order_by().values("watch")
    list(Watch.everywhere.select_for_update(no_key=True).filter(pk__in=watches).order_by("pk").values_list("pk"))
    return Post.everywhere.select_for_update().get(pk=lead)


def _claim(post: Post, lead: Post) -> None:
    """Raise the version of the post a person looked at, if it is still the one they saw, and of its original."""
    if Post.everywhere.filter(pk=post.pk, version=post.version).update(version=F("version") + 1) != 1:
        raise Stale(post)
    if lead.pk != post.pk:
        Post.everywhere.filter(pk=lead.pk).update(version=F("version") + 1)


def _say(
    lead: Post, before: Correction | None, label: str, keywords: dict[int, list[str]], actor: User, now: datetime
) -> Correction:
    if before is not None and before.post_id == lead.pk:  # said of another post, it goes on counting there
        _end(before, actor, now)
    said = Correction.objects.create(
        post=lead,
        label=label,
        model_label=lead.model_sentiment,
        model_version=lead.score_model,
        said_hash=next(iter(prints(fold(lead.words).text)), ""),
        by=actor,
        at=now,
    )
    _relabel(Post.everywhere.filter(pk=lead.pk), lead, label, keywords, raise_version=False)
    detail = {"label": label, "was": lead.sentiment, "model": lead.model_sentiment, "copies": lead.copy_count}
    event = "opinion.tone_confirmed" if label == lead.model_sentiment else "opinion.tone_corrected"
    audit.record(event, actor=actor, subject=f"post:{lead.uuid}", detail=detail)
    return said


def _end(correction: Correction, actor: User, now: datetime) -> bool:
    """Take a correction back; False where somebody has done so."""
    open_ = Correction.objects.filter(pk=correction.pk, taken_back_at__isnull=True)
    return open_.update(taken_back_by=actor, taken_back_at=now) == 1


def _relabel(
    posts: "QuerySet[Post]", lead: Post, label: str, keywords: dict[int, list[str]], *, raise_version: bool = True
) -> None:
    """Count these posts of a group under a label from now on, and write it on them. What the model said stays.

    keywords  of the original, where it is among the posts: copies say no new word
    """
    said = counting.mentions([lead] if keywords else [], keywords)
    counting.uncount_words(said, exercise=lead.exercise)
    is_negative = label == Sentiment.NEG
    counting.count_words([(watch, day, words, is_negative) for watch, day, words, _was in said], exercise=lead.exercise)
    counting.move_sentiment(posts, label, exercise=lead.exercise)
    posts.update(sentiment=label, **({"version": F("version") + 1} if raise_version else {}))


def _bring_along(lead: int) -> None:
    """Copies count as their original does: those that do not are changed, 200 in a transaction."""
    while True:
        with transaction.atomic():
            original = _lock(lead)
            others = Post.everywhere.filter(original=lead).exclude(sentiment=original.sentiment).order_by("pk")
            some = list(others.values_list("pk", flat=True)[:AT_ONCE])
            if some:
                _relabel(Post.everywhere.filter(pk__in=some), original, original.sentiment, {})
        if len(some) < AT_ONCE:
            return


def _bring_along_recalled(ended: Correction) -> None:
    """Posts that went by a word that is taken back go by the one that stands in its place, else by the model."""
    if Correction.objects.filter(pk=ended.pk, taken_back_at__isnull=True).exists():
        return
    while (heir := Post.everywhere.filter(recalled=ended).order_by("pk").first()) is not None:
        keywords = analysis.keywords_of([heir])
        with transaction.atomic():
            lead = _lock(heir.pk)
            in_place = Correction.objects.filter(post=ended.post_id, said_hash=ended.said_hash)
            lead.recalled = in_place.filter(taken_back_at__isnull=True).first()
            lead.save(update_fields=["recalled"])
            if lead.original_id is None:
                said = correction_in_force(lead)
                label = said.label if said else lead.model_sentiment
                _relabel(Post.everywhere.filter(pk=lead.pk), lead, label, keywords)
        _bring_along(heir.pk)
