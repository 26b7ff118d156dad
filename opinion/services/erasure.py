"""Erasure at a person's request: their posts lose their words, what others said no longer names them.

A person orders it; the worker does it, in small steps. The request is the row that tells how far it is.

What is held as evidence is not erased (a legal claim may need it), but its author is hashed and the answer says how
many there are. The rows, their counts and their keys stay, so that the next poll does not bring them back.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale, save_if_current
from opinion import words
from opinion.models import (
    Correction,
    Heard,
    PersonalRequest,
    Post,
    PostBand,
    PostEdit,
    PostOriginal,
    Topic,
    WordCount,
)
from opinion.permissions import require
from opinion.sentiment.features import read as read_for_engines
from opinion.services.personal import Kind, Subject, check_open, heard_naming, in_batches, subject_of, write_answer
from opinion.services.retention import hash_authors
from opinion.text import fold_word

DONE = ("erased", "kept", "masked", "mentions_kept", "emptied", "heard_masked")


def order_erasure(request: PersonalRequest, *, seen_version: int, actor: User, fresh: bool) -> None:
    """Have what was found taken away. Cannot be undone. Ring `tasks.erase_people` afterwards.

    fresh  whether `actor` proved who they are just now
    Raises Stale, and PermissionDenied without a fresh credential.
    """
    require(actor, "answer_personal_requests")
    if not fresh:
        raise PermissionDenied("a fresh credential is needed")
    check_open(request, seen_version)
    found = subject_of(request).found
    if request.kind != Kind.ERASE or found is None:
        raise Stale(request)
    request.answered_by = actor
    request.counts |= dict.fromkeys(DONE, 0) | {"gone": 0, "to_go": sum(map(len, found.values()))}
    save_if_current(request, seen_version, ["answered_by", "counts"])


def ordered() -> "QuerySet[PersonalRequest]":
    """Erasures that were ordered and are not finished, the oldest first."""
    return PersonalRequest.objects.filter(answered_by__isnull=False, answered_at__isnull=True).order_by("pk")


def go_on(request: PersonalRequest, *, now: datetime) -> None:
    """Take away what was found, 200 posts at a time, each with how far it is: a run that died is taken up there.

    Counted in the request: erased; kept (held, the author hashed); masked (they named the person); mentions_kept (held,
    unchanged); emptied (originals deleted); heard_masked. Ends where another worker went on meanwhile.
    """
    subject = subject_of(request)
    if subject.found is None or request.answered_by is None:
        raise Stale(request)
    done = Counter({name: request.counts[name] for name in DONE})
    acts = {
        "own": partial(_erase_own, done=done, now=now),
        "mentions": partial(_mask_mentions, pattern=subject.pattern, done=done),
        "numbers": partial(_empty_originals, done=done),
    }
    gone = 0
    try:
        for kind, act in acts.items():
            for some in in_batches(subject.found[kind]):
                gone += len(some)
                if gone > request.counts["gone"]:
                    with transaction.atomic():
                        act(some)
                        _moved_on(request, done, gone)
        for some in in_batches(heard_naming(subject)):
            _mask_heard(some, subject.pattern, done)
        _forget_keywords(subject)
        write_answer(request, request.version, request.answered_by, now, dict(done))
    except Stale:
        return


def _moved_on(request: PersonalRequest, done: Counter[str], gone: int) -> None:
    request.counts = {**request.counts, **done, "gone": gone}
    save_if_current(request, request.version, ["counts"])


def _erase_own(keys: Sequence[int], done: Counter[str], now: datetime) -> None:
    """The row, its counts and its key stay, so that the next poll does not bring it back."""
    locked = Post.everywhere.select_for_update(of=("self",)).filter(pk__in=keys)
    posts = list(locked.select_related("source", "key").order_by("pk"))
    kept = [post for post in posts if post.is_held]
    going = [post for post in posts if not post.is_held]
    _retitle(going)
    hash_authors(kept)
    for post in going:
        post.title = post.text = post.author = post.url = post.tokens = post.region = ""
        post.reasons, post.risks, post.followers, post.author_since = [], [], None, None
        post.erased_at, post.is_author_hashed = now, True
        post.version += 1
    fields = ["title", "text", "author", "url", "tokens", "region", "reasons", "risks", "followers", "author_since"]
    Post.everywhere.bulk_update(going, [*fields, "erased_at", "is_author_hashed", "version"])
    gone = [post.pk for post in going]
    PostBand.everywhere.filter(post__in=gone).delete()
    PostEdit.objects.filter(post__in=gone).delete()
    Correction.objects.filter(post__in=gone).update(said_hash="")  # nothing stands for their words any more
    done["emptied"] += PostOriginal.objects.filter(post__in=gone).delete()[0]
    by_origin: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for post in going:
        by_origin[post.source_id, post.exercise_id].append(post.key.external_id)
    for (source, exercise), ids in by_origin.items():
        # Emptied, not deleted: what was heard is not heard again.
        Heard.everywhere.filter(source=source, exercise=exercise, external_id__in=ids).update(text="")
    done["erased"] += len(going)
    done["kept"] += len(kept)


def _retitle(going: Iterable[Post]) -> None:
    """Stories that are called by words of these posts get the headline of another post of theirs."""
    leaving = {post.pk: post for post in going}
    topics = Topic.everywhere.filter(matches__post__in=leaving).distinct().prefetch_related("matches__post__edits")
    for topic in topics:
        if any(_headed_by(topic, match.post) for match in topic.matches.all() if match.post_id in leaving):
            others = [
                match.post
                for match in topic.matches.all()
                if match.post_id not in leaving and match.post.erased_at is None and match.post.original_id is None
            ]
            first = min(others, key=lambda post: (post.published_at, post.pk), default=None)
            topic.title = headline(first) if first else _("erased at a person's request")
            topic.save(update_fields=["title"])


def _headed_by(topic: Topic, post: Post) -> bool:
    title = topic.title.rstrip("…")
    return title in post.words or any(title in f"{edit.title}\n{edit.text}" for edit in post.edits.all())


def headline(post: Post) -> str:
    return (post.title or post.text.partition("\n")[0])[:500]


def _mask_mentions(keys: Sequence[int], pattern: re.Pattern[str], done: Counter[str]) -> None:
    posts = list(Post.everywhere.select_for_update().filter(pk__in=keys).order_by("pk"))
    going = [post for post in posts if not post.is_held and post.erased_at is None]
    for post in going:
        post.title, post.text = _starred(pattern, post.title), _starred(pattern, post.text)
        post.url = "" if pattern.search(post.url) else post.url
        post.reasons = [{**reason, "text": _starred(pattern, reason.get("text", ""))} for reason in post.reasons]
        if post.tokens:
            post.tokens = " ".join(words.read(read_for_engines([post.words]).texts[0]).search)
        post.is_redacted = True  # else its source would say the words again at the next poll
    Post.everywhere.bulk_update(going, ["title", "text", "url", "reasons", "tokens", "is_redacted"])
    gone = [post.pk for post in going]
    _mask_earlier_words(gone, pattern)
    Correction.objects.filter(post__in=gone).update(said_hash="")
    _mask_stories(gone, pattern)
    done["emptied"] += PostOriginal.objects.filter(post__in=gone).delete()[0]
    done["masked"] += len(going)
    done["mentions_kept"] += sum(post.is_held for post in posts)


def _starred(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: "*" * len(found[0]), text)


def _mask_earlier_words(keys: Sequence[int], pattern: re.Pattern[str]) -> None:
    """What these posts said before they were edited."""
    edits = list(PostEdit.objects.filter(post__in=keys))
    for edit in edits:
        edit.title, edit.text = _starred(pattern, edit.title), _starred(pattern, edit.text)
    PostEdit.objects.bulk_update(edits, ["title", "text"])


def _empty_originals(keys: Sequence[int], done: Counter[str]) -> None:
    held = PostOriginal.objects.filter(post__in=keys, post__is_held=True).count()
    done["emptied"] += PostOriginal.objects.filter(post__in=keys, post__is_held=False).delete()[0]
    done["mentions_kept"] += held


@transaction.atomic
def _mask_heard(keys: Sequence[int], pattern: re.Pattern[str], done: Counter[str]) -> None:
    rows = list(Heard.everywhere.select_for_update().filter(pk__in=keys).order_by("pk"))
    for heard in rows:
        heard.text = _starred(pattern, heard.text)
    Heard.everywhere.bulk_update(rows, ["text"])
    done["heard_masked"] += len(rows)


def _mask_stories(keys: Sequence[int], pattern: re.Pattern[str]) -> None:
    """The words in the titles and terms of the stories these posts belong to."""
    for topic in Topic.everywhere.filter(matches__post__in=keys).distinct().order_by("pk"):
        title = _starred(pattern, topic.title)
        terms = {term: weight for term, weight in topic.terms.items() if not pattern.search(term)}
        if (title, terms) != (topic.title, topic.terms):
            topic.title, topic.terms = title, terms
            topic.save(update_fields=["title", "terms"])


@transaction.atomic
def _forget_keywords(subject: Subject) -> None:
    WordCount.everywhere.filter(word__in=[fold_word(word) for word in subject.words]).delete()
