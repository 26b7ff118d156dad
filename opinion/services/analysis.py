"""What is thought about a batch of posts before any of it is written: no transaction here, and no network."""

import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from django.db.models import Q

from accounts.models import Exercise
from accounts.secrets import fingerprints
from opinion import aspect, rules, text
from opinion.masking import mask
from opinion.models import Correction, Post, Source, Watch
from opinion.preparing import is_plain, prepare
from opinion.raw import RawPost
from opinion.recalling import prints
from opinion.sentiment import Score
from opinion.sentiment.features import read as read_for_engines
from opinion.sentiment.signs import TermReader
from opinion.sentiment.terms import Term, read_terms, with_terms
from opinion.services.sentiment import desk_engine
from opinion.services.terms import apply_names, terms_in_force
from opinion.words import Words, keywords
from opinion.words import read as cut_once

logger = logging.getLogger(__name__)

_ASKING = re.compile("是否|会不会|有没有|怎么|如何|吗|什么|哪些|[?]")
ABOUT = 40  # words that are compared when posts are grouped
METRICS = ("reposts", "comments", "likes", "reads", "followers", "heat")  # these grow; a rank rises by getting smaller


@dataclass(frozen=True, slots=True)
class Rivals:
    """Watches that listen to rivals, and the words their rules ask for."""

    watches: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()


NO_RIVALS = Rivals()


Key = tuple[int, str]  # source and external id: what makes a post the same post


@dataclass
class Item:
    """One post on its way in: masked, folded, and, where a watch wants it, with the words that made it want it."""

    source: Source
    external_id: str
    title: str
    text: str
    author: str
    url: str
    platform: str
    region: str
    author_since: datetime | None
    published_at: datetime
    date_doubt: str
    metrics: dict[str, int | None]
    unmasked: dict[str, str]  # the fields as they were said, where masking changed one of them; else empty
    folded: str
    wanted: dict[int, list[str]] = field(default_factory=dict)  # watch id: words
    lenders: frozenset[int] = frozenset()  # in a trial: the live watches whose own terms count in it
    is_ours: bool = True  # False where only rival watches want it
    rivals: "Rivals" = field(default_factory=lambda: NO_RIVALS)
    terms: tuple[Term, ...] = ()  # the company's own that count in it
    aims: dict[int, str] = field(default_factory=dict)  # watch id: whom its negative words are about (models.Aim)
    for_engines: str = ""  # title and text as engines read them: the first 2,000 characters
    score: Score | None = None  # copies carry their original's
    recalled: Correction | None = None  # what a person said of the same words in an earlier post
    risks: list[dict[str, Any]] = field(default_factory=list)  # crisis terms: {term, category, severity}

    @property
    def key(self) -> Key:
        return self.source.pk, self.external_id

    @property
    def words(self) -> str:
        return f"{self.title}\n{self.text}".strip()

    @property
    def about(self) -> dict[str, float]:
        """What it is about, for grouping: its words and the words inside them."""
        return keywords(self.reading.search, ABOUT)

    @cached_property
    def reading(self) -> Words:
        """The words of it, cut once for search, keywords and engines. Costs half a millisecond."""
        return cut_once(self.for_engines)


def prepared(source: Source, posts: Sequence[RawPost]) -> tuple[dict[str, Item], int]:
    """The posts that can be taken, cleaned and masked, by external id, and how many cannot.

    Refused are those without an id, without a word, or with a time that has no zone. Of two with one id the first
    counts.
    """
    items: dict[str, Item] = {}
    rejected = 0
    for post in map(prepare, posts):
        assert post.kept
        external_id = post.external_id if post.kept.is_plain else kept_id(post.external_id)
        if not external_id or not (post.title or post.text) or post.published_at.tzinfo is None:
            rejected += 1
            continue
        if external_id in items:
            continue
        items[external_id] = Item(
            source=source,
            external_id=external_id,
            title=post.title,
            text=post.text,
            author=post.author,
            url=post.url,
            platform=post.platform or source.platform,
            region=post.region or source.region,
            author_since=post.author_since if post.author_since and post.author_since.tzinfo else None,
            published_at=post.published_at,
            date_doubt=post.date_doubt,
            metrics={name: getattr(post, name) for name in (*METRICS, "rank")},
            unmasked=post.kept.unmasked,
            folded=post.kept.folded,
        )
    return items, rejected


def kept_id(external_id: str) -> str:
    """A source's id as it is kept: clean, fitting its column, telling no private number; "" where nothing is left.

    One that is too long or holds a number keeps its masked beginning and is unique by its hash.
    """
    external_id = text.clean(external_id, len(external_id) + 1)
    if is_plain(external_id):
        return external_id
    return (
        f"{mask(external_id)[: text.ID_CAP - 65]}#{fingerprints(external_id)[0]}"  # a plain hash of a number is guessed
    )


def among(items: Collection[Item]) -> Q:
    """The rows of these items, and of others of their sources that have the same ids: half as dear as pair by pair."""
    return Q(source__in={item.source.pk for item in items}, external_id__in=[item.external_id for item in items])


def find_wanted(items: Sequence[Item], exercise: Exercise | None) -> None:
    """Write on each item which of the watches that listen want it, and why. An exercise listens with its own."""
    if not items:
        return
    watches = {
        watch.pk: watch
        for watch in Watch.everywhere.filter(is_enabled=True, exercise=exercise).only(
            "pk", "rule", "is_rival", "languages", "source_classes", "exercise", "terms_of"
        )
    }
    matcher = matcher_of(tuple((pk, watch.rule) for pk, watch in watches.items()))
    watched = frozenset(pk for pk, watch in watches.items() if watch.is_rival)
    rivals = Rivals(watched, matcher.words(watched)) if watched else NO_RIVALS
    for item in items:
        item.wanted = {
            pk: list(dict.fromkeys(hit.word for hit in hits))
            for pk, hits in matcher.match(item.folded).items()
            if watches[pk].listens_to(item.source.source_class, item.words)
        }
        item.lenders = frozenset(lender for pk in item.wanted if (lender := watches[pk].terms_of_id))
        item.is_ours = not item.wanted or not watched.issuperset(item.wanted)
        item.rivals = rivals


def matcher_of(watches: tuple[tuple[int, str], ...]) -> rules.Matcher[int]:
    """All rules compiled: one matcher for all threads of a worker, built by the first that asks (docs/adr/0022)."""
    with _building:
        return _compiled(watches)


_building = Lock()


@lru_cache(maxsize=4)
def _compiled(watches: tuple[tuple[int, str], ...]) -> rules.Matcher[int]:
    """Once for each state of the watches. One that cannot be read must not silence the others."""
    readable = {}
    for watch, rule in watches:
        try:
            readable[watch] = _tree(rule)
        except rules.RuleError as error:
            logger.error("rule unreadable watch=%s reason=%s position=%s", watch, error.reason, error.position)
    return rules.Matcher(readable)


@lru_cache(maxsize=4096)
def _tree(rule: str) -> rules.Node:
    return rules.read(rule)


def score(items: Sequence[Item]) -> None:
    """Score those that have no score yet, with the engine the setting names, its switched model and our own terms."""
    for terms, batch in _by_terms([item for item in items if item.score is None]).items():
        scores = desk_engine(terms=terms).score(
            [item.for_engines for item in batch], [item.reading.words for item in batch]
        )
        for item, given in zip(batch, scores, strict=True):
            item.score = given


@lru_cache(maxsize=32)
def _reader(terms: tuple[Term, ...]) -> TermReader:
    return TermReader(with_terms(read_terms(), terms))


def read_closely(items: Sequence[Item]) -> None:
    """Write on each item how engines read it, its crisis terms, the gravest first, and whom its bad words are about.

    A crisis term that is negated, denied or drilled does not count. A question takes nothing away: that is how
    headlines tell. The company's own terms and names of today count from this batch on.
    """
    if not items:
        return
    apply_names()
    in_force = terms_in_force()
    for item, folded in zip(items, read_for_engines([item.words for item in items]).texts, strict=True):
        item.for_engines, item.terms = folded, in_force.for_watches(item.lenders.union(item.wanted))
    for terms, batch in _by_terms(items).items():
        reader = _reader(terms)
        asked = [_ASKING.sub(" ", item.for_engines) for item in batch]
        for item, found in zip(batch, reader.crises(asked), strict=True):
            item.risks = [{"term": term.text, "category": term.category, "severity": term.severity} for term in found]
        _find_aims([item for item in batch if item.is_ours and item.rivals.words], reader)


def _find_aims(items: Sequence[Item], reader: TermReader) -> None:
    """Where a rival is named beside us: for each watch of ours, whom the bad words are about."""
    named = [item for item in items if any(word in item.for_engines for word in item.rivals.words)]
    for item, (folded, bad, good) in zip(named, reader.tones([item.for_engines for item in named]), strict=True):
        for watch, own in item.wanted.items():
            if watch not in item.rivals.watches:
                item.aims[watch] = aspect.aim(folded, own, item.rivals.words, bad, good)


def recall(items: Sequence[Item], exercise: Exercise | None) -> None:
    """Write on each item what a person said of the same words, the last time one did. One query."""
    by_print: dict[str, list[Item]] = {}
    for item in items:
        for print_ in prints(item.folded):
            by_print.setdefault(print_, []).append(item)
    said = Correction.objects.filter(said_hash__in=by_print, taken_back_at__isnull=True, post__exercise=exercise)
    for correction in said.order_by("at", "pk") if by_print else ():
        for item in by_print[correction.said_hash]:
            item.recalled = correction


def keywords_of(posts: Sequence[Post]) -> dict[int, list[str]]:
    """The keywords of stored posts as today's dictionary cuts them, by post."""
    if not posts:
        return {}
    apply_names()
    texts = read_for_engines([post.words for post in posts]).texts
    return {post.pk: list(cut_once(folded).keywords) for post, folded in zip(posts, texts, strict=True)}


def _by_terms(items: Sequence[Item]) -> dict[tuple[Term, ...], list[Item]]:
    """The items that share the same terms of the company, so that each group is one batch."""
    groups: dict[tuple[Term, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(item.terms, []).append(item)
    return groups
