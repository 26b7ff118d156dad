"""Signals: raised and grown from what was heard, and judged by people.

One open signal for each story. It grows while the story does, its suggestion never falls, and it names the numbers and
the posts that raised it; those posts are held from then on. Once judged, a story is left alone for a day unless it gets
worse than what was judged.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import TEAM, Role
from accounts.versions import Stale
from audit import services as audit
from monitoring import thresholds
from monitoring.models import Signal, SignalGrowth, Verdict
from monitoring.permissions import require
from monitoring.reasons import as_reason, sentence
from monitoring.selectors.stories import facts_of
from monitoring.thresholds import Facts, Finding
from notices.models import Urgency
from notices.services import notify
from opinion.models import Match, Post, Topic
from opinion.services.triage import wake

logger = logging.getLogger(__name__)

AT_ONCE, MOST_ROUNDS = 200, 20  # topics looked at in one go, and how often in one call
CITED = 20  # posts a signal names at each step, at most
TOO_OLD = timedelta(hours=48)  # a story whose newest post is older was over before we heard of it
QUIET_AFTER_VERDICT = timedelta(hours=24)
URGENCY = {
    thresholds.ATTENTION: Urgency.CALM,
    thresholds.LEVEL_3: Urgency.SOON,
    thresholds.LEVEL_2: Urgency.SOON,
    thresholds.LEVEL_1: Urgency.NOW,
}


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
    topics = list(changed.select_related("watch").order_by("changed_at", "pk")[:AT_ONCE])
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
    verdict = thresholds.suggestion(findings, facts)
    signal = None
    try:
        with transaction.atomic():
            if is_open and last is not None:
                signal = _grow(last, findings, verdict, now, exercise)
            elif findings and now - topic.last_at <= TOO_OLD and not _is_settled(last, verdict, now):
                signal = _open(topic, findings, verdict, now, exercise)
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


def _open(topic: Topic, findings: Sequence[Finding], verdict: str, now: datetime, exercise: Exercise | None) -> Signal:
    reasons = _reasons(findings)
    signal = Signal.everywhere.create(
        watch=topic.watch,
        topic=topic,
        kind=findings[0].kind,
        opened_at=now,
        grown_at=now,
        suggestion=verdict,
        reasons=reasons,
        exercise=exercise,
    )
    _write_step(signal, findings, now)
    _tell(signal, topic, exercise)
    return signal


def _grow(
    signal: Signal, findings: Sequence[Finding], verdict: str, now: datetime, exercise: Exercise | None
) -> Signal | None:
    """Write down that a story got bigger or worse; None where it did not. Raises Stale if it was judged meanwhile."""
    raised = thresholds.worse(verdict, signal.suggestion)
    if not raised and not _is_news(signal.reasons, findings):
        return None
    before = {reason["kind"]: reason for reason in signal.reasons}
    reasons = list({**before, **{reason["kind"]: reason for reason in _reasons(findings)}}.values())
    values = {"grown_at": now, "reasons": reasons, "suggestion": verdict if raised else signal.suggestion}
    current = Signal.everywhere.filter(pk=signal.pk, version=signal.version, closed_at__isnull=True)
    if current.update(**values, version=F("version") + 1) != 1:
        raise Stale(signal)
    signal.refresh_from_db()
    _write_step(signal, findings, now)
    if raised:
        _tell(signal, signal.topic, exercise, raised=True)
    return signal


def _is_news(reasons: Sequence[dict[str, Any]], findings: Sequence[Finding]) -> bool:
    """A kind of reason that was not there, a new risk word, or twice the posts."""
    before = {reason["kind"]: reason["numbers"] for reason in reasons}
    for finding in findings:
        old = before.get(finding.kind)
        if old is None or finding.numbers["posts"] >= 2 * old["posts"]:
            return True
        if not set(finding.numbers.get("terms", ())) <= set(old.get("terms", ())):
            return True
    return False


def _reasons(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    with translation.override(settings.LANGUAGE_CODE):
        return [as_reason(finding) for finding in findings]


def _write_step(signal: Signal, findings: Sequence[Finding], now: datetime) -> None:
    """The step in the signal's history, the posts it cites, held from now on, and snoozed ones back to the inbox."""
    SignalGrowth.objects.create(signal=signal, at=now, suggestion=signal.suggestion, reasons=_reasons(findings))
    named = list(dict.fromkeys(post for finding in findings for post in finding.posts))[:CITED]
    members = Match.objects.filter(topic=signal.topic_id, post__original__isnull=True).order_by("-published_at", "-pk")
    newest = members.values_list("post", flat=True)[:CITED]
    cited = list(dict.fromkeys([*named, *newest]))[:CITED]
    signal.posts.add(*cited)
    Post.everywhere.filter(pk__in=cited, is_held=False).update(is_held=True)
    wake(Post.everywhere.filter(matches__topic=signal.topic_id, triaged_at__lt=now))


def _tell(signal: Signal, topic: Topic, exercise: Exercise | None, *, raised: bool = False) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        words = {"watch": topic.watch.name, "verdict": Verdict(signal.suggestion).label}
        subject = _("Signal raised to %(verdict)s: %(watch)s") if raised else _("New signal, %(verdict)s: %(watch)s")
        notify(
            User.objects.holding(Role.MONITOR, *TEAM),
            event="monitoring.signal_raised",
            subject=subject % words,
            body="\n".join([topic.title, *(sentence(reason["kind"], reason["numbers"]) for reason in signal.reasons)]),
            url=reverse("monitoring:signal", args=[signal.uuid]),
            urgency=URGENCY[signal.suggestion],
            exercise=exercise,
        )


# --- what people make of it ------------------------------------------------------------------------------------------
@transaction.atomic
def judge(signal: Signal, *, actor: User, now: datetime, is_useful: bool, verdict: str = "") -> Signal:
    """Close a signal as useful, with a verdict, or as a false alarm. Raises Stale if it grew or was judged before."""
    require(actor, "judge_signal", signal)
    values = {
        "is_useful": is_useful,
        "verdict": verdict if is_useful else "",
        "closed_at": now,
        "closed_by": actor,
    }
    _change(signal, values, was_open=True)
    detail = {"is_useful": is_useful, "verdict": signal.verdict, "suggestion": signal.suggestion}
    audit.record("monitoring.signal_judged", actor=actor, subject=f"signal:{signal.uuid}", detail=detail)
    return signal


@transaction.atomic
def take_back(signal: Signal, *, actor: User) -> Signal:
    """Undo a judgement: the signal is open again. Raises Stale where the story has another one, or none was judged."""
    require(actor, "judge_signal", signal)
    if signal.is_useful is None or Signal.everywhere.filter(topic=signal.topic_id, closed_at__isnull=True).exists():
        raise Stale(signal)
    _change(signal, {"is_useful": None, "verdict": "", "closed_at": None, "closed_by": None}, was_open=False)
    audit.record("monitoring.signal_judgement_taken_back", actor=actor, subject=f"signal:{signal.uuid}")
    return signal


def _change(signal: Signal, values: dict[str, Any], *, was_open: bool) -> None:
    current = Signal.everywhere.filter(pk=signal.pk, version=signal.version, closed_at__isnull=was_open)
    if current.update(**values, version=F("version") + 1) != 1:
        raise Stale(signal)
    for name, value in values.items():
        setattr(signal, name, value)
    signal.version += 1
