"""值班日志: what came in on a day, ready to be signed; once signed, the figures as they stood."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.roles import TEAM
from monitoring.duty.days import at, bounds, next_month, today
from monitoring.models import DutyLog, DutyShift, Signal, SignalKind, Verdict
from monitoring.selectors.coverage import as_gap, coverage_of
from monitoring.selectors.duty import on_duty_on, rule
from monitoring.selectors.sources import is_silent
from opinion.models import Post, Sentiment, Source, SourceClass, SourceHealth, Triage

NOON = time(12)
SIGNALS, PLATFORMS = 50, 12  # listed in a log, at most
TRIAGED = (Triage.ATTACHED, Triage.SNOOZED, Triage.IGNORED)


def due_at(day: date, due: time | None = None) -> datetime:
    """When the log of a day is due: on the day itself, or the morning after where the rule names a time before noon."""
    due = due or rule().log_due
    return at(day + timedelta(days=1) if due < NOON else day, due)


# --- figures ---------------------------------------------------------------------------------------------------------
def figures(day: date, now: datetime) -> dict[str, Any]:
    """What came in on a day until now, in codes and numbers that JSON can keep. A fixed number of queries."""
    since, until = bounds(day)
    until = min(until, now)
    return {
        "as_of": now.isoformat(),
        "posts": _posts(since, until),
        "evening": _since_the_last_log(since),
        "triaged": _triaged(since, until),
        "signals": _signals(since, until),
        "coverage": _coverage(day, now),
        "lines": [line for hook in hooks() for line in hook()],
    }


def hooks() -> list[Callable[[], list[dict[str, str]]]]:
    """`lines()` of the apps above, each a dict of kind, words, note and url."""
    return [import_string(name) for name in settings.DUTY_HOOKS]


def _posts(since: datetime, until: datetime) -> dict[str, Any]:
    ours = Post.objects.filter(first_seen_at__gte=since, first_seen_at__lt=until)
    ours = ours.exclude(triage__in=(Triage.RIVAL, Triage.UNDONE)).order_by()
    by: dict[str, Counter[str]] = {"class": Counter(), "platform": Counter(), "sentiment": Counter()}
    for code, platform, sentiment, number in ours.values_list("source__source_class", "platform", "sentiment").annotate(
        Count("pk")
    ):
        by["class"][code] += number
        by["platform"][platform or "—"] += number
        by["sentiment"][sentiment] += number
    return {
        "total": by["sentiment"].total(),
        "class": {code: by["class"][code] for code in SourceClass.values},
        "sentiment": {code: by["sentiment"][code] for code in Sentiment.values},
        "platform": by["platform"].most_common(PLATFORMS),
    }


def _since_the_last_log(midnight: datetime) -> int:
    """Posts of the evening before that came after its log was signed, so that no hour falls between two logs."""
    before = today(midnight) - timedelta(days=1)
    log = DutyLog.objects.filter(day=before, signed_at__isnull=False, signed_at__lt=midnight).first()
    if log is None or log.signed_at is None:
        return 0
    late = Post.objects.filter(first_seen_at__gte=log.signed_at, first_seen_at__lt=midnight)
    return late.exclude(triage__in=(Triage.RIVAL, Triage.UNDONE)).count()


def _triaged(since: datetime, until: datetime) -> dict[str, int]:
    sorted_ones = Post.objects.filter(triaged_at__gte=since, triaged_at__lt=until).order_by()
    counts = dict(sorted_ones.values_list("triage").annotate(Count("pk")))
    return {code.value: counts.get(code.value, 0) for code in TRIAGED}


def _signals(since: datetime, until: datetime) -> dict[str, Any]:
    raised, closed = Q(opened_at__gte=since, opened_at__lt=until), Q(closed_at__gte=since, closed_at__lt=until)
    judged = closed & Q(is_useful__isnull=False)  # the others went on in another
    found = Signal.objects.filter(raised | closed).select_related("topic", "watch").order_by("opened_at")
    counts = Signal.objects.aggregate(
        raised=Count("pk", filter=raised), judged=Count("pk", filter=judged), open=Count("pk", filter=Q(closed_at=None))
    )
    return {
        **counts,
        "rows": [
            {
                "uuid": str(signal.uuid),
                "title": signal.topic.title,
                "watch": signal.watch.name,
                "kind": signal.kind,
                "suggestion": signal.suggestion,
                "verdict": signal.verdict,
                "is_useful": signal.is_useful,
                "is_open": signal.closed_at is None,
            }
            for signal in found[:SIGNALS]
        ],
    }


def _coverage(day: date, now: datetime) -> list[dict[str, Any]]:
    """The three classes: what was asked and heard, the gaps, and, of today, which sources are in trouble now."""
    troubled: dict[str, list[dict[str, Any]]] = {code: [] for code in SourceClass.values}
    listening: Counter[str] = Counter()
    enabled: Counter[str] = Counter()
    if day == today(now):
        for source in Source.objects.filter(Q(is_enabled=True) | Q(health=SourceHealth.GONE)).order_by("name"):
            enabled[source.source_class] += 1
            if is_silent(source) or not SourceHealth(source.health).listening:
                since = source.health_since or source.last_good_at
                troubled[source.source_class].append(
                    {
                        "uuid": str(source.uuid),
                        "name": source.name,
                        "health": source.health,
                        "since": since.isoformat() if since else None,
                    }
                )
            else:
                listening[source.source_class] += 1
    return [
        {
            "code": cell.code,
            "sources": enabled[cell.code] or (cell.row.sources if cell.row else 0),
            "asked": cell.row.sources if cell.row else None,  # what is pushed to us is not asked
            "listening": listening[cell.code] if day == today(now) else None,
            "polls_ok": cell.row.polls_ok if cell.row else None,
            "polls_failed": cell.row.polls_failed if cell.row else None,
            "troubled": troubled[cell.code],
            "gaps": cell.row.gaps if cell.row else [],
        }
        for cell in coverage_of(day)
    ]


# --- figures in words ------------------------------------------------------------------------------------------------
def shown(kept: dict[str, Any]) -> dict[str, Any]:
    """Kept figures with the words of whoever reads them."""
    posts, signals = kept["posts"], kept["signals"]
    return {
        "as_of": datetime.fromisoformat(kept["as_of"]),
        "total": posts["total"],
        "evening": kept["evening"],
        "classes": [(SourceClass(code).label, number) for code, number in posts["class"].items()],
        "sentiments": [(code, Sentiment(code).label, number) for code, number in posts["sentiment"].items()],
        "platforms": posts["platform"],
        "triaged": [(Triage(code).label, number) for code, number in kept["triaged"].items()],
        "triaged_total": sum(kept["triaged"].values()),
        "signals": {
            **signals,
            "rows": [
                {
                    **row,
                    "kind": SignalKind(row["kind"]).label,
                    "suggestion_label": Verdict(row["suggestion"]).label if row["suggestion"] else "",
                    "verdict_label": Verdict(row["verdict"]).label if row["verdict"] else "",
                }
                for row in signals["rows"]
            ],
        },
        "coverage": [
            {
                **one,
                "label": SourceClass(one["code"]).label,
                "gaps": [as_gap(gap) for gap in one["gaps"]],
                "troubled": [
                    {
                        **source,
                        "health": SourceHealth(source["health"]).label,
                        "since": datetime.fromisoformat(source["since"]) if source["since"] else None,
                    }
                    for source in one["troubled"]
                ],
            }
            for one in kept["coverage"]
        ],
        "lines": kept["lines"],
    }


# --- who signs, and what is missing ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Signing:
    """Whether somebody may sign the log of a day, and instead of whom ("" where it is theirs to sign)."""

    allowed: bool
    instead_of: str = ""


def signing(person: User, day: date) -> Signing:
    """The person on duty signs. Where somebody else is on duty, only the working group may, and it is said."""
    rostered = on_duty_on(day)
    if not rostered or person.pk in {one.pk for one in rostered}:
        return Signing(True)
    return Signing(person.holds(*TEAM), "、".join(str(one) for one in rostered)[:200])


def first_day(now: datetime) -> date:
    """Since when there are logs to be signed: the first shift or log of the desk; today where there is none."""
    shift = DutyShift.objects.aggregate(first=Min("starts_at"))["first"]
    log = DutyLog.objects.aggregate(first=Min("day"))["first"]
    return min(day for day in (log, today(shift) if shift else None, today(now)) if day)


@dataclass(frozen=True, slots=True)
class LogDay:
    """A day of the list. log None: nobody has touched it. state: signed, late, waiting (not due yet), missing"""

    day: date
    log: DutyLog | None
    state: str


STATES = ("missing", "late")


def log_days(month: date, now: datetime, state: str = "") -> list[LogDay]:
    """The days of a month, newest first, until today; all of them, or those in a state. A fixed number of queries."""
    first, last = max(month, first_day(now)), min(next_month(month) - timedelta(days=1), today(now))
    logs = {log.day: log for log in DutyLog.objects.filter(day__gte=first, day__lte=last).select_related("signed_by")}
    due = rule().log_due
    days = [last - timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [LogDay(day, logs.get(day), _state(logs.get(day), due_at(day, due), now)) for day in days]
    return [row for row in rows if not state or row.state == state]


def _state(log: DutyLog | None, due: datetime, now: datetime) -> str:
    if log and log.signed_at:
        return "late" if log.is_late else "signed"
    return "missing" if now >= due else "waiting"


def handover_before(day: date) -> DutyLog | None:
    """The last signed log before a day, if it says something to who comes next."""
    log = DutyLog.objects.filter(day__lt=day, signed_at__isnull=False).select_related("signed_by").first()
    return log if log and log.handover else None
