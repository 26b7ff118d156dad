"""趋势: how much is said, whether that is usual, by whom it is said of us and of rivals, and in which words."""

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock
from accounts.requests import DeskRequest
from audit import services as audit
from audit.export import csv_file, safe_cell
from opinion import trends as rules
from opinion.forms import TrendsForm
from opinion.models import Sentiment, Watch
from opinion.permissions import may, require
from opinion.selectors import trends as selectors
from opinion.selectors.trends import Point, Stretch, Totals, Watched
from opinion.trends import SPANS, Mover
from opinion.views import trend_charts as charts

ALL = "all"


@login_required
def trends(request: DeskRequest) -> HttpResponse:
    """One watch, or all of ours side by side; the loudest of ours where none is named."""
    require(request.user, "see_trends")
    now = clock.now()
    form = TrendsForm(request.GET)
    if not form.is_valid():
        reason = _("There is no such range. Choose one of those on the page.")
        return render(request, "errors/400.html", {"reason": reason, "back_url": reverse("opinion:trends")}, status=400)
    stretch = Stretch.up_to(now, SPANS[form.cleaned_data["range"]])
    rows = selectors.watched(stretch)
    totals = selectors.totals([row.watch for row in rows], stretch)
    chosen = chosen_watches(form.cleaned_data["watch"], rows, totals)
    context: dict[str, Any] = {
        "rows": rows,
        "spans": span_choices(),
        "stretch": stretch,
        "is_all": form.cleaned_data["watch"] == ALL,
        "last_heard_at": selectors.last_heard_at(),
        "may_edit": may(request.user, "edit_watches"),
        "now": now,
    }
    if chosen:
        context |= page_of(chosen, rows, totals, stretch)
    return render(request, "opinion/trends.html", context)


@login_required
def export_trends(request: DeskRequest) -> HttpResponse:
    """The points of the chosen watches and the rivals as a spreadsheet; leaves an audit entry."""
    require(request.user, "see_trends")
    now = clock.now()
    form = TrendsForm(request.GET)
    if not form.is_valid():
        raise Http404
    stretch = Stretch.up_to(now, SPANS[form.cleaned_data["range"]])
    rows = selectors.watched(stretch)
    totals = selectors.totals([row.watch for row in rows], stretch)
    shown = with_rivals(chosen_watches(form.cleaned_data["watch"], rows, totals), rows)
    response = csv_file("trends", now)
    writer = csv.writer(response)
    writer.writerow(csv_head())
    for row, points in zip(shown, selectors.curves(shown, stretch).values(), strict=True):
        writer.writerows([safe_cell(cell) for cell in csv_cells(row.watch, point)] for point in points)
    with transaction.atomic():
        detail = {"range": stretch.span.code, "watches": [row.watch.name for row in shown]}
        audit.record("opinion.trends_exported", actor=request.user, detail=detail)
    return response


# --- what was chosen -------------------------------------------------------------------------------------------------
def chosen_watches(asked: str, rows: Sequence[Watched], totals: dict[int, Totals]) -> list[Watched]:
    """The watch that was asked for, or all of ours; where none was, the loudest of ours. Raises Http404."""
    ours = [row for row in rows if not row.watch.is_rival]
    if asked == ALL:
        return ours
    if asked:
        found = [row for row in rows if str(row.watch.uuid) == asked]
        if not found:
            raise Http404
        return found
    return sorted(ours, key=lambda row: -totals[row.watch.pk].posts)[:1]


def with_rivals(chosen: Sequence[Watched], rows: Sequence[Watched]) -> list[Watched]:
    return [row for row in rows if row in chosen or row.watch.is_rival]


def span_choices() -> list[tuple[str, str]]:
    return [
        ("24h", _("24 hours, by hour")),
        ("7d", _("7 days, by 3 hours")),
        ("30d", _("30 days, by day")),
        ("90d", _("90 days, by day")),
    ]


# --- the page --------------------------------------------------------------------------------------------------------
def page_of(
    chosen: Sequence[Watched], rows: Sequence[Watched], totals: dict[int, Totals], stretch: Stretch
) -> dict[str, Any]:
    """Everything under the choice. The same number of queries for any choice of one watch, and for all of ours."""
    shown = with_rivals(chosen, rows)
    curves = selectors.curves(shown, stretch)
    ours, together = [row.watch for row in chosen], [row.watch for row in shown]
    context: dict[str, Any] = {
        "chosen": ours,
        "newest_hour": max((row.newest_hour for row in chosen if row.newest_hour), default=None),
        "unusual": unusual_points(ours, curves, stretch),
        "knows_usual": any(point.usual for watch in ours for point in curves[watch.pk]),
        "voices": voices(together, totals, stretch),
        "has_rivals": any(watch.is_rival for watch in together),
        "voice_chart": charts.lines_chart(together, curves, stretch),
        **words_of(ours, stretch),
    }
    if len(ours) == 1:
        return context | one_watch(ours[0], curves[ours[0].pk], totals[ours[0].pk], stretch)
    return context | {"lines": charts.lines_chart(ours, curves, stretch)}


def one_watch(watch: Watch, points: Sequence[Point], total: Totals, stretch: Stretch) -> dict[str, Any]:
    """What is only told of a single watch: its band, its sentiment, its platforms, its hours."""
    hours = selectors.week_hours(watch, stretch)
    weeks = selectors.weeks_of(stretch.span)
    return {
        "watch": watch,
        "sums": row_of(watch, total, None, stretch),
        "volume": charts.volume_chart(watch, points, stretch),
        "sentiments": charts.sentiment_chart(watch, points, stretch),
        "share": charts.share_chart(watch, points, stretch),
        "platforms": platform_rows(watch, stretch),
        "week": charts.week_rows(watch, hours, is_one=weeks == 1),
        "weeks": weeks,
        "hours": range(rules.DAY_HOURS),
    }


def unusual_points(watches: Sequence[Watch], curves: dict[int, list[Point]], stretch: Stretch) -> list[dict[str, Any]]:
    """The points above their threshold, the newest first."""
    found = [
        (point, watch)
        for watch in watches
        for point in curves[watch.pk]
        if point.usual is not None and point.is_unusual
    ]
    return [
        {
            "watch": watch,
            "name": charts.point_name(point.since, stretch),
            "point": point,
            "usual": charts.usual_words(point.usual) if point.usual else "",
            "url": charts.between(charts.link_to(watch), point.since, point.until),
        }
        for point, watch in sorted(found, key=lambda pair: pair[0].since, reverse=True)
    ]


def voices(watches: Sequence[Watch], totals: dict[int, Totals], stretch: Stretch) -> list[dict[str, Any]]:
    """Who is talked of how much: one row a watch, the loudest first."""
    shares = rules.shares({watch.pk: totals[watch.pk].posts for watch in watches})
    loudest = sorted(watches, key=lambda watch: -totals[watch.pk].posts)
    return [row_of(watch, totals[watch.pk], shares[watch.pk], stretch) | {"watch": watch} for watch in loudest]


def platform_rows(watch: Watch, stretch: Stretch) -> list[dict[str, Any]]:
    found = selectors.platforms(watch, stretch)
    shares = rules.shares({platform: total.posts for platform, total in found.items()})
    return [
        row_of(watch, total, shares[platform], stretch, platform=platform) | {"platform": platform}
        for platform, total in found.items()
    ]


def row_of(watch: Watch, total: Totals, share: float | None, stretch: Stretch, **filters: str) -> dict[str, Any]:
    """A row of figures, each with the address of its posts."""
    bad = {**filters, "sentiment": Sentiment.NEG.value}
    return {
        "total": total,
        "change": charts.change_words(total),
        "share": share,
        "url": charts.between(charts.link_to(watch, **filters), stretch.since, stretch.until),
        "before_url": charts.between(charts.link_to(watch, **filters), *stretch.before),
        "negative_url": charts.between(charts.link_to(watch, **bad), stretch.since, stretch.until),
    }


def words_of(watches: Sequence[Watch], stretch: Stretch) -> dict[str, Any]:
    found, names = selectors.words(watches, stretch), {watch.pk: watch for watch in watches}
    days = selectors.word_days(stretch)
    midnight = localtime(stretch.until - selectors.HOUR).replace(hour=0, minute=0)
    since = midnight - timedelta(days=days - 1)

    def row(watch: Watch, mover: Mover, since: datetime, until: datetime) -> dict[str, Any]:
        address = charts.between(charts.link_to(watch, q=f'"{mover.word}"'), since, until)
        share = rules.negative_share(mover.sums.negative, mover.sums.now)
        return {"watch": watch, "word": mover.word, "sums": mover.sums, "share": share, "url": address}

    return {
        "risen": [row(names[watch], mover, since, stretch.until) for watch, mover in found.risen],
        "fallen": [row(names[watch], mover, since - timedelta(days=days), since) for watch, mover in found.fallen],
        "words_compared": found.compared,
        "word_days": days,
        "fewest_for_word": rules.FEWEST_FOR_WORD,
    }


# --- the spreadsheet -------------------------------------------------------------------------------------------------
def csv_head() -> list[str]:
    sentiments = [str(label) for label in Sentiment.labels]
    usual = [_("usual, low"), _("usual, median"), _("usual, high"), _("unusual from")]
    return [
        _("Watch"),
        pgettext("period", "From"),
        pgettext("period", "Until"),
        _("Posts"),
        *sentiments,
        _("Negative share"),
        *usual,
        _("State"),
    ]


def csv_cells(watch: Watch, point: Point) -> list[str]:
    """What is unknown stays empty."""
    share, usual = point.negative_share, point.usual
    band = (usual.low, usual.median, usual.high, usual.threshold) if usual else ("",) * 4
    state = [_("unusual")] * point.is_unusual + [_("not over yet")] * (not point.is_over)
    return [
        watch.name,
        charts.exact(point.since),
        charts.exact(point.until),
        *(str(number) for number in (point.posts, point.neg, point.neu, point.pos)),
        "" if share is None else f"{share:.3f}",
        *(str(number) for number in band),
        ", ".join(state),
    ]
