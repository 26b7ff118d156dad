"""A replay: posts of the past through the real pipeline, in an exercise of its own, on the posts' own clock.

Everything a replay writes belongs to its exercise: watches, sources, posts, topics, signals, notices. The live desk
sees none of it, and nothing leaves the building. Its rows are forgotten a week later (`forget_replays`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import clock
from accounts.models import Exercise
from monitoring.models import Signal, SignalGrowth
from monitoring.services.signals import raise_signals
from notices.models import Notice
from opinion.models import (
    Heard,
    HourCount,
    Match,
    Post,
    PostBand,
    PostEdit,
    PostKey,
    PostOriginal,
    Source,
    SourceKind,
    Topic,
    TopicCount,
    TopicSpread,
    Watch,
    WordCount,
)
from opinion.raw import RawPost
from opinion.services.pipeline import Intake, take_in

STEP = timedelta(minutes=1)  # as often as the live desk looks
LIKE = ("platform", "source_class", "region", "tier", "is_key")
AT_ONCE = 200  # rows deleted in one transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A watch a replay listens with; the fields are those of Watch. terms_of: the live one whose own terms count."""

    name: str
    rule: str
    burst_from: int | None = None
    is_rival: bool = False
    languages: Sequence[str] = ()
    source_classes: Sequence[str] = ()
    terms_of: Watch | None = None


@dataclass(slots=True)
class Replay:
    """A replay that ran: the exercise that holds its rows, and what became of its posts."""

    exercise: Exercise
    intake: Intake = field(default_factory=Intake)


def replay(
    name: str,
    posts: Sequence[tuple[str, RawPost]],
    watches: Sequence[Asked],
    *,
    speed: float = 0,
    like: Mapping[str, Source] = MappingProxyType({}),
    told: Callable[[int, datetime], None] = lambda done, now: None,
) -> Replay:
    """Take posts in as they were published, minute by minute, and look for signals whenever something was stored.

    posts  with the names of their sources, in the order they were published
    speed  how many times faster than the posts were published; 0: as fast as it goes
    like   live sources by name: those of the replay are of the same class, platform and weight
    told   is called after each step with the number of posts taken in and what the clock says
    """
    ran = Replay(_open(name, posts[0][1].published_at if posts else timezone.now(), watches, speed))
    exercise, sources, done = ran.exercise, _Sources(ran.exercise, like), 0
    try:
        for now, group in groupby(posts, key=lambda pair: _minute_after(pair[1].published_at)):
            _set_clock(exercise, now)
            stored = 0
            for source, batch in _by_source(group):
                intake = take_in(sources[source], batch, now=now, exercise=exercise)
                ran.intake += intake
                stored += intake.stored
                done += len(batch)
            if stored:
                raise_signals(now, exercise)
            told(done, now)
    finally:
        exercise.ended_at = timezone.now()
        exercise.save(update_fields=["ended_at"])
    return ran


def _open(name: str, begin: datetime, watches: Sequence[Asked], speed: float) -> Exercise:
    with transaction.atomic():
        exercise = Exercise.objects.create(
            name=name[:120], kind="replay", started_at=timezone.now(), clock_from=begin, speed=speed
        )
        for watch in watches:
            Watch.everywhere.create(
                exercise=exercise,
                name=watch.name,
                rule=watch.rule,
                burst_from=watch.burst_from,
                is_rival=watch.is_rival,
                languages=list(watch.languages),
                source_classes=list(watch.source_classes),
                terms_of=watch.terms_of,
                listens_since=begin,
            )
    return exercise


def _minute_after(published_at: datetime) -> datetime:
    """When a desk that looks every minute sees it: the next full minute, never before it was published."""
    minute = published_at.replace(second=0, microsecond=0)
    return minute if minute == published_at else minute + STEP


def _set_clock(exercise: Exercise, now: datetime) -> None:
    """The clock of the posts: set to the step, or waited for where a replay runs at a speed."""
    if exercise.speed:
        wait = (now - clock.now(exercise)).total_seconds() / exercise.speed
        time.sleep(max(0.0, wait))
    else:
        exercise.clock_from = now
        exercise.save(update_fields=["clock_from"])


def _by_source(group: Iterable[tuple[str, RawPost]]) -> list[tuple[str, list[RawPost]]]:
    batches: dict[str, list[RawPost]] = {}
    for source, post in group:
        batches.setdefault(source, []).append(post)
    return sorted(batches.items())


class _Sources(dict[str, Source]):
    """The sources of a replay, made when first met: never polled, and unknown to the live desk."""

    def __init__(self, exercise: Exercise, like: Mapping[str, Source]) -> None:
        self.exercise, self.like = exercise, like

    def __missing__(self, name: str) -> Source:
        made = Source(exercise=self.exercise, name=name[:120], platform=name[:40], kind=SourceKind.IMPORT)
        for known in LIKE if name in self.like else ():
            setattr(made, known, getattr(self.like[name], known))
        made.is_enabled = False
        made.save(force_insert=True)
        self[name] = made
        return made


# --- forgetting ------------------------------------------------------------------------------------------------------
def forget_replays(now: datetime) -> int:
    """Delete the rows of replays that began a week ago or longer, in small steps; returns how many replays.

    What died on the way goes on at the next run: the exercise itself is deleted last.
    """
    due = Exercise.objects.filter(kind="replay", started_at__lt=now - timedelta(days=settings.HEARD_DAYS))
    replays = list(due)
    for exercise in replays:
        for rows in _rows_of(exercise):
            while some := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
                rows.filter(pk__in=some).delete()
        exercise.delete()
    return len(replays)


def _rows_of(exercise: Exercise) -> Iterator[QuerySet[Any]]:
    """Everything a replay wrote, what points to something before what it points to."""
    ours = {"exercise": exercise}
    yield SignalGrowth.objects.filter(signal__exercise=exercise)
    Signal.everywhere.filter(**ours).update(previous=None)
    yield Signal.everywhere.filter(**ours)
    yield Notice.everywhere.filter(**ours)
    for of_topic in (TopicSpread, TopicCount, Match):
        yield of_topic._base_manager.filter(topic__exercise=exercise)
    yield Match.objects.filter(watch__exercise=exercise)  # of posts that say too little to be in a topic
    for of_post in (PostEdit, PostOriginal):
        yield of_post._base_manager.filter(post__exercise=exercise)
    yield PostBand.everywhere.filter(**ours)
    Post.everywhere.filter(**ours).update(original=None)
    for model in (Post, PostKey, Heard, HourCount, WordCount, Topic, Source, Watch):
        yield model.everywhere.filter(**ours)
