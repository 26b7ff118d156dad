"""Reads of guidance: what is planned, and what happened around everything we did in public."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet, Sum

from incidents.models import Incident
from opinion.models import Sentiment
from opinion.selectors.curves import counts
from response.effect import WINDOW_HOURS, Counts, Effect, Hourly, measure
from response.models import GuidanceItem, PressEvent, Release


@dataclass(frozen=True, slots=True)
class Act:
    """Something we did in public: what it was, when, where it is to be read."""

    kind: str  # release, item, event
    name: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class ActEffect:
    act: Act
    effect: Effect


def items_of(incident: Incident) -> QuerySet[GuidanceItem]:
    return incident.guidance_items.select_related("owner", "partner")


def events_of(incident: Incident) -> QuerySet[PressEvent]:
    return incident.press_events.select_related("host").prefetch_related("partners")


def acts_of(incident: Incident) -> list[Act]:
    """Every statement version that went out, at its first channel, every item and every event; the newest first."""
    sent = Release.everywhere.filter(version__statement__incident=incident, sent_at__isnull=False)
    versions = sent.values("version", "version__title", "version__statement__number").annotate(first=Min("sent_at"))
    acts = [
        Act("release", f"{row['version__statement__number']} {row['version__title']}", row["first"])
        for row in versions.order_by("first")
    ]
    items = incident.guidance_items.filter(state=GuidanceItem.State.OUT)
    acts += [Act("item", item.title, item.out_at, item.url) for item in items if item.out_at]
    events = incident.press_events.filter(state=PressEvent.State.HELD)
    acts += [Act("event", event.title, event.held_at, event.get_absolute_url()) for event in events if event.held_at]
    return sorted(acts, key=lambda act: act.at, reverse=True)


def effects_of(incident: Incident, now: datetime) -> list[ActEffect]:
    """Before and after each act, the newest first. Counts are read once for all of them: five queries."""
    acts = acts_of(incident)
    if not acts:
        return []
    window = timedelta(hours=WINDOW_HOURS + 1)
    since, until = acts[-1].at - window, acts[0].at + window
    stories = dict(incident.topics.values_list("pk", "watch"))
    here = _hourly(counts(topics=list(stories)).filter(hour__range=(since, until)))
    heard = _hourly(
        counts(watches=set(stories.values()), exercise=incident.exercise).filter(hour__range=(since, until))
    )
    rest = {
        hour: Hourly(max(all_.posts - mine.posts, 0), max(all_.negative - mine.negative, 0))
        for hour, all_ in heard.items()
        for mine in [here.get(hour, Hourly())]
    }
    return [
        ActEffect(
            act,
            measure(act.at, here, rest, now=now, acts=[(each.name, each.at) for each in acts if each is not act]),
        )
        for act in acts
    ]


def _hourly(rows: "QuerySet") -> Counts:
    found: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for hour, tone, posts in rows.values_list("hour", "sentiment").annotate(n=Sum("posts")):
        found[hour][0] += posts
        found[hour][1] += posts if tone == Sentiment.NEG else 0
    return {hour: Hourly(*pair) for hour, pair in found.items()}
