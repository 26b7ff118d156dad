"""From what a source handed over to posts in the inbox: normalise, mask, match, fold, score, store, group, count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Exercise
from opinion.models import Heard, Post, PostKey, Source, Watch
from opinion.raw import RawPost
from opinion.services import analysis, editing, placing, storing

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
    for start in range(0, len(posts), BATCH):
        total += _take_batch(source, posts[start : start + BATCH], now, exercise, for_watch)
    return total


def _take_batch(
    source: Source, posts: Sequence[RawPost], now: datetime, exercise: Exercise | None, for_watch: Watch | None
) -> Intake:
    items, rejected = analysis.prepared(source, posts)
    edits: list[editing.Edit] = []
    for attempt in range(ATTEMPTS):
        known = _known_posts(source, items, exercise)
        fresh = [item for key, item in items.items() if key not in known]
        heard = _heard(source, fresh, exercise)
        unheard = [item for item in fresh if item.external_id not in heard]
        if attempt == 0:
            edits = editing.edited(known, items)
            analysis.find_wanted([*unheard, *(edit.item for edit in edits)], source, exercise)
            for item in fresh if for_watch else []:
                item.wanted.setdefault(for_watch.pk, [])  # type: ignore[union-attr]
        wanted = [item for item in fresh if item.wanted and (for_watch or item.external_id not in heard)]
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
                    source, unheard, plan, edits, grown, now=now, exercise=exercise, insist=attempt == ATTEMPTS - 1
                )
            except storing.Overtaken:
                continue
        break
    return Intake(
        heard=len(unheard),
        stored=len(ours),
        folded=sum(place.original is not None for place in ours),
        known=len(posts) - rejected - len(unheard),
        rejected=rejected,
    )


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


def _known_posts(source: Source, items: dict[str, analysis.Item], exercise: Exercise | None) -> dict[str, Post]:
    keys = PostKey.everywhere.filter(source=source, exercise=exercise, external_id__in=items)
    posts = Post.everywhere.filter(key__in=keys).select_related("key").only("key__external_id", *KNOWN)
    return {post.key.external_id: post for post in posts}


def _heard(source: Source, items: Sequence[analysis.Item], exercise: Exercise | None) -> set[str]:
    rows = Heard.everywhere.filter(
        source=source, exercise=exercise, external_id__in=[item.external_id for item in items]
    )
    return set(rows.values_list("external_id", flat=True))
