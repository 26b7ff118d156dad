"""Posts whose publisher changed them: the post says what it says now, the earlier words are kept beside it.

An edited post is no new post: it stays where it was published and is counted once. Only a watch that wants nothing but
the new words counts it, as new to it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import F, Q

from accounts.models import Exercise
from opinion import reposts
from opinion.models import Correction, Match, Post, PostBand, PostEdit, Topic, Triage
from opinion.services import counting
from opinion.services.analysis import Item, Key
from opinion.text import fold

KEPT = 20  # earlier versions of one post, the first ones
TAKEN = (
    "title", "text", "risks", "triage", "tokens", "reasons", "score", "score_model", "model_sentiment", "recalled",
)  # fmt: skip


@dataclass(slots=True)
class Edit:
    """A known post as it was read, and what its source says of it now. had: the watches that wanted its words before.

    keywords  of its words before, as they are counted
    """

    post: Post
    item: Item
    had: set[int] = field(default_factory=set)
    keywords: Collection[str] = ()

    @property
    def more(self) -> Item | None:
        """What it says to the watches that want only its new words; None where there are none."""
        wanted = {watch: words for watch, words in self.item.wanted.items() if watch not in self.had}
        return replace(self.item, wanted=wanted) if wanted else None


def edited(known: Mapping[Key, Post], items: Mapping[Key, Item]) -> list[Edit]:
    """The known posts that say other words than before; other blanks, widths or addresses are the same words."""
    edits = [Edit(post, items[key]) for key, post in known.items() if _is_edited(post, items[key])]
    for edit in edits:
        edit.item.published_at = edit.post.published_at  # another date does not move it
    return edits


def _is_edited(post: Post, item: Item) -> bool:
    if (post.title, post.text) == (item.title, item.text):
        return False
    if post.erased_at is not None or post.is_redacted or post.triage == Triage.UNDONE:
        return False
    return _bare(fold(post.words).text) != _bare(item.folded)


def _bare(folded: str) -> str:
    return "".join(folded.split())


def look_up_watches(edits: Sequence[Edit]) -> None:
    """Write on each edit which watches have its post. One query."""
    by_post = {edit.post.pk: edit for edit in edits}
    for post, watch in Match.objects.filter(post__in=by_post).order_by().values_list("post", "watch"):
        by_post[post].had.add(watch)


# --- inside the transaction that stores a batch ----------------------------------------------------------------------
def write(edits: Sequence[Edit], *, now: datetime, exercise: Exercise | None) -> dict[Key, Post]:
    """Let the posts say their new words; returns those that did, by key, as they stand now.

    A post that somebody changed since it was read is passed over: its source will say it again. What an original
    sounds like goes for its copies, unless a person has said so: then that stays.
    """
    held = Post.everywhere.select_for_update(no_key=True, of=("self",)).filter(pk__in=[edit.post.pk for edit in edits])
    rows = {row.pk: row for row in held.order_by("pk")}
    ours = [edit for edit in edits if _is_as_read(rows[edit.post.pk], edit.post)]
    if not ours:
        return {}
    _keep_earlier_words(ours, now)
    originals = [edit for edit in ours if rows[edit.post.pk].original_id is None]
    keywords = {edit.post.pk: edit.keywords for edit in originals}
    counting.uncount_words(counting.mentions([rows[pk] for pk in keywords], keywords), exercise=exercise)
    changed = {edit.post.pk for edit in ours if _take_words(rows[edit.post.pk], edit.item)}
    changed |= _sound_anew([rows[pk] for pk in keywords], exercise)
    Post.everywhere.bulk_update([rows[edit.post.pk] for edit in ours], TAKEN)
    Post.everywhere.filter(pk__in=[edit.post.pk for edit in ours]).update(version=F("version") + 1)
    keywords = {edit.post.pk: edit.item.reading.keywords for edit in originals}
    counting.count_words(counting.mentions([rows[pk] for pk in keywords], keywords), exercise=exercise)
    _write_bands(originals, exercise)
    _write_matches(ours)
    Topic.everywhere.filter(matches__post__in=changed, merged_into__isnull=True).update(changed_at=now)
    return {edit.item.key: rows[edit.post.pk] for edit in ours}


def _is_as_read(row: Post, read: Post) -> bool:
    return (row.title, row.text, row.is_redacted, row.erased_at) == (read.title, read.text, False, None)


def _keep_earlier_words(edits: Sequence[Edit], now: datetime) -> None:
    """Each earlier version once, so that a feed that goes back and forth fills nothing."""
    kept: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for post, *words in PostEdit.objects.filter(post__in=[edit.post for edit in edits]).values_list(
        "post", "title", "text"
    ):
        kept[post].add((words[0], words[1]))
    PostEdit.objects.bulk_create(
        PostEdit(post=edit.post, title=edit.post.title, text=edit.post.text, seen_at=now)
        for edit in edits
        if len(kept[edit.post.pk]) < KEPT and (edit.post.title, edit.post.text) not in kept[edit.post.pk]
    )


def _take_words(row: Post, item: Item) -> bool:
    """Write new words on a post, and what is thought of an original; True where other crisis terms are in them."""
    is_other = row.risks != item.risks
    row.title, row.text, row.risks = item.title, item.text, item.risks
    if row.triage == Triage.RIVAL and item.wanted and item.is_ours:
        row.triage = Triage.WAITING
    if row.original_id is None and item.score is not None:
        row.score, row.score_model, row.model_sentiment = item.score.value, item.score.model_version, item.score.label
        row.reasons = [reason.as_json() for reason in item.score.reasons]
        row.tokens, row.recalled = " ".join(item.reading.search), item.recalled
    return is_other


def _sound_anew(originals: Sequence[Post], exercise: Exercise | None) -> set[int]:
    """Count originals and their copies as they sound now; returns the originals that sound otherwise than before."""
    rows = {row.pk: row for row in originals}
    said = Correction.objects.filter(post__in=rows, taken_back_at__isnull=True)
    words: dict[int, str] = dict(said.values_list("post", "label"))
    by_label: dict[str, list[int]] = defaultdict(list)
    for pk, row in rows.items():
        label = words.get(pk) or (row.recalled.label if row.recalled else row.model_sentiment)
        if label != row.sentiment:
            by_label[label].append(pk)
            row.sentiment = label
    for label, some in by_label.items():
        group = Post.everywhere.filter(Q(pk__in=some) | Q(original__in=some))
        counting.move_sentiment(group, label, exercise=exercise)
        group.update(sentiment=label)
    return {pk for some in by_label.values() for pk in some}


def _write_bands(edits: Sequence[Edit], exercise: Exercise | None) -> None:
    """From now on reposts of the new words are found."""
    PostBand.everywhere.filter(post__in=[edit.post.pk for edit in edits]).delete()
    grams = [reposts.grams(edit.item.folded) for edit in edits]
    PostBand.everywhere.bulk_create(
        PostBand(post=edit.post, band=band, published_at=edit.post.published_at, exercise=exercise)
        for edit, found, bands in zip(edits, grams, reposts.bands(grams).tolist(), strict=True)
        if len(found)
        for band in bands
    )


def _write_matches(edits: Sequence[Edit]) -> None:
    """Which words the watches that had it find in it now; one that finds none any more keeps it."""
    items = {edit.post.pk: edit.item for edit in edits}
    matches = [match for match in Match.objects.filter(post__in=items) if match.watch_id in items[match.post_id].wanted]
    for match in matches:
        item = items[match.post_id]
        match.words, match.aim = item.wanted[match.watch_id], item.aims.get(match.watch_id, "")
    Match.objects.bulk_update(matches, ["words", "aim"])
