"""What becomes of open signals when people put stories together or take them apart (settings.TOPIC_HOOKS)."""

from django.db.models import F

from monitoring.models import Signal
from monitoring.signals import thresholds
from opinion.models import Topic, TopicChange


def after_topic_change(change: TopicChange, *, undone: bool) -> None:
    """Where a story ends in another, its open signal goes on there; what was done is noted for an undo."""
    is_merge = change.kind == TopicChange.Kind.MERGE
    if is_merge and undone:
        _give_back(change)
    elif is_merge or undone:
        change.effects["signals"] = _carry_over(change, change.other, change.topic)


def _open_of(topic: Topic) -> Signal | None:
    return Signal.everywhere.select_for_update().filter(topic=topic, closed_at__isnull=True).first()


def _carry_over(change: TopicChange, story: Topic, target: Topic) -> dict[str, object]:
    """The signal of a story moves to the target; where that has one, the one is closed and the other takes it in."""
    signal, there = _open_of(story), _open_of(target)
    if signal is None:
        return {}
    if there is None:
        Signal.everywhere.filter(pk=signal.pk).update(topic=target, version=F("version") + 1)
        return {"moved": signal.pk}
    had = set(there.posts.values_list("pk", flat=True))
    added = [pk for pk in signal.posts.values_list("pk", flat=True) if pk not in had]
    before = {"suggestion": there.suggestion, "reasons": there.reasons}
    known = {(reason["kind"], reason.get("topic")) for reason in there.reasons}
    added_reasons = [reason for reason in signal.reasons if (reason["kind"], reason.get("topic")) not in known]
    there.reasons = [*there.reasons, *added_reasons]
    there.suggestion = max(there.suggestion, signal.suggestion, key=lambda code: thresholds.RANKS[code])
    there.version += 1
    there.save(update_fields=["suggestion", "reasons", "version"])
    there.posts.add(*added)
    Signal.everywhere.filter(pk=signal.pk).update(
        closed_at=change.undone_at or change.at, closed_by=change.undone_by or change.by, version=F("version") + 1
    )
    return {"closed": signal.pk, "into": there.pk, "version": there.version, "posts": added, "before": before}


def _give_back(change: TopicChange) -> None:
    noted = change.effects.get("signals") or {}
    if _open_of(change.other) is not None:
        return
    if "moved" in noted:
        moved = Signal.everywhere.filter(pk=noted["moved"], topic=change.topic)
        moved.update(topic=change.other, version=F("version") + 1)
    if "closed" in noted:
        closed = Signal.everywhere.filter(pk=noted["closed"], is_useful__isnull=True)
        closed.update(closed_at=None, closed_by=None, version=F("version") + 1)
        there = Signal.everywhere.get(pk=noted["into"])
        there.posts.remove(*noted["posts"])
        if there.version == noted["version"]:  # nobody judged it and nothing grew meanwhile
            there.suggestion, there.reasons = noted["before"]["suggestion"], noted["before"]["reasons"]
            there.version += 1
            there.save(update_fields=["suggestion", "reasons", "version"])
