"""What a post or a new incident resembles."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from incidents.models import Incident, IncidentPost
from incidents.selectors.origins import Origin
from opinion.grouping import likeness
from opinion.models import Match, Post
from opinion.text import clean


@dataclass(frozen=True, slots=True)
class Likely:
    """An incident a post may belong to, and why, in words."""

    incident: Incident
    reason: str
    rank: int  # 0 shares a topic, 1 sounds alike, 2 shares a watch
    alike: float
    is_in: bool


ALIKE = 0.2  # cosine of words from which two texts may be about the same matter

COMPARED = 30  # open incidents whose words are compared


def likely_incidents(user: User, post: Post, limit: int = 5) -> list[Likely]:
    """Open incidents that share the post's topic or watch, or sound like it; the likeliest first. Constant queries."""
    post = post.original or post
    incidents = list(Incident.everywhere.visible_to(user).open().filter(exercise=post.exercise_id)[:COMPARED])
    matches = list(Match.objects.filter(post=post).values_list("topic", "watch"))
    topics, watches = {topic for topic, _watch in matches if topic}, {watch for _topic, watch in matches}
    by_topic = Counter(Incident.topics.through.objects.filter(topic__in=topics).values_list("incident", flat=True))
    by_watch = Counter(
        Incident.topics.through.objects.filter(topic__watch__in=watches).values_list("incident", flat=True)
    )
    inside = set(IncidentPost.objects.filter(post=post, detached_at__isnull=True).values_list("incident", flat=True))
    bags = words_of(incidents)
    mine = dict.fromkeys(post.tokens.split(), 1.0)
    found = []
    for incident in incidents:
        alike = likeness(mine, bags[incident.pk])
        if by_topic[incident.pk]:
            rank, reason = 0, _("the same topic")
        elif alike >= ALIKE:
            rank, reason = 1, _("sounds alike (%(share)d %%)") % {"share": round(alike * 100)}
        elif by_watch[incident.pk]:
            rank, reason = 2, _("found by the same watch")
        elif incident.pk in inside:
            rank, reason = 2, _("put in by hand")
        else:
            continue
        found.append(Likely(incident, reason, rank, alike, incident.pk in inside))
    return sorted(found, key=lambda each: (each.rank, -each.alike))[:limit]


def words_of(incidents: list[Incident], posts_each: int = 20) -> dict[int, dict[str, float]]:
    """The words of each incident's last posts, and in how many of them each stands."""
    bags: dict[int, Counter[str]] = {incident.pk: Counter() for incident in incidents}
    rows = IncidentPost.objects.filter(incident__in=incidents, detached_at__isnull=True).order_by("-pk")
    for pk, tokens in rows.values_list("incident", "post__tokens")[: posts_each * COMPARED]:
        bags[pk].update(set(tokens.split()))
    return {pk: dict(bag) for pk, bag in bags.items()}


def likely_duplicates(user: User, origin: Origin | None, title: str = "", limit: int = 3) -> list[Incident]:
    """Open incidents that what is about to be opened may already be."""
    post = (origin.post or origin.posts.order_by("-published_at", "-pk").first()) if origin else None
    if post is not None:
        return [each.incident for each in likely_incidents(user, post, limit) if each.rank < 2 or each.is_in]
    title = clean(title, cap=200)
    if not title:
        return []
    return list(Incident.objects.visible_to(user).open().filter(title__icontains=title)[:limit])
