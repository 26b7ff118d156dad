"""From what a source handed over to posts in the inbox: normalise, mask, match, fold, score, store, group, count."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Exercise
from opinion.models import Heard, Post, PostKey, Source, Watch
from opinion.raw import RawPost
from opinion.services import analysis, editing, placing, storing
from opinion.services.analysis import Item, Key, among

logger = logging.getLogger(__name__)

BATCH = 200  # posts thought about and stored in one transaction
MATCHED_AT_ONCE = 1000  # posts of which most are wanted by nobody, and are only kept as heard
ATTEMPTS = 8  # where one fails another has succeeded, so eight workers may store for one watch at once
# What is read of a post we know: whether its words were changed, and its metrics have grown.
KNOWN = (
    "title", "text", "published_at", "original", "triage", "erased_at", "is_redacted", *analysis.METRICS, "rank",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of some posts. heard + known + rejected are all of them.

    heard     new to us          stored  wanted by a watch, copies included    folded  of these, reposts of another post
    known     seen before        rejected  without an id, without words, or with a time nobody can place
    """

    heard: int = 0
    stored: int = 0
    folded: int = 0
    known: int = 0
    rejected: int = 0

    def __add__(self, other: "Intake") -> "Intake":
        return Intake(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


Handed = tuple[Source, Sequence[RawPost]]


def take_in(
    source: Source,
    posts: Sequence[RawPost],
    *,
    now: datetime,
    exercise: Exercise | None = None,
    for_watch: Watch | None = None,
) -> Intake:
    """Take posts in. May be repeated at will: a post is known by source, external id and exercise, and stored once.

    A known post whose words were changed says the new ones and keeps the earlier ones beside it; another date does not
    move it; its metrics may grow. What one call could not finish, because the process died, the next one with the same
    posts finishes.
    for_watch  store them for this watch even where no rule wants them: a person did
    """
    total = Intake()
    for batch in _batches([(source, posts)]):
        total += _take_batch(batch, now, exercise, for_watch)[source.pk]
    return total


def take_in_all(handed: Sequence[Handed], *, now: datetime) -> dict[int, Intake | None]:
    """Take in what several sources handed over, each named once; little of many is one transaction. By source.

    None: the posts of that source made an error of our own, which the log tells; no other source is harmed by it.
    """
    found: dict[int, Intake | None] = {source.pk: Intake() for source, _posts in handed}
    for batch in _batches(handed):
        for source, intake in _taken_or_told(batch, now).items():
            before = found[source]
            found[source] = before + intake if before is not None and intake is not None else None
    return found


def _taken_or_told(batch: Sequence[Handed], now: datetime) -> Mapping[int, Intake | None]:
    """A batch taken in; where that fails, each of its sources for itself."""
    try:
        return _take_batch(batch, now, None, None)
    except Exception:
        if len(batch) == 1:
            ((source, _posts),) = batch
            logger.exception("posts not taken in source=%s", source.pk)
            return {source.pk: None}
        logger.warning("batch of %s sources not taken in: one after the other", len(batch), exc_info=True)
    return {source: intake for one in batch for source, intake in _taken_or_told([one], now).items()}


def _batches(handed: Sequence[Handed]) -> Iterator[list[Handed]]:
    """The same, in portions of at most so many posts; what one source handed over is cut only where it must be."""
    batch: list[Handed] = []
    room = MATCHED_AT_ONCE
    for source, posts in handed:
        for start in range(0, len(posts), MATCHED_AT_ONCE):
            some = posts[start : start + MATCHED_AT_ONCE]
            if len(some) > room:
                yield batch
                batch, room = [], MATCHED_AT_ONCE
            batch.append((source, some))
            room -= len(some)
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Seen:
    """What of some posts we know: those stored, those heard, and of the stored those whose metrics have grown."""

    known: dict[Key, Post]
    heard: set[Key]
    grown: dict[Key, Post]


def _take_batch(
    batch: Sequence[Handed], now: datetime, exercise: Exercise | None, for_watch: Watch | None
) -> dict[int, Intake]:
    items: dict[Key, Item] = {}
    rejected: dict[int, int] = {}
    for source, posts in batch:
        prepared, rejected[source.pk] = analysis.prepared(source, posts)
        items |= {item.key: item for item in prepared.values()}
    seen = _seen(items, exercise)
    unheard = {key: item for key, item in items.items() if key not in seen.known and key not in seen.heard}
    edits = {edit.item.key: edit for edit in editing.edited(seen.known, items)}
    analysis.find_wanted([*unheard.values(), *(edit.item for edit in edits.values())], exercise)
    if for_watch:
        for key in items.keys() - seen.known.keys():
            items[key].wanted.setdefault(for_watch.pk, [])
    busy = [key for key, item in items.items() if item.wanted or key in edits or key in seen.grown]
    stored: Counter[int] = Counter()
    folded: Counter[int] = Counter()
    for at in range(0, len(busy), BATCH):
        some = {key: items[key] for key in busy[at : at + BATCH]}
        for place in _stored(some, seen, [edits[key] for key in some if key in edits], now, exercise):
            stored[place.item.source.pk] += 1
            folded[place.item.source.pk] += place.original is not None
    # Last, so that a batch that fails is new to us when each of its sources is tried alone.
    if unwanted := [item for item in unheard.values() if not item.wanted]:
        with transaction.atomic():
            storing.hear(unwanted, now=now, exercise=exercise)
    new = Counter(item.source.pk for item in unheard.values())
    return {
        source.pk: Intake(
            heard=new[source.pk],
            stored=stored[source.pk],
            folded=folded[source.pk],
            known=len(posts) - rejected[source.pk] - new[source.pk],
            rejected=rejected[source.pk],
        )
        for source, posts in batch
    }


def _stored(
    items: Mapping[Key, Item], seen: Seen, edits: Sequence[editing.Edit], now: datetime, exercise: Exercise | None
) -> list[placing.Place]:
    """Store what is wanted or changed of what we know; where others stored for the same watches meanwhile, think again.

    Returns the places of the new posts.
    """
    wanted = [item for key, item in items.items() if item.wanted and key not in seen.known]
    analysis.read_closely([*wanted, *(edit.item for edit in edits)])
    _look_at_edits(edits, exercise)
    for attempt in range(ATTEMPTS):
        seen = _seen(items, exercise) if attempt else seen
        wanted = [item for item in wanted if item.key not in seen.known]
        plan = placing.plan(wanted, [edit.more for edit in edits if edit.more], exercise=exercise)
        _think_of_originals(plan, exercise)
        heard = [item for item in wanted if item.key not in seen.heard]
        grown = [post for key, post in seen.grown.items() if key in items]
        try:
            return storing.store(heard, plan, edits, grown, now=now, exercise=exercise, insist=attempt == ATTEMPTS - 1)
        except storing.Overtaken:
            continue
    raise AssertionError  # the last attempt insists


def _look_at_edits(edits: Sequence[editing.Edit], exercise: Exercise | None) -> None:
    """What their new words sound like and who wants them, and how their old ones are counted."""
    if not edits:
        return
    editing.look_up_watches(edits)
    originals = [edit for edit in edits if edit.post.original_id is None]
    analysis.score([edit.item for edit in originals])
    analysis.recall([edit.item for edit in originals], exercise)
    keywords = analysis.keywords_of([edit.post for edit in originals])
    for edit in originals:
        edit.keywords = keywords[edit.post.pk]


def _think_of_originals(plan: placing.Plan, exercise: Exercise | None) -> None:
    """What those sound like that are no reposts, and how the originals they displace are counted."""
    originals = [place.item for place in plan.places if place.is_scored]
    analysis.score(originals)
    analysis.recall(originals, exercise)
    plan.keywords = analysis.keywords_of(plan.displaced)


def _seen(items: Mapping[Key, Item], exercise: Exercise | None) -> Seen:
    """Two queries for 200 posts: a question is dearer the more sources it is about."""
    known: dict[Key, Post] = {}
    heard: set[Key] = set()
    every = list(items.values())
    for at in range(0, len(every), BATCH):
        some = every[at : at + BATCH]
        keys = PostKey.everywhere.filter(among(some), exercise=exercise)
        posts = Post.everywhere.filter(key__in=keys).select_related("key")
        for post in posts.only("key__source", "key__external_id", *KNOWN):
            known[post.key.source_id, post.key.external_id] = post
        fresh = [item for item in some if item.key not in known]
        heard |= set(Heard.everywhere.filter(among(fresh), exercise=exercise).values_list("source", "external_id"))
    known = {key: post for key, post in known.items() if key in items}
    return Seen(known, heard, {key: post for key, post in known.items() if storing.grown(post, items[key])})
