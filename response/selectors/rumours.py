"""How far each side of a pair went, by what was heard; counted in the database, in four queries however many pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from incidents.figures import posts_of
from incidents.models import Incident
from opinion.models import Match, Topic
from response.models import Release, Rumour, RumourPost

Side = RumourPost.Side


@dataclass(frozen=True, slots=True)
class Spread:
    """One side, counted on originals and the reposts folded into them.

    interactions  reposts, comments and likes that sources tell of; None where none tells
    reads         likewise
    """

    posts: int
    interactions: int | None
    reads: int | None
    best_rank: int | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair with what was measured of each side; None where nothing that was heard is linked: it cannot be measured.

    said_at  when the clarifying statement first went out
    """

    rumour: Rumour
    claim: Spread | None
    answer: Spread | None
    claim_posts: list[RumourPost]
    answer_posts: list[RumourPost]
    said_at: datetime | None

    @property
    def share(self) -> float | None:
        """Posts that carry the clarification for each post that spreads the claim; None unless both are measured."""
        return self.answer.posts / self.claim.posts if self.answer and self.claim else None

    @property
    def delay(self) -> timedelta | None:
        """From the first post with the claim to our first word; None where either is unknown or the order turned."""
        first = min([at for at in (self.said_at, self.answer and self.answer.first_at) if at], default=None)
        if first is None or self.claim is None or first < self.claim.first_at:
            return None
        return first - self.claim.first_at


def pairs_of(incident: Incident, rumours: Sequence[Rumour]) -> list[Pair]:
    """Pairs of one incident with their spread, in four queries."""
    by_topic = _of_topics({topic for one in rumours for topic in (one.topic_id, one.clarification_topic_id) if topic})
    by_hand = _linked(rumours)
    said = dict(
        Release.everywhere.filter(
            version__statement__in=[one.statement_id for one in rumours if one.statement_id], sent_at__isnull=False
        )
        .order_by()
        .values_list("version__statement")
        .annotate(first=Min("sent_at"))
    )
    return [
        Pair(
            rumour=one,
            claim=_together(by_topic.get(one.topic_id), by_hand.get((one.pk, Side.CLAIM))),
            answer=_together(by_topic.get(one.clarification_topic_id), by_hand.get((one.pk, Side.ANSWER))),
            claim_posts=[link for link in one.linked.all() if link.side == Side.CLAIM],
            answer_posts=[link for link in one.linked.all() if link.side == Side.ANSWER],
            said_at=said.get(one.statement_id),
        )
        for one in rumours
    ]


def topics_offered(incident: Incident) -> QuerySet[Topic]:
    """The stories an incident's posts belong to: what a side may be measured by."""
    theirs = Match.objects.filter(post__in=posts_of(incident).values("pk"), topic__isnull=False).values("topic")
    topics = Topic.everywhere.filter(Q(incidents=incident) | Q(pk__in=theirs), merged_into__isnull=True)
    return topics.select_related("watch").distinct()


def _sums(post: str) -> dict[str, Any]:
    """The figures of originals, reached from a row that points to them."""
    parts = [f"{post}{name}" for name in ("reposts", "comments", "likes")]
    told = (
        Q(**{f"{parts[0]}__isnull": False}) | Q(**{f"{parts[1]}__isnull": False}) | Q(**{f"{parts[2]}__isnull": False})
    )
    return {
        "originals": Count("pk"),
        "copies": Sum(f"{post}copy_count"),
        "interactions": Sum(Coalesce(parts[0], 0) + Coalesce(parts[1], 0) + Coalesce(parts[2], 0)),
        "told": Count("pk", filter=told),
        "reads": Sum(f"{post}reads"),
        "best_rank": Min(f"{post}rank"),
        "first_at": Min(f"{post}published_at"),
        "last_at": Max(f"{post}published_at"),
    }


def _of_topics(topics: set[int]) -> dict[int | None, dict[str, Any]]:
    matches = Match.objects.filter(topic__in=topics, post__original__isnull=True).order_by()
    rows: Iterable[Any] = matches.values("topic").annotate(**_sums("post__"))
    return {row["topic"]: row for row in rows}


def _linked(rumours: Sequence[Rumour]) -> dict[tuple[int, str], dict[str, Any]]:
    """What was linked by hand and does not count through the side's topic already."""
    topic = Case(
        When(side=Side.CLAIM, then=F("rumour__topic")),
        default=F("rumour__clarification_topic"),
    )
    counted = Match.objects.filter(topic=OuterRef("side_topic"), post=OuterRef("post"))
    links = RumourPost.objects.filter(rumour__in=[one.pk for one in rumours]).alias(side_topic=topic)
    alone = links.filter(~Exists(counted)).order_by()
    rows: Iterable[Any] = alone.values("rumour", "side").annotate(**_sums("post__"))
    return {(row["rumour"], row["side"]): row for row in rows}


def _together(*parts: dict[str, Any] | None) -> Spread | None:
    there = [part for part in parts if part]
    if not there:
        return None
    told = sum(part["told"] for part in there)
    reads = [part["reads"] for part in there if part["reads"] is not None]
    ranks = [part["best_rank"] for part in there if part["best_rank"] is not None]
    return Spread(
        posts=sum(part["originals"] + (part["copies"] or 0) for part in there),
        interactions=sum(part["interactions"] or 0 for part in there) if told else None,
        reads=sum(reads) if reads else None,
        best_rank=min(ranks, default=None),
        first_at=min(part["first_at"] for part in there),
        last_at=max(part["last_at"] for part in there),
    )
