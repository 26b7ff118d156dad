"""What is known about stories (topics) now, from counts and the few posts that may be reasons by themselves."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from accounts.models import Exercise
from monitoring.signals.thresholds import BIG_ACCOUNT, HOT_LIST, PAST_DAYS, WINDOW_HOURS, Facts, Telling
from opinion.models import Aim, HourCount, Match, MediaTier, Topic, TopicCount
from opinion.text import fold

HOUR, DAY, PAST = timedelta(hours=1), timedelta(hours=24), timedelta(days=PAST_DAYS)
WINDOW = HOUR * WINDOW_HOURS
TELLING_SINCE = timedelta(hours=48)
NEAR = 40  # characters between a risk word and the words of the watch, within one item of a digest
MOST_TELLING = 2000
FEWEST_FOR_USUAL = 20  # posts from which a usual negative share is known

_ITEMS = re.compile(r"[;；|｜丨\n]")  # between the items of a digest

Counts = dict[datetime, tuple[int, int]]  # hour: posts, negative posts


def facts_of(
    topics: Sequence[Topic], *, exercise: Exercise | None, not_before: dict[int, datetime]
) -> dict[int, Facts]:
    """The facts of each topic as of its newest post. Four queries, however many topics.

    not_before  for a topic that was judged: when; posts that had come in by then are no reason any more
    """
    if not topics:
        return {}
    newest = max(topic.last_at for topic in topics)
    oldest = min(topic.last_at for topic in topics)
    per_topic, platforms = _topic_counts(topics, oldest - DAY)
    per_watch = _watch_counts({topic.watch_id for topic in topics}, oldest - PAST - DAY, newest, exercise)
    telling = _telling(topics, oldest - TELLING_SINCE, not_before)
    facts = {}
    for topic in topics:
        end = _hour(topic.last_at) + HOUR
        past = per_watch[topic.watch_id]
        day = [count for hour, count in per_topic[topic.pk].items() if end - DAY <= hour < end]
        facts[topic.pk] = Facts(
            recent=sum(posts for hour, (posts, _) in per_topic[topic.pk].items() if end - WINDOW <= hour < end),
            recent_of_watch=sum(posts for hour, (posts, _) in past.items() if end - WINDOW <= hour < end),
            usual=usual_windows(past, end - WINDOW, topic.watch.listens_since),
            day_posts=sum(posts for posts, _ in day),
            day_negative=sum(negative for _, negative in day),
            usual_share=_usual_share(past, end - DAY),
            platforms=len(platforms[topic.pk]),
            telling=telling[topic.pk],
            two_days=sum(posts for hour, (posts, _) in per_topic[topic.pk].items() if end - DAY * 2 <= hour < end),
            days=_by_day(past, end),
            burst_from=topic.watch.burst_from,
        )
    return facts


def usual_windows(past: Counts, end: datetime, listens_since: datetime) -> list[int]:
    """Posts of each stretch of WINDOW_HOURS before `end`, oldest first, for PAST_DAYS or as far back as we listened.

    A watch has listened since it was made, or since its first post where it was given a past.
    """
    begin = max(end - PAST, min([listens_since, *past]))
    hours = [hour for hour in past if begin <= hour < end]
    windows = max(0, int((end - begin) / WINDOW))
    sums = [0] * windows
    for hour in hours:
        back = int((end - hour - HOUR) / WINDOW)
        if back < windows:
            sums[windows - 1 - back] += past[hour][0]
    return sums


def _by_day(past: Counts, end: datetime) -> list[int]:
    """Posts in each of the PAST_DAYS stretches of 24 hours before `end`, the latest first."""
    days = [0] * PAST_DAYS
    for hour, (posts, _negative) in past.items():
        if hour < end and (ago := int((end - hour - HOUR) / DAY)) < PAST_DAYS:
            days[ago] += posts
    return days


def _usual_share(past: Counts, end: datetime) -> float | None:
    counts = [count for hour, count in past.items() if end - PAST <= hour < end]
    posts = sum(posts for posts, _ in counts)
    return sum(negative for _, negative in counts) / posts if posts >= FEWEST_FOR_USUAL else None


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def _topic_counts(topics: Sequence[Topic], since: datetime) -> tuple[dict[int, Counts], dict[int, set[str]]]:
    counts: dict[int, Counts] = defaultdict(dict)
    platforms: dict[int, set[str]] = defaultdict(set)
    rows = TopicCount.objects.filter(topic__in=topics, hour__gte=_hour(since) - DAY)
    for topic, hour, platform, sentiment, posts in rows.values_list("topic", "hour", "platform", "sentiment", "posts"):
        all_, negative = counts[topic].get(hour, (0, 0))
        counts[topic][hour] = all_ + posts, negative + (posts if sentiment == "neg" else 0)
        platforms[topic].add(platform)
    return counts, platforms


def _watch_counts(watches: set[int], since: datetime, until: datetime, exercise: Exercise | None) -> dict[int, Counts]:
    counts: dict[int, Counts] = defaultdict(dict)
    rows = HourCount.everywhere.filter(exercise=exercise, watch__in=watches, hour__gte=since, hour__lte=until)
    for watch, hour, posts, negative in rows.values_list("watch", "hour").annotate(
        Sum("posts"), negative=Sum("posts", filter=Q(sentiment="neg"), default=0)
    ):
        counts[watch][hour] = posts, negative
    return counts


def _telling(topics: Sequence[Topic], since: datetime, not_before: dict[int, datetime]) -> dict[int, list[Telling]]:
    """By topic: originals with a crisis term; posts of key sources, great media, hot lists and big accounts.

    A crisis term counts near the words of the watch: in a long text, or a digest of the day's news, it may be about
    anybody. One that is aimed at a rival in the same sentence is none of ours.
    """
    by_itself = (
        Q(post__original__isnull=True) & ~Q(post__risks=[]) & ~Q(aim=Aim.RIVAL)
        | Q(post__source__is_key=True)
        | Q(post__source__tier__in=(MediaTier.CENTRAL, MediaTier.NATIONAL))
        | Q(post__rank__lte=HOT_LIST)
        | Q(post__followers__gte=BIG_ACCOUNT)
    )
    rows = Match.objects.filter(by_itself, topic__in=topics, published_at__gte=since).order_by("-published_at", "-pk")
    found: dict[int, list[Telling]] = defaultdict(list)
    for topic, first_seen_at, aim, words, title, text, *values in rows.values_list(
        "topic",
        "post__first_seen_at",
        "aim",
        "words",
        "post__title",
        "post__text",
        "post",
        "post__sentiment",
        "post__risks",
        "post__source__is_key",
        "post__source__tier",
        "post__rank",
        "post__followers",
        "post__copy_count",
    )[:MOST_TELLING]:
        if topic not in not_before or first_seen_at > not_before[topic]:
            post = Telling(*values)
            risks = [] if aim == Aim.RIVAL else about_us(post.risks, f"{title}\n{text}", words)
            found[topic].append(replace(post, risks=risks))
    return found


def about_us(risks: Sequence[dict[str, Any]], said: str, words: Sequence[str]) -> list[dict[str, Any]]:
    """The crisis terms that stand near a word of the watch; all of them where no word made it want the post."""
    if not risks or not words:
        return list(risks)
    near: list[dict[str, Any]] = []
    for item in (fold(part).text for part in _ITEMS.split(said)):
        ours = [place for word in words for place in _places(word, item)]
        found = (risk for risk in risks if any(_is_near(place, risk["term"], item) for place in ours))
        near += [risk for risk in found if risk not in near]
    return near


def _places(word: str, item: str) -> Iterator[tuple[int, int]]:
    at = item.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = item.find(word, at + 1)


def _is_near(place: tuple[int, int], term: str, item: str) -> bool:
    """Whether a term stands at most NEAR characters before or behind a place."""
    return term in item[max(0, place[0] - NEAR - len(term)) : place[1] + NEAR + len(term)]
