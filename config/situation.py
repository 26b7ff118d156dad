"""What the first page says: whose turn it is, what is open, how loud it is, and whether we are listening."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from incidents import figures
from incidents.levels import OPEN_STAGES
from incidents.selectors.approvals import approvals_waiting
from incidents.selectors.lists import incidents_for_list
from incidents.views.listing import row_of
from monitoring import selectors as monitoring
from monitoring.permissions import may as may_listen
from opinion.models import Sentiment
from opinion.permissions import may
from opinion.selectors.curves import Curve, curve

HOURS = 24
DAYS_BEFORE = 7
SHOWN = 8


def situation(user: User, now: datetime) -> dict[str, Any]:
    """The page's context for this person; parts they may not see are absent. A fixed number of queries."""
    incidents = list(incidents_for_list(user).filter(stage__in=OPEN_STAGES))
    lines = figures.sparklines(incidents, now)
    rows = sorted((row_of(incident, lines[incident.pk], now) for incident in incidents), key=time_left)
    found: dict[str, Any] = {
        "approvals": approvals_waiting(user),
        "rows": rows[:SHOWN],
        "open_count": len(incidents),
        "late_count": sum(row["is_late"] for row in rows),
        "coverage": monitoring.coverage_today(now),
        "night": monitoring.gaps_of_last_night(now),
        "sees_sources": may_listen(user, "see_sources"),
    }
    if may_listen(user, "see_duty"):
        found |= duty(user, now)
    if may(user, "see_posts"):
        week = curve(until=now, hours=HOURS * (DAYS_BEFORE + 1))
        found |= volume(week) | {
            "waiting_count": monitoring.waiting_count(user),
            "signals": monitoring.newest_signals(),
        }
    return found


def duty(user: User, now: datetime) -> dict[str, Any]:
    """Who is on duty now, and, for those who are, what the shift before left them."""
    people = monitoring.on_duty(now)
    mine = user.pk in {person.pk for person in people}
    handover = monitoring.handover_before(timezone.localdate(now)) if mine else None
    return {"on_duty": people, "is_on_duty": mine, "handover": handover, "shows_duty": True}


def time_left(row: dict[str, Any]) -> timedelta:
    """The most pressing first; what has no running clock comes last."""
    return timedelta.max if row["left"] is None else row["left"]


def volume(week: Curve) -> dict[str, Any]:
    """The last day's curve as a chart, with its sum and negative share against the mean of the seven days before."""
    totals = week.total
    today, before = sum(totals[-HOURS:]), totals[:-HOURS]
    negative_today, negative_before = sum(week.neg[-HOURS:]), sum(week.neg[:-HOURS])
    mean_before = sum(before) / DAYS_BEFORE
    labels = [hour_label(hour) for hour in week.hours[-HOURS:]]
    return {
        "posts_today": today,
        "times_usual": today / mean_before if mean_before else None,
        "negative_share": negative_today / today if today else None,
        "negative_share_before": negative_before / sum(before) if sum(before) else None,
        "chart": {
            "labels": labels,
            "series": [
                series(Sentiment.NEG, week.neg[-HOURS:]),
                series(Sentiment.NEU, week.neu[-HOURS:]),
                series(Sentiment.POS, week.pos[-HOURS:]),
            ],
        },
        "chart_label": _("%(n)d posts in the last 24 hours, %(neg)d of them negative")
        % {"n": today, "neg": negative_today},
    }


def series(tone: Sentiment, values: Sequence[int]) -> dict[str, Any]:
    return {"name": str(tone.label), "tone": tone.value, "values": list(values)}


def hour_label(hour: datetime) -> str:
    return f"{timezone.localtime(hour):%d %H:%M}"
