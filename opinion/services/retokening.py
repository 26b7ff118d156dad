"""Every stored post cut into words anew, because the dictionary changed. The index follows by itself.

A person starts it; workers go on in small steps, each with a lease, so a killed one is taken up where it stood.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from accounts.models import User
from audit import services as audit
from opinion import words
from opinion.models import Post, Retokening
from opinion.permissions import require
from opinion.sentiment.features import read as read_for_engines
from opinion.services.terms import apply_names, dictionary_digest

AT_ONCE = 200  # posts in one transaction
LEASE = timedelta(seconds=60)
A_TURN = timedelta(seconds=60)  # a worker goes on for as long, then lets others have its place


class AlreadyRunning(Exception):
    """Posts are being cut anew already."""


class LeaseLost(Exception):
    """Another worker took the run over: this one wrote nothing."""


def is_due() -> bool:
    """Whether posts were cut by another dictionary than today's, and nobody is at it."""
    runs = Retokening.objects.order_by("-started_at")
    if runs.filter(ended_at__isnull=True).exists() or not _posts().exists():
        return False
    last = runs.filter(ended_at__isnull=False).first()
    return last is None or last.dictionary != dictionary_digest()


@transaction.atomic
def start(*, actor: User, now: datetime) -> Retokening:
    """Let the workers cut every post anew. Raises AlreadyRunning."""
    require(actor, "edit_watches")
    if Retokening.objects.filter(ended_at__isnull=True).exists():
        raise AlreadyRunning
    try:
        with transaction.atomic():
            run = Retokening.objects.create(
                dictionary=dictionary_digest(), started_by=actor, started_at=now, total=_posts().count()
            )
    except IntegrityError as error:
        raise AlreadyRunning from error
    audit.record("opinion.retokening_started", actor=actor, subject=f"retokening:{run.pk}", detail={"posts": run.total})
    return run


def go_on(clock: Callable[[], datetime]) -> int:
    """Take up a run that nobody is at and cut posts until it is done or the turn is over; returns how many."""
    began = clock()
    run = _claim(began)
    done = 0
    while run is not None:
        apply_names()
        posts = list(_posts().filter(pk__gt=run.last_post).order_by("pk").only("title", "text", "tokens")[:AT_ONCE])
        changed = _cut_anew(posts)
        try:
            run = _write(run, posts, changed, now=clock())
        except LeaseLost:
            return done
        done += len(posts)
        if run is not None and clock() - began > A_TURN:
            Retokening.objects.filter(pk=run.pk, leased_until=run.leased_until).update(leased_until=None)
            return done
    return done


def _posts() -> "QuerySet[Post]":
    """What has words of its own: originals, those of exercises too. What was erased has none left."""
    return Post.everywhere.filter(original__isnull=True, erased_at__isnull=True)


def _claim(now: datetime) -> Retokening | None:
    for run in Retokening.objects.filter(ended_at__isnull=True).order_by("started_at"):
        if run.leased_until and run.leased_until > now:
            continue
        free = Retokening.objects.filter(pk=run.pk, ended_at__isnull=True, leased_until=run.leased_until)
        if free.update(leased_until=now + LEASE):
            run.leased_until = now + LEASE
            return run
    return None


def _cut_anew(posts: list[Post]) -> list[Post]:
    """The posts whose words are others now, with those. Read as in the pipeline; no transaction here."""
    if not posts:
        return []
    changed = []
    for post, text in zip(posts, read_for_engines([post.words for post in posts]).texts, strict=True):
        tokens = " ".join(words.search_tokens(words.cut(text)))
        if tokens != post.tokens:
            post.tokens = tokens
            changed.append(post)
    return changed


@transaction.atomic
def _write(run: Retokening, posts: list[Post], changed: list[Post], *, now: datetime) -> Retokening | None:
    """Keep a step and how far it got; None when it was the last. Raises LeaseLost."""
    is_over = len(posts) < AT_ONCE
    last, lease = posts[-1].pk if posts else run.last_post, now + LEASE
    mine = Retokening.objects.filter(pk=run.pk, leased_until=run.leased_until, ended_at__isnull=True)
    values = {"ended_at": now, "leased_until": None} if is_over else {"leased_until": lease}
    if not mine.update(done=F("done") + len(posts), last_post=last, **values):
        raise LeaseLost
    if changed:
        Post.everywhere.bulk_update(changed, ["tokens"])
    if is_over:
        audit.record(
            "opinion.retokening_ended", subject=f"retokening:{run.pk}", detail={"posts": run.done + len(posts)}
        )
        return None
    run.done, run.last_post, run.leased_until = run.done + len(posts), last, lease
    return run
