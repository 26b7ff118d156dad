"""What the pages of people's requests show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from opinion.models import PersonalRequest, Post
from opinion.services.personal import Subject, subject_of
from opinion.services.retention import WORD_DAYS

SHOWN = 20  # posts of each kind, the newest


@dataclass(frozen=True, slots=True)
class Findings:
    """One request as it stands.

    state    waiting | looking | too_many | found | erasing | answered
    as_of    when it was looked for, None before
    counts   what was found and done, by name; a name that is missing was not counted
    own, mentions  the newest of the posts
    """

    state: str
    as_of: datetime | None
    counts: dict[str, Any]
    subject: Subject
    own: list[Post]
    mentions: list[Post]


def kept_for() -> list[tuple[str, int | None]]:
    """What is kept about people who write in public, and for how many days; None: for good."""
    return [
        (_("Everything heard, masked, without its author"), settings.HEARD_DAYS),
        (_("Private numbers in posts, encrypted; longer while a post is evidence"), settings.ORIGINAL_DAYS),
        (_("Account names; after that a code stands in their place"), settings.AUTHOR_DAYS),
        (_("Keywords by day, without text"), WORD_DAYS),
        (_("Masked posts that a watch wanted, until a person asks"), None),
        (_("Requests of people, as proof"), None),
    ]


def requests() -> "QuerySet[PersonalRequest]":
    return PersonalRequest.objects.select_related("entered_by", "answered_by")


def findings(request: PersonalRequest) -> Findings:
    """A fixed number of queries."""
    subject = subject_of(request)
    found = subject.found or {"own": [], "mentions": [], "numbers": []}
    return Findings(
        state=state_of(request),
        as_of=parse_datetime(request.counts["as_of"]) if "as_of" in request.counts else None,
        counts=request.counts,
        subject=subject,
        own=_newest(found["own"]),
        mentions=_newest([*found["mentions"], *found["numbers"]]),
    )


def state_of(request: PersonalRequest) -> str:
    if request.answered_at is not None:
        return "answered"
    if request.answered_by_id is not None:
        return "erasing"
    if "too_many" in request.counts:
        return "too_many"
    if "as_of" in request.counts:
        return "found"
    return "looking" if "of" in request.counts else "waiting"


def _newest(keys: list[int]) -> list[Post]:
    """Of the posts that came in last: thousands of keys in one query are too many for SQLite."""
    posts = Post.everywhere.select_related("source").filter(pk__in=sorted(keys)[-SHOWN:])
    return list(posts.order_by("-published_at", "-pk"))
