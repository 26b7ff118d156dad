"""Taking posts back, as if nobody had brought them: out of the queue, the counts, the stories, the search.

Their rows stay, marked, and give up their keys, so that the same posts may be brought again. What an incident, a signal
or evidence holds is not taken back. Whoever calls asks permission and writes the act down.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from opinion import reposts, words
from opinion.models import (
    Fold,
    Heard,
    Match,
    Post,
    PostBand,
    PostKey,
    Source,
    Topic,
    TopicSpread,
    Triage,
    Watch,
)
from opinion.raw import RawPost
from opinion.sentiment.features import read as read_for_engines
from opinion.services import analysis, counting, rooting
from opinion.services.erasure import headline
from opinion.services.terms import apply_names

AT_ONCE = 200  # posts in one transaction
HANDED_ON = 20  # groups of reposts in one step
STAYS = Q(is_held=True) | Q(triage=Triage.ATTACHED)


def may_go(posts: "QuerySet[Post]") -> "QuerySet[Post]":
    """Those of some live posts that can be taken back and are not yet."""
    return posts.exclude(STAYS).exclude(triage=Triage.UNDONE)


def step(posts: "QuerySet[Post]", *, actor: User, now: datetime) -> bool:
    """Take some of these live posts back, as far as nothing holds them; False when there are none left.

    At most 200 in one transaction: copies first, then originals; one that others repeat leaves its place to them.
    May be repeated at will, also after a run that died.
    """
    going = may_go(posts)
    copies, leads = going.filter(original__isnull=False), going.filter(original__isnull=True)
    repeated = Exists(Post.objects.filter(original=OuterRef("pk")))
    if some := _keys(copies, AT_ONCE) or _keys(leads.exclude(repeated), AT_ONCE):
        _take_back(some, actor, now)
        return True
    handed_on = list(leads.order_by("pk")[:HANDED_ON])
    for lead in handed_on:
        _hand_on(lead)
    return bool(handed_on)


def _keys(posts: "QuerySet[Post]", most: int) -> list[int]:
    return list(posts.order_by("pk").values_list("pk", flat=True)[:most])


def _take_back(keys: Collection[int], actor: User, now: datetime) -> None:
    said = _keywords_of(keys)
    with transaction.atomic():
        repeated = Exists(Post.objects.filter(original=OuterRef("pk")))
        posts = list(may_go(_locked(keys)).exclude(repeated).select_related("key").order_by("pk"))
        gone = [post.pk for post in posts]
        going = Post.objects.filter(pk__in=gone)
        counting.take_away(going, exercise=None)
        counting.uncount_words(counting.mentions(posts, said), exercise=None)
        _leave_originals(posts, actor, now)
        _leave_topics(posts)
        PostBand.objects.filter(post__in=gone).delete()
        for post in posts:
            post.key.external_id = f"undone:{post.uuid}"
        PostKey.everywhere.bulk_update([post.key for post in posts], ["external_id"])
        going.update(
            triage=Triage.UNDONE,
            triaged_by=None,
            triaged_at=None,
            snoozed_until=None,
            original=None,
            version=F("version") + 1,
        )


def forget_heard(source: Source, since: datetime, until: datetime) -> None:
    """Forget what a source brought in a span of time, so that it is new when it comes again; posts that stayed are not.

    since, until  times of hearing, both included
    """
    stayed = PostKey.objects.filter(source=source, post__isnull=False).exclude(post__triage=Triage.UNDONE)
    heard = Heard.objects.filter(source=source, heard_at__range=(since, until))
    heard = heard.exclude(external_id__in=stayed.values("external_id")).order_by("pk")
    while some := list(heard.values_list("pk", flat=True)[:AT_ONCE]):
        Heard.objects.filter(pk__in=some).delete()


def _locked(keys: Collection[int]) -> "QuerySet[Post]":
    """The posts, held with their watches: first those, as storing does, so that nobody waits in a ring."""
    watches = Match.objects.filter(post__in=keys).order_by().values("watch")
    list(Watch.everywhere.select_for_update(no_key=True).filter(pk__in=watches).order_by("pk").values_list("pk"))
    posts = Post.objects.filter(pk__in=keys)
    list(posts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return posts


# --- counts of words -------------------------------------------------------------------------------------------------
def _keywords_of(keys: Collection[int]) -> dict[int, list[str]]:
    """The keywords that originals were counted with. Cutting takes time, so it is done before the transaction."""
    apply_names()
    leads = list(Post.objects.filter(pk__in=keys, original__isnull=True).only("title", "text"))
    texts = read_for_engines([post.words for post in leads]).texts if leads else ()
    return {post.pk: list(words.read(text).keywords) for post, text in zip(leads, texts, strict=True)}


# --- groups of reposts and stories -----------------------------------------------------------------------------------
def _leave_originals(posts: Sequence[Post], actor: User, now: datetime) -> None:
    """Copies that go are counted no more on their originals; folds by hand of posts that go are over."""
    fewer: dict[int, int] = defaultdict(int)
    for post in posts:
        if post.original_id is not None:
            fewer[post.original_id] += 1
    for lead, number in sorted(fewer.items()):
        Post.objects.filter(pk=lead).update(copy_count=F("copy_count") - number)
    Fold.objects.filter(post__in=posts, undone_at__isnull=True).update(undone_by=actor, undone_at=now)


def _leave_topics(posts: Sequence[Post]) -> None:
    """Their matches go. Stories are counted anew, and named by another post where one of these gave the name."""
    topics = list(Topic.objects.filter(matches__post__in=posts).distinct().order_by("pk"))
    Match.objects.filter(post__in=posts).delete()
    counting.recount(topics)
    TopicSpread.objects.filter(topic__in=topics).delete()  # worked out again from those that are left
    for topic in topics:
        title = topic.title.rstrip("…")
        if topic.titled_by_id is None and any(title in post.words for post in posts):
            first = (
                Post.objects.filter(matches__topic=topic, erased_at__isnull=True).order_by("published_at", "pk").first()
            )
            topic.title = headline(first) if first else topic.title
        topic.changed_at = topic.changed_at if topic.size else None
    Topic.objects.bulk_update(topics, ["title", "changed_at"])


# --- copies that are left ---------------------------------------------------------------------------------------------
def _hand_on(lead: Post) -> None:
    """Make the earliest copy of a post the original of its group, read by itself, so that the post can go as a copy."""
    copies = Post.objects.filter(original=lead).select_related("source").order_by("erased_at", "published_at", "pk")
    heir = copies.filter(erased_at__isnull=True).first() or copies.first()
    if heir is None:
        return
    item = _read(heir)
    keywords = _keywords_of([lead.pk])
    with transaction.atomic():
        group = _locked([lead.pk, *copies.values_list("pk", flat=True)])
        if not group.filter(pk=heir.pk, original=lead).exists():
            return  # somebody was faster: the next step finds another
        if item is not None and item.score is not None:
            heir.score, heir.score_model = item.score.value, item.score.model_version
            heir.model_sentiment = item.score.label
            heir.reasons = [reason.as_json() for reason in item.score.reasons]
            heir.tokens = " ".join(item.reading.search)
            heir.save(update_fields=["reasons", "tokens"])
            keywords[heir.pk] = list(item.reading.keywords)
            _let_be_found(heir, item)
        rooting.take_the_lead({lead.pk: heir}, keywords, exercise=None)


def _read(post: Post) -> analysis.Item | None:
    """A copy thought about as an original is; None where its words were erased."""
    raw = RawPost(
        external_id="copy", title=post.title, text=post.text, url="", author="", published_at=post.published_at
    )
    item = analysis.prepared(post.source, [raw])[0].get("copy")
    if item is not None:
        item.wanted = dict(post.matches.values_list("watch", "words"))
        analysis.read_closely([item])
        analysis.score([item])
    return item


def _let_be_found(heir: Post, item: analysis.Item) -> None:
    grams = reposts.grams(item.folded)
    if len(grams) and not heir.bands.exists():  # it has them where it was an original once
        bands = reposts.bands([grams])[0].tolist()
        PostBand.objects.bulk_create(PostBand(post=heir, band=band, published_at=heir.published_at) for band in bands)
