"""How a story travelled: a panel beside the story, a page by itself, and its relays as a spreadsheet."""

import csv
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts import clock
from accounts.requests import DeskRequest
from audit.export import csv_file, safe_cell
from audit.services import record
from opinion import coordination
from opinion.models import Topic
from opinion.permissions import require
from opinion.selectors.spread import RelayRow, TopicSpreadPage, spread_of
from opinion.services.spreading import LEAST, MOST_POSTS


@login_required
@require_GET
def topic_spread(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The panel for htmx, the same as a page for everybody else."""
    require(request.user, "see_spread")
    topic = get_object_or_404(Topic.everywhere.select_related("watch", "exercise"), uuid=uuid)
    page = spread_of(topic)
    context: dict[str, Any] = {
        "topic": topic,
        "exercise": topic.exercise,
        "page": page,
        "now": clock.now(topic.exercise),
        "is_alone": topic.size < LEAST,
        "chart": chart_of(page) if page else None,
        "most_posts": MOST_POSTS,
        "rule": coordination,
        "window_minutes": coordination.WINDOW // timedelta(minutes=1),
        "young_days": coordination.YOUNG.days,
        "shares": shares_of(page) if page else [],
        "unread": len(page.made.bursts) - SHOWN if page else 0,
        "bursts": page.made.bursts[:SHOWN] if page else [],
    }
    return render(request, "opinion/spread.html#panel" if request.htmx else "opinion/spread.html", context)


SHOWN = 5  # bursts, the largest first
MADE = {
    "organic": gettext_lazy("organic"),
    "coordinated": gettext_lazy("in arranged bursts"),
    "unknown": gettext_lazy("unknown: nothing is told of the account"),
}


def shares_of(page: TopicSpreadPage) -> list[dict[str, Any]]:
    """The three shares as bars."""
    return [
        {"label": MADE[name], "posts": getattr(page.made, name), "share": share, "percent": round(share * 100)}
        for name, share in page.made.shares.items()
    ]


def chart_of(page: TopicSpreadPage) -> dict[str, Any]:
    """The cumulative curve as a line, and it in words."""
    labels = [label_of(at, page) for at in page.starts]
    steps = _("by the hour") if page.step_hours == 1 else _("in steps of %(hours)d hours") % {"hours": page.step_hours}
    return {
        "data": {"labels": labels, "series": [{"name": _("Posts so far"), "tone": "accent", "values": page.totals}]},
        "label": _("%(n)d posts by %(when)s, counted up") % {"n": page.totals[-1], "when": labels[-1]},
        "step": steps,
    }


def label_of(at: datetime, page: TopicSpreadPage) -> str:
    """Each point's own name: the time alone within a day, else with its date."""
    local = timezone.localtime(at)
    within_a_day = timezone.localtime(page.starts[0]).date() == timezone.localtime(page.starts[-1]).date()
    return f"{local:%H:%M}" if within_a_day else f"{local:%m-%d %H:%M}"


@login_required
@require_GET
def relays_csv(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The relays as a spreadsheet; leaves an audit entry, since it leaves the desk. Unknown figures stay empty."""
    require(request.user, "see_spread")
    topic = get_object_or_404(Topic.everywhere, uuid=uuid)
    page = spread_of(topic)
    rows = page.relays if page else []
    response = csv_file("relays", timezone.now())
    writer = csv.writer(response)
    writer.writerow(
        [
            _("Rank"),
            _("Time"),
            _("Platform"),
            _("Author"),
            _("Followers"),
            _("Interactions"),
            _("Rise"),
            _("Reposts of it"),
            _("Post"),
            _("Address"),
            _("Data as of"),
        ]
    )
    for place, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in cells_of(place, row, page)])
    with transaction.atomic():
        record("opinion.relays_exported", actor=request.user, subject=f"topic:{topic.uuid}", detail={"rows": len(rows)})
    return response


def cells_of(place: int, row: RelayRow, page: TopicSpreadPage | None) -> list[str]:
    post, numbers = row.post, (row.followers, row.interactions, row.rise, row.copies)
    return [
        str(place),
        f"{timezone.localtime(post.published_at):%Y-%m-%d %H:%M:%S}" if post else "",
        post.said_on if post else "",
        post.author if post else "",
        *("" if number is None else str(number) for number in numbers),
        post.words.replace("\n", " ")[:200] if post else "",
        post.url if post else "",
        f"{timezone.localtime(page.as_of):%Y-%m-%d %H:%M}" if page else "",
    ]
