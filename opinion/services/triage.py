"""Sorting the inbox: what a person decides about a post, and taking it back."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.versions import Stale
from audit import services as audit
from opinion.models import Post, Triage
from opinion.permissions import require


def triage(post: Post, state: str, *, actor: User, now: datetime, snoozed_until: datetime | None = None) -> str:
    """Put a post into a state, if it still has the version this copy was read with; returns the state it was in.

    Records nothing and asks no permission: whoever calls from above writes their own act down, as for an attachment.
    Raises Stale where somebody was faster; nothing has changed then.
    """
    before = post.triage
    values = {
        "triage": state,
        "triaged_by": None if state == Triage.WAITING else actor,
        "triaged_at": None if state == Triage.WAITING else now,
        "snoozed_until": snoozed_until if state == Triage.SNOOZED else None,
    }
    if Post.everywhere.filter(pk=post.pk, version=post.version).update(**values, version=F("version") + 1) != 1:
        raise Stale(post)
    for name, value in values.items():
        setattr(post, name, value)
    post.version += 1
    return before


@transaction.atomic
def ignore(post: Post, *, actor: User, now: datetime) -> str:
    """Nothing to do about it. Its reposts go on being counted."""
    require(actor, "triage", post)
    tell_apps_above(post, is_ignored=True, actor=actor, now=now)
    before = triage(post, Triage.IGNORED, actor=actor, now=now)
    audit.record("opinion.post_ignored", actor=actor, subject=f"post:{post.uuid}", detail={"was": before})
    return before


@transaction.atomic
def snooze(post: Post, *, actor: User, now: datetime, until: datetime | None = None) -> str:
    """Out of sight until a time, and in any case until its story heats up; without a time only that."""
    require(actor, "triage", post)
    before = triage(post, Triage.SNOOZED, actor=actor, now=now, snoozed_until=until)
    detail = {"was": before, "until": until.isoformat() if until else None}
    audit.record("opinion.post_snoozed", actor=actor, subject=f"post:{post.uuid}", detail=detail)
    return before


@transaction.atomic
def restore(post: Post, *, actor: User, now: datetime) -> str:
    """Back to those waiting: the undo of `ignore` and `snooze`. An attached post is for its incident to give back."""
    require(actor, "triage", post)
    if post.triage == Triage.ATTACHED:
        raise Stale(post)
    tell_apps_above(post, is_ignored=False, actor=actor, now=now)
    before = triage(post, Triage.WAITING, actor=actor, now=now)
    audit.record("opinion.post_restored", actor=actor, subject=f"post:{post.uuid}", detail={"was": before})
    return before


def tell_apps_above(row: Any, *, is_ignored: bool, actor: User, now: datetime) -> None:
    """settings.TRIAGE_HOOKS, before the act, in its transaction: a person says that nothing is there, or takes it back.

    row  the post, or the signal of an app above
    """
    for name in settings.TRIAGE_HOOKS:
        import_string(name)(row, is_ignored=is_ignored, actor=actor, now=now)


def wake(posts: "QuerySet[Post]") -> int:
    """Snoozed posts that wait again, because it is time or their story heats up; returns how many. Nobody's act."""
    return posts.filter(triage=Triage.SNOOZED).update(
        triage=Triage.WAITING, snoozed_until=None, triaged_by=None, triaged_at=None, version=F("version") + 1
    )


def wake_those_due(now: datetime) -> int:
    return wake(Post.objects.filter(Q(snoozed_until__lte=now)))
