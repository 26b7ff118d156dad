"""Incidents that a search finds, and what may be told of them outside."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from incidents.levels import OPEN_STAGES, Stage
from incidents.models import Incident, IncidentPost
from opinion.search import Query

SEARCHED = 2000  # incidents that are read word for word, the newest


def found_by(user: User, query: Query | None, filters: Mapping[str, Any]) -> list[Incident]:
    """Incidents this person may see that a search wants, the newest first; `since`, `until`, `level` narrow it."""
    incidents = Incident.objects.visible_to(user).order_by("-opened_at", "-pk")
    for name, lookup in (("since", "opened_at__gte"), ("until", "opened_at__lt"), ("level", "level")):
        if filters.get(name) is not None:
            incidents = incidents.filter(**{lookup: filters[name]})
    near = incidents[:SEARCHED]
    return [
        incident
        for incident in near
        if query is None or query.wants(f"{incident.number}\n{incident.title}\n{incident.summary}")
    ]


def posts_at_level(user: User, level: int) -> QuerySet[IncidentPost, Any]:
    """Keys of the posts in incidents of a level, as far as this person may see them."""
    incidents = Incident.objects.visible_to(user).filter(level=level)
    return IncidentPost.objects.filter(incident__in=incidents, detached_at__isnull=True).values("post")


def outcomes_of_posts(posts: Iterable[int]) -> dict[int, str]:
    """What may be told outside of the incidents these posts are in: open, closed or false_alarm, by key of the post.

    Nothing of confidential ones. Of several the newest counts; one that went into another is told of there.
    """
    attached = IncidentPost.objects.filter(
        post__in=list(posts), detached_at__isnull=True, incident__is_confidential=False
    ).exclude(incident__stage=Stage.MERGED)
    rows = attached.order_by("incident__pk").values_list("post", "incident__stage")
    return {post: _told_outside(stage) for post, stage in rows}


def _told_outside(stage: str) -> str:
    if stage == Stage.DISMISSED:
        return "false_alarm"
    return "open" if stage in OPEN_STAGES else "closed"
