"""Signals: raised and grown from what was heard, and judged by people.

One open signal for each story. It grows while the story does, its suggestion never falls, and it names the numbers and
the posts that raised it; those posts are held from then on, and kept as they stood. Once judged, a story is left alone
for a day unless it gets worse than what was judged. An affair that calmed down and comes back has a new signal, which
links to the one before.

So that people can sleep, not every story has a signal of its own. What is for attention only joins the open signal of
its watch for a week; what would be the third new signal of a watch in a day joins the newest open one, and raises it.
Nothing is swallowed: where no signal is open to join, there is a new one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import SIGNING_LEADERS, TEAM, Role
from accounts.selectors import people_with
from accounts.versions import Stale
from audit import services as audit
from monitoring.models import Signal, SignalGrowth, Verdict
from monitoring.permissions import require
from monitoring.selectors.stories import facts_of
from monitoring.signals import thresholds
from monitoring.signals.keeping import fingerprint
from monitoring.signals.reasons import as_reason, in_words
from monitoring.signals.thresholds import Facts, Finding
from notices.models import Urgency
from notices.services import notify, stand_down
from opinion.grouping import likeness
from opinion.models import Match, Post, Topic
from opinion.services.triage import tell_apps_above, wake

logger = logging.getLogger(__name__)

AT_ONCE, MOST_ROUNDS = 200, 20  # topics looked at in one go, and how often in one call
CITED = 20  # posts a signal names at each step, at most
TOO_OLD = timedelta(hours=48)  # a story whose newest post is older was over before we heard of it
QUIET_AFTER_VERDICT = timedelta(hours=24)
KEPT_NUMBERS = ("reposts", "comments", "likes", "reads", "heat", "rank")
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
MOST_A_DAY = 2  # new signals of a watch
LEVELS = (thresholds.LEVEL_3, thresholds.LEVEL_2, thresholds.LEVEL_1)
AFFAIR_WITHIN = timedelta(days=30)
AFFAIR_ALIKE = 0.15  # cosine of two stories of one affair
URGENCY = {
    thresholds.ATTENTION: Urgency.CALM,
    thresholds.LEVEL_3: Urgency.SOON,
    thresholds.LEVEL_2: Urgency.SOON,
    thresholds.LEVEL_1: Urgency.NOW,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a story saw."""

    topic: Topic
    facts: Facts
    findings: Sequence[Finding]
    verdict: str
    now: datetime


def raise_signals(now: datetime, exercise: Exercise | None = None) -> list[Signal]:
    """Look at every story that posts have come into since the last look; open and grow signals. Returns those touched.

    May run twice at once, or die and run again: a story is done with only when what it raised is written.
    """
    touched = []
    for _round in range(MOST_ROUNDS):
        stories = _changed(exercise)
        for topic, facts, last in stories:
            signal = _look_at(topic, facts, last, now, exercise)
            if signal is not None:
                touched.append(signal)
        if len(stories) < AT_ONCE:
            break
    return touched


def _changed(exercise: Exercise | None) -> list[tuple[Topic, Facts, Signal | None]]:
    """Stories to look at, with their facts and their latest signal, open or judged. What rivals suffer raises none."""
    changed = Topic.everywhere.filter(
        exercise=exercise, changed_at__isnull=False, merged_into__isnull=True, watch__is_rival=False
    )
    topics = list(changed.select_related("watch", "exercise").order_by("changed_at", "pk")[:AT_ONCE])
    last = {
        signal.topic_id: signal for signal in Signal.everywhere.filter(topic__in=topics).order_by("opened_at", "pk")
    }
    judged = {topic: signal.closed_at for topic, signal in last.items() if signal.closed_at}
    facts = facts_of(topics, exercise=exercise, not_before=judged)
    return [(topic, facts[topic.pk], last.get(topic.pk)) for topic in topics]


def _look_at(
    topic: Topic, facts: Facts, last: Signal | None, now: datetime, exercise: Exercise | None
) -> Signal | None:
    known = {term for reason in last.reasons if last for term in reason["numbers"].get("terms", ())} if last else set()
    is_open = last is not None and last.closed_at is None
    findings = thresholds.find(facts, known_terms=() if is_open else known)
    seen = Seen(topic, facts, findings, thresholds.suggestion(findings, facts), now)
    signal = None
    try:
        with transaction.atomic():
            if is_open or (findings and now - topic.last_at <= TOO_OLD and not _is_settled(last, seen.verdict, now)):
                home = _home(seen, last)
                signal = _grow(home, seen) if home else _open(seen, last)
            # Only if nothing has come in meanwhile; otherwise the next look has more to go by.
            Topic.everywhere.filter(pk=topic.pk, changed_at=topic.changed_at).update(changed_at=None)
    except (IntegrityError, Stale):
        logger.info("signal written by another worker topic=%s", topic.pk)
        return None
    return signal


def _is_settled(last: Signal | None, verdict: str, now: datetime) -> bool:
    """Whether people have judged this story, lately, as no less than this."""
    if last is None or last.closed_at is None or now - last.closed_at > QUIET_AFTER_VERDICT:
        return False
    return not thresholds.worse(verdict, max(last.suggestion, last.verdict, key=lambda code: thresholds.RANKS[code]))


# --- whose signal it is ----------------------------------------------------------------------------------------------
def _home(seen: Seen, last: Signal | None) -> Signal | None:
    """The open signal a story belongs to: its own, or one of its watch it joins. None: it is to have a new one."""
    own = last if last is not None and last.closed_at is None else None
    wave = _wave_began(seen)
    if own is not None and (not seen.findings or own.opened_at > wave):
        return own
    of_watch = Signal.everywhere.filter(watch=seen.topic.watch_id)
    is_quiet = seen.verdict == thresholds.ATTENTION
    if is_quiet or of_watch.filter(opened_at__gt=seen.now - DAY).count() >= MOST_A_DAY:
        hosts = of_watch.filter(closed_at__isnull=True, opened_at__gt=max(wave, seen.now - WEEK))
        return hosts.order_by("-opened_at", "-pk").first()
    return None


def _wave_began(seen: Seen) -> datetime:
    """Signals opened by then belong to an affair that had calmed down before it came back; else a time long ago."""
    calm = thresholds.calm_days(seen.facts.days)
    affairs = Signal.everywhere.filter(watch=seen.topic.watch_id, opened_at__gt=seen.now - AFFAIR_WITHIN)
    if calm is not None:
        before = seen.now - (calm + 1) * DAY
        if affairs.filter(opened_at__lte=before, suggestion__in=LEVELS).exists():
            return before
    return datetime.min.replace(tzinfo=UTC)


def _wave_before(topic: Topic, last: Signal | None, now: datetime) -> Signal | None:
    """The last signal of this story, or of one of its watch that is about the same."""
    if last is not None:
        return last
    of_watch = Signal.everywhere.filter(watch=topic.watch_id, opened_at__gt=now - AFFAIR_WITHIN)
    for signal in of_watch.select_related("topic").order_by("-opened_at", "-pk"):
        if likeness(topic.terms, signal.topic.terms) >= AFFAIR_ALIKE:
            return signal
    return None


# --- opening and growing ---------------------------------------------------------------------------------------------
def _open(seen: Seen, last: Signal | None) -> Signal:
    topic, now = seen.topic, seen.now
    if last is not None and last.closed_at is None:  # its wave is over; whoever reads the new one finds it
        _change(last, {"closed_at": now}, was_open=True)
    signal = Signal.everywhere.create(
        watch=topic.watch,
        topic=topic,
        kind=seen.findings[0].kind,
        opened_at=now,
        grown_at=now,
        suggestion=seen.verdict,
        reasons=_reasons(seen.findings),
        previous=_wave_before(topic, last, now),
        exercise=topic.exercise,
    )
    _write_step(signal, seen)
    _tell(signal, topic)
    return signal


def _grow(signal: Signal, seen: Seen) -> Signal | None:
    """Write down that a story got bigger or worse; None where it did not. Raises Stale if it was judged meanwhile.

    A signal that was put aside comes back when its suggestion rises or its posts have doubled since.
    """
    raised = thresholds.worse(seen.verdict, signal.suggestion)
    heats_up = signal.snoozed_at is not None and (raised or _has_doubled(signal, signal.snoozed_at))
    reasons = _reasons(seen.findings, seen.topic if seen.topic.pk != signal.topic_id else None)
    before = {_key(reason): reason for reason in signal.reasons}
    rested = seen.now - signal.grown_at >= DAY
    is_news = any(_is_news(before.get(_key(reason)), reason, rested=rested) for reason in reasons)
    if not raised and not heats_up and not is_news:
        return None
    values: dict[str, Any] = {
        "grown_at": seen.now,
        "reasons": list({**before, **{_key(reason): reason for reason in reasons}}.values()),
        "suggestion": seen.verdict if raised else signal.suggestion,
    }
    if heats_up:
        values |= {"snoozed_at": None, "snoozed_by": None}
    _change(signal, values, was_open=True)
    _write_step(signal, seen)
    if raised or heats_up:
        _tell(signal, seen.topic, raised=raised)
    return signal


def _key(reason: dict[str, Any]) -> tuple[str, int | None]:
    return reason["kind"], reason.get("topic")


def _is_news(before: dict[str, Any] | None, reason: dict[str, Any], *, rested: bool) -> bool:
    """A kind of reason that was not there, a new risk word, twice the posts, or a burst after a day without any."""
    if before is None or (rested and reason["kind"] == thresholds.BURST):
        return True
    if reason["numbers"]["posts"] >= 2 * before["numbers"]["posts"]:
        return True
    return not set(reason["numbers"].get("terms", ())) <= set(before["numbers"].get("terms", ()))


def _has_doubled(signal: Signal, since: datetime) -> bool:
    posts = Match.objects.filter(topic=signal.topic_id)
    return posts.count() >= 2 * posts.filter(post__first_seen_at__lte=since).count()


def _reasons(findings: Sequence[Finding], joined: Topic | None = None) -> list[dict[str, Any]]:
    with translation.override(settings.LANGUAGE_CODE):
        return [as_reason(finding, joined) for finding in findings]


def _write_step(signal: Signal, seen: Seen) -> None:
    """The step in the signal's history, the posts it cites, held from now on, and snoozed ones back to the inbox."""
    named = list(dict.fromkeys(post for finding in seen.findings for post in finding.posts))[:CITED]
    members = Match.objects.filter(topic=seen.topic, post__original__isnull=True).order_by("-published_at", "-pk")
    newest = members.values_list("post", flat=True)[:CITED]
    cited = list(dict.fromkeys([*named, *newest]))[:CITED]
    kept = _kept(seen, cited)
    SignalGrowth.objects.create(
        signal=signal,
        at=seen.now,
        suggestion=signal.suggestion,
        reasons=_reasons(seen.findings, seen.topic if seen.topic.pk != signal.topic_id else None),
        kept=kept,
        kept_hash=fingerprint(kept),
    )
    signal.posts.add(*cited)
    Post.everywhere.filter(pk__in=cited, is_held=False).update(is_held=True)
    wake(Post.everywhere.filter(matches__topic=seen.topic, triaged_at__lt=seen.now))


def _kept(seen: Seen, cited: Sequence[int]) -> dict[str, Any]:
    """The counts and posts a step was made for, as they stand now. No account names: those have a time of their own."""
    facts = seen.facts
    posts = Post.everywhere.filter(pk__in=cited).select_related("source").order_by("published_at", "pk")
    return {
        "counts": {
            "posts": seen.topic.size,
            "six_hours": facts.recent,
            "day": facts.day_posts,
            "day_negative": facts.day_negative,
            "platforms": facts.platforms,
        },
        "posts": [
            {
                "uuid": str(post.uuid),
                "source": post.source.name,
                "platform": post.said_on,
                "title": post.title,
                "text": post.text,
                "url": post.url,
                "published_at": post.published_at.astimezone(UTC).isoformat(),
                "first_seen_at": post.first_seen_at.astimezone(UTC).isoformat(),
                "sentiment": post.sentiment,
                "copies": post.copy_count,
                **{name: getattr(post, name) for name in KEPT_NUMBERS},
            }
            for post in posts
        ],
    }


def _tell(signal: Signal, topic: Topic, *, raised: bool = False) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        words = {"watch": topic.watch.name, "verdict": Verdict(signal.suggestion).label}
        subject = _("New signal, %(verdict)s: %(watch)s")
        if raised:
            subject = _("Signal raised to %(verdict)s: %(watch)s")
        elif signal.growths.count() > 1:
            subject = _("Put aside and heating up, %(verdict)s: %(watch)s")
        notify(
            User.objects.holding(Role.MONITOR, *TEAM),
            event="monitoring.signal_raised",
            subject=subject % words,
            body="\n".join([topic.title, *(in_words(reason) for reason in signal.reasons)]),
            url=reverse("monitoring:signal", args=[signal.uuid]),
            urgency=URGENCY[signal.suggestion],
            about=f"signal:{signal.uuid}",
            for_groups=True,  # what a signal says is public already
            acknowledge=signal.suggestion == thresholds.LEVEL_1,
            then=[*people_with(Role.TEAM_HEAD), *people_with(*SIGNING_LEADERS)],
            exercise=topic.exercise,
        )


# --- what people make of it ------------------------------------------------------------------------------------------
@transaction.atomic
def judge(signal: Signal, *, actor: User, now: datetime, is_useful: bool, verdict: str = "") -> Signal:
    """Close a signal as useful, with a verdict, or as a false alarm. Raises Stale if it grew or was judged before."""
    require(actor, "judge_signal", signal)
    if not is_useful or verdict == Verdict.ATTENTION:
        tell_apps_above(signal, is_ignored=True, actor=actor, now=now)
    values = {
        "is_useful": is_useful,
        "verdict": verdict if is_useful else "",
        "closed_at": now,
        "closed_by": actor,
    }
    _change(signal, values, was_open=True)
    stand_down(reverse("monitoring:signal", args=[signal.uuid]), now, by=actor)
    detail = {"is_useful": is_useful, "verdict": signal.verdict, "suggestion": signal.suggestion}
    audit.record("monitoring.signal_judged", actor=actor, subject=f"signal:{signal.uuid}", detail=detail)
    return signal


@transaction.atomic
def take_back(signal: Signal, *, actor: User, now: datetime) -> Signal:
    """Undo a judgement: the signal is open again. Raises Stale where the story has another one, or none was judged."""
    require(actor, "judge_signal", signal)
    if signal.is_useful is None or Signal.everywhere.filter(topic=signal.topic_id, closed_at__isnull=True).exists():
        raise Stale(signal)
    tell_apps_above(signal, is_ignored=False, actor=actor, now=now)
    _change(signal, {"is_useful": None, "verdict": "", "closed_at": None, "closed_by": None}, was_open=False)
    audit.record("monitoring.signal_judgement_taken_back", actor=actor, subject=f"signal:{signal.uuid}")
    return signal


@transaction.atomic
def snooze(signal: Signal, *, actor: User, now: datetime) -> Signal:
    """Put an open signal aside until it heats up. Raises Stale if it grew, was judged or put aside before."""
    require(actor, "judge_signal", signal)
    if signal.snoozed_at is not None:
        raise Stale(signal)
    _change(signal, {"snoozed_at": now, "snoozed_by": actor}, was_open=True)
    audit.record("monitoring.signal_snoozed", actor=actor, subject=f"signal:{signal.uuid}")
    return signal


@transaction.atomic
def unsnooze(signal: Signal, *, actor: User, now: datetime) -> Signal:
    """Bring it back. Raises Stale where it came back by itself, or was judged."""
    require(actor, "judge_signal", signal)
    if signal.snoozed_at is None:
        raise Stale(signal)
    _change(signal, {"snoozed_at": None, "snoozed_by": None}, was_open=True)
    audit.record("monitoring.signal_unsnoozed", actor=actor, subject=f"signal:{signal.uuid}")
    return signal


def _change(signal: Signal, values: dict[str, Any], *, was_open: bool) -> None:
    current = Signal.everywhere.filter(pk=signal.pk, version=signal.version, closed_at__isnull=was_open)
    if current.update(**values, version=F("version") + 1) != 1:
        raise Stale(signal)
    for name, value in values.items():
        setattr(signal, name, value)
    signal.version += 1
