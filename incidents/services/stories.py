"""An incident goes on watching its stories when people put them together (settings.TOPIC_HOOKS)."""

from incidents.models import Incident
from opinion.models import TopicChange


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
