"""What can be searched: one line a kind. An app that wants its rows found gives a selector; nothing else changes.

A kind finds only what the person may see. The cases of `readiness` register here once they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.roles import Role
from config.navigation import WORKERS
from incidents.models import Incident
from incidents.selectors import search as incidents
from opinion.models import Post
from opinion.permissions import may
from opinion.search import Query
from opinion.selectors import search as posts
from opinion.selectors.search import PAGE, Total
from opinion.text import excerpt, pieces
from response.models import Statement
from response.selectors.search import found_by

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Row:
    """One result. title and say are pieces of text, True where a word of the search stands."""

    url: str
    title: Pieces
    say: Pieces
    at: datetime
    tags: Sequence[str | Promise] = ()
    sentiment: tuple[str, str] | None = None
    level: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one kind has to say. rows None where only the number was asked; else a page, and where the next begins.

    after, looked_at  as in opinion.selectors.search.Found
    """

    total: Total
    rows: list[Row] | None = None
    after: str = ""
    looked_at: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. page_after: the row behind which the page begins; a tab that is not open needs no rows."""

    user: User
    query: Query | None
    filters: Mapping[str, Any]
    page_after: UUID | None = None
    is_open: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return self.query.words if self.query else ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that can be searched. filters: those that mean something to it."""

    code: str
    label: str | Promise
    may_see: Callable[[User], bool]
    filters: frozenset[str]
    find: Callable[[Asked], Answer]


def kinds_for(user: User) -> list[Kind]:
    return [kind for kind in KINDS if kind.may_see(user)]


# --- posts -----------------------------------------------------------------------------------------------------------
def posts_left(user: User, filters: Mapping[str, Any]) -> Any:
    """The posts the filters leave. A level is that of an incident the person may see."""
    if "level" in filters:
        filters = {**filters, "posts": incidents.posts_at_level(user, filters["level"])}
    return posts.results(user, filters)


def find_posts(asked: Asked) -> Answer:
    left = posts.candidates(posts_left(asked.user, asked.filters), asked.query)
    if not asked.is_open:
        return Answer(posts.total(left, asked.query))
    if asked.page_after is None:
        page, total = posts.first_page(left, asked.query)
    else:
        page, total = posts.page_of(left, asked.query, after=asked.page_after), posts.total(left, asked.query)
    return Answer(total, [_post_row(post, asked.words) for post in page.posts], page.after, page.looked_at)


def _post_row(post: Post, words: Iterable[str]) -> Row:
    tags = [post.said_on, post.author or post.source.name, post.region]
    if post.copy_count:
        tags.append(ngettext("%(n)d alike", "%(n)d alike", post.copy_count) % {"n": post.copy_count})
    if post.original_id:
        tags.append(_("a repost"))
    text = post.text if post.heading and not post.erased_at else post.said
    return Row(
        url=reverse("monitoring:open-post", args=[post.uuid]),
        title=pieces(excerpt(post.heading, words, 80), words),
        say=pieces(excerpt(text, words, 160), words),
        at=post.published_at,
        tags=[tag for tag in tags if tag],
        sentiment=(post.sentiment, post.get_sentiment_display()),
    )


# --- incidents and statements ----------------------------------------------------------------------------------------
def find_incidents(asked: Asked) -> Answer:
    return _all_read(incidents.found_by(asked.user, asked.query, asked.filters), asked, _incident_row)


def _incident_row(incident: Incident, words: Iterable[str]) -> Row:
    return Row(
        url=incident.get_absolute_url(),
        title=pieces(incident.title, words),
        say=pieces(excerpt(incident.summary, words, 160), words),
        at=incident.opened_at,
        tags=[incident.number, incident.get_stage_display()],
        level=(incident.level, incident.level_label),
    )


def find_statements(asked: Asked) -> Answer:
    return _all_read(found_by(asked.user, asked.query, asked.filters), asked, _statement_row)


def _statement_row(statement: Statement, words: Iterable[str]) -> Row:
    version = statement.newest
    return Row(
        url=statement.get_absolute_url(),
        title=pieces(version.title, words),
        say=pieces(excerpt(version.text, words, 160), words),
        at=statement.created_at,
        tags=[statement.number, statement.get_kind_display(), statement.incident.number],
        level=(statement.incident.level, statement.incident.level_label),
    )


def _all_read(found: Sequence[Any], asked: Asked, row: Callable[[Any, Iterable[str]], Row]) -> Answer:
    """A page of things that are few enough to be read all."""
    start = next((place for place, each in enumerate(found, start=1) if each.uuid == asked.page_after), 0)
    shown = found[start : start + PAGE] if asked.is_open else []
    more = asked.is_open and len(found) > start + PAGE
    rows = [row(each, asked.words) for each in shown]
    return Answer(Total(len(found)), rows, str(shown[-1].uuid) if more else "")


# --- the registry ----------------------------------------------------------------------------------------------------
def _is_at_work(user: User) -> bool:
    return user.holds(*WORKERS, Role.AUDITOR)


_TIME = frozenset({"span", "since", "until"})
_OF_POSTS = _TIME | {"platform", "sentiment", "level", "source_class", "region", "watch", "topic", "copies"}
KINDS = [
    Kind("posts", gettext_lazy("Posts"), lambda user: may(user, "see_posts"), _OF_POSTS, find_posts),
    Kind("incidents", gettext_lazy("Incidents"), _is_at_work, _TIME | {"level"}, find_incidents),
    Kind("statements", gettext_lazy("Statements"), _is_at_work, _TIME | {"level"}, find_statements),
]
