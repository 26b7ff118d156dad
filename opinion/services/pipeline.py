"""From what a source handed over to posts in the inbox: normalise, mask, match, fold, score, store, group, count."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Exercise
from opinion.models import Heard, Post, PostKey, Source, Watch
from opinion.raw import RawPost
from opinion.services import analysis, editing, placing, storing
from opinion.services.analysis import Item, Key, among

logger = logging.getLogger(__name__)

BATCH = 200  # posts in one transaction
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
    """The same, in portions of at most BATCH posts; what one source handed over is cut only where it must be."""
    batch: list[Handed] = []
    room = BATCH
    for source, posts in handed:
        for start in range(0, len(posts), BATCH):
            some = posts[start : start + BATCH]
            if len(some) > room:
                yield batch
                batch, room = [], BATCH
            batch.append((source, some))
            room -= len(some)
    if batch:
        yield batch


def _take_batch(
    batch: Sequence[Handed], now: datetime, exercise: Exercise | None, for_watch: Watch | None
) -> dict[int, Intake]:
    items: dict[Key, Item] = {}
    rejected: dict[int, int] = {}
    for source, posts in batch:
        prepared, rejected[source.pk] = analysis.prepared(source, posts)
        items |= {item.key: item for item in prepared.values()}
    edits: list[editing.Edit] = []
    for attempt in range(ATTEMPTS):
        known = _known_posts(items, exercise)
        fresh = [item for key, item in items.items() if key not in known]
        heard = _heard(fresh, exercise)
        unheard = [item for item in fresh if item.key not in heard]
        if attempt == 0:
            edits = editing.edited(known, items)
            analysis.find_wanted([*unheard, *(edit.item for edit in edits)], exercise)
            for item in fresh if for_watch else []:
                item.wanted.setdefault(for_watch.pk, [])  # type: ignore[union-attr]
        wanted = [item for item in fresh if item.wanted and (for_watch or item.key not in heard)]
        if attempt == 0:
            analysis.read_closely([*wanted, *(edit.item for edit in edits)])
            _look_at_edits(edits, exercise)
        plan = placing.plan(wanted, [edit.more for edit in edits if edit.more], exercise=exercise)
        _think_of_originals(plan, exercise)
        grown = [post for key, post in known.items() if storing.grown(post, items[key])]
        ours: list[placing.Place] = []
        if unheard or plan.places or edits or grown:
            try:
                ours = storing.store(
                    unheard, plan, edits, grown, now=now, exercise=exercise, insist=attempt == ATTEMPTS - 1
                )
            except storing.Overtaken:
                continue
        break
    new = Counter(item.source.pk for item in unheard)
    stored = Counter(place.item.source.pk for place in ours)
    folded = Counter(place.item.source.pk for place in ours if place.original is not None)
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


def _known_posts(items: Mapping[Key, Item], exercise: Exercise | None) -> dict[Key, Post]:
    keys = PostKey.everywhere.filter(among(items.values()), exercise=exercise)
    posts = Post.everywhere.filter(key__in=keys).select_related("key").only("key__source", "key__external_id", *KNOWN)
    known = {(post.key.source_id, post.key.external_id): post for post in posts}
    return {key: post for key, post in known.items() if key in items}


def _heard(items: Sequence[Item], exercise: Exercise | None) -> set[Key]:
    return set(Heard.everywhere.filter(among(items), exercise=exercise).values_list("source", "external_id"))
