"""Forgetting: the heard buffer after a week, unmasked originals after half a year, account names after a year.

What is held (cited by a signal, incident or evidence) keeps its original and its author.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from accounts.secrets import fingerprints
from opinion.models import Heard, Post, PostBand, PostOriginal, WordCount
from opinion.services.placing import FOLDS_WITHIN

logger = logging.getLogger(__name__)

AT_ONCE = 200  # rows in one transaction
WORD_DAYS = 400  # a year, and the month it is compared with
DIGITS = 12  # of the hash that are kept: among a million accounts two share theirs on one desk in 500


def prune(now: datetime) -> dict[str, int]:
    """Delete what is due, in small steps; returns how many of each kind. An exercise keeps its rows while it runs."""
    gone = {
        "heard": _delete(Heard.objects.filter(heard_at__lt=now - timedelta(days=settings.HEARD_DAYS))),
        "bands": _delete(PostBand.objects.filter(published_at__lt=now - FOLDS_WITHIN - timedelta(days=1))),
        "originals": _delete(PostOriginal.objects.filter(purge_after__lt=now, post__is_held=False)),
        "authors": _hash_due_authors(now),
        "words": _delete(WordCount.everywhere.filter(_words_due(now))),
    }
    drilled = {"exercise__ended_at__lt": now - timedelta(days=settings.HEARD_DAYS)}
    gone["heard"] += _delete(Heard.everywhere.filter(**drilled))
    gone["bands"] += _delete(PostBand.everywhere.filter(**drilled))
    logger.info("pruned %s", " ".join(f"{kind}={number}" for kind, number in gone.items()))
    return gone


def _words_due(now: datetime) -> Q:
    """A replay's days are those of its posts, so its words go by when it ended."""
    is_old = Q(exercise__isnull=True, day__lt=localdate(now) - timedelta(days=WORD_DAYS))
    return is_old | Q(exercise__ended_at__lt=now - timedelta(days=WORD_DAYS))


def _delete(rows: "QuerySet[Heard] | QuerySet[PostBand] | QuerySet[PostOriginal] | QuerySet[WordCount]") -> int:
    count = 0
    while due := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        count += rows.filter(pk__in=due).delete()[0]
    return count


# --- account names ---------------------------------------------------------------------------------------------------
def hashed_names(platform: str, name: str) -> list[str]:
    """What an account is called once its name is hashed: by the key hashes are made with, then by the other keys.

    The same account on the same platform is always called the same, so counting by account still works.
    """
    return [f"账号 {print_[:DIGITS]}" for print_ in fingerprints(f"author\n{platform}\n{name}")]


def _hash_due_authors(now: datetime) -> int:
    """Replace the names whose time is over, 200 posts at a time; what a dead worker left, the next run does."""
    named = Post.everywhere.filter(is_author_hashed=False, is_held=False)
    old = named.filter(exercise__isnull=True, published_at__lt=now - timedelta(days=settings.AUTHOR_DAYS))
    return _hash_all(old) + _hash_all(named.filter(exercise__ended_at__lte=now))


def _hash_all(due: "QuerySet[Post]") -> int:
    count, rest = 0, due.select_related("source").order_by("published_at", "pk")
    while posts := list(rest[:AT_ONCE]):
        hash_authors(posts)
        count += len(posts)
        rest = rest.filter(published_at__gte=posts[-1].published_at)  # so that those that are done are not read again
    return count


@transaction.atomic
def hash_authors(posts: Sequence[Post]) -> None:
    """Replace the account names of some posts. One that is hashed already, or names nobody, keeps what it says.

    posts  at most 200, with their source
    """
    for post in posts:
        if post.author and not post.is_author_hashed:
            post.author = hashed_names(post.said_on, post.author)[0]
        post.is_author_hashed = True
    Post.everywhere.bulk_update(posts, ["author", "is_author_hashed"])
