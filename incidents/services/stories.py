"""An incident goes on watching its stories and its posts when those below are put together otherwise.

Called by name: settings.TOPIC_HOOKS, settings.ORIGINAL_HOOKS.
"""

from collections.abc import Mapping

from django.db.models import Q

from incidents.models import Incident, IncidentPost
from opinion.models import Post, TopicChange


def after_topic_change(change: TopicChange, *, undone: bool) -> None:
    """An incident that holds a story holds what it went into, too, so that its posts stay complete; an undo lets go."""
    is_merge = change.kind == TopicChange.Kind.MERGE
    if is_merge and undone:
        for incident in Incident.everywhere.filter(pk__in=change.effects.get("incidents", ())):
            incident.topics.remove(change.topic)
    elif is_merge or undone:
        holding = Incident.everywhere.filter(topics=change.other).exclude(topics=change.topic)
        joined = list(holding)
        for incident in joined:
            incident.topics.add(change.topic)
        change.effects["incidents"] = [incident.pk for incident in joined]


def after_new_originals(instead: Mapping[int, int]) -> None:
    """An incident that holds a post holds the group: the original that was published before stands for it from now on.

    instead  the new original by the one before, their keys
    """
    held = IncidentPost.objects.filter(post__in=instead)
    for attachment in held.select_related("incident"):
        post = Post.everywhere.only("published_at").get(pk=instead[attachment.post_id])
        IncidentPost.objects.filter(pk=attachment.pk).update(post=post)
        later = Q(first_post_at__isnull=True) | Q(first_post_at__gt=post.published_at)
        if attachment.detached_at is None:
            Incident.everywhere.filter(later, pk=attachment.incident_id).update(first_post_at=post.published_at)
