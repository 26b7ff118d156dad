"""How good the model is, by the people who confirmed or corrected what it said."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext as _

from opinion.agreement import Agreement, agreement
from opinion.models import Correction, Post, PostEdit, Sentiment, SourceClass

DISAGREEMENTS = 20
WEEKS = 26
Pairs = Counter[tuple[str, str]]


def correction_in_force(post: Post) -> Correction | None:
    """What a person said of this post's group, or of the same words in a post before it. One query.

    None where only the model has spoken. What was said of the group itself goes before.
    """
    lead = post.original_id or post.pk
    recalled = Post.everywhere.filter(pk=lead).values("recalled")
    said = Correction.objects.filter(Q(post=lead) | Q(pk__in=recalled), taken_back_at__isnull=True)
    own_first = Case(When(post=lead, then=0), default=1)
    return said.select_related("by", "post").order_by(own_first).first()


def judged() -> "QuerySet[Correction]":
    """What people said of live posts that is in force, agreement and disagreement alike."""
    return Correction.objects.filter(taken_back_at__isnull=True, post__exercise__isnull=True)


def readable() -> "QuerySet[Correction]":
    """Of these, the ones whose words are still there to learn from: neither erased nor changed by their publisher."""
    changed_since = PostEdit.objects.filter(post=OuterRef("post"), seen_at__gte=OuterRef("at"))
    return judged().filter(~Exists(changed_since), post__erased_at__isnull=True)


# --- people and the model --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Judgement:
    """How often people and the model agreed.

    matrix   for each sentiment people said: its word, posts by what the model had said, and the agreement
    weeks    weeks in which something was judged, by their Monday, the oldest first
    since    the first judgement that counts, None where there is none
    """

    all: Agreement
    matrix: list[tuple[Sentiment, list[int], Agreement]]
    classes: list[tuple[SourceClass, Agreement]]
    weeks: list[tuple[date, Agreement]]
    by_version: dict[str, Agreement]
    people: int
    since: datetime | None


def judgement() -> Judgement:
    """Two queries, however much was judged."""
    keys = ("week", "post__source__source_class", "model_version", "label", "model_label")
    rows = judged().order_by().annotate(week=TruncWeek("at")).values_list(*keys).annotate(Count("pk"))
    whole = Pairs()
    by_week: dict[date, Pairs] = defaultdict(Pairs)
    by_class: dict[str, Pairs] = defaultdict(Pairs)
    by_version: dict[str, Pairs] = defaultdict(Pairs)
    for week, source_class, version, said, told, count in rows:
        for pairs in (whole, by_week[week.date()], by_class[source_class], by_version[version]):
            pairs[said, told] += count
    spans = judged().aggregate(people=Count("by", distinct=True), since=Min("at"))
    return Judgement(
        all=agreement(whole),
        matrix=[_matrix_row(said, whole) for said in Sentiment],
        classes=[(one, agreement(by_class[one.value])) for one in SourceClass],
        weeks=[(week, agreement(by_week[week])) for week in sorted(by_week)[-WEEKS:]],
        by_version={version: agreement(pairs) for version, pairs in by_version.items()},
        people=spans["people"],
        since=spans["since"],
    )


def _matrix_row(said: Sentiment, whole: Pairs) -> tuple[Sentiment, list[int], Agreement]:
    counts = [whole[said.value, told.value] for told in Sentiment]
    return said, counts, Agreement(sum(counts), whole[said.value, said.value])


def chart(weeks: list[tuple[date, Agreement]]) -> dict[str, Any]:
    """Agreement by week in per cent; each point's name says how many posts it stands on."""
    return {
        "labels": [f"{week:%m-%d} · n={one.n}" for week, one in weeks],
        "series": [
            {
                "name": _("agreed, %"),
                "tone": "accent",
                "values": [round(100 * one.agreed / one.n) for _week, one in weeks],
            }
        ],
    }


def disagreements() -> list[Correction]:
    """The newest posts of which people said otherwise than the model. One query."""
    found = judged().exclude(label=F("model_label")).select_related("post__source", "by")
    return list(found.order_by("-at", "-pk")[:DISAGREEMENTS])
