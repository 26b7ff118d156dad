"""The charts and words of the trend page: figures in, what the chart tag and the template take out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from opinion.models import Sentiment, Watch
from opinion.selectors.trends import HOUR, Point, Stretch, Totals
from opinion.trends import DAY_HOURS, Usual, shade, week_table

TONES = ("accent", "drill", "focus", "ink", "neg", "neu")  # of lines side by side, each with its own stroke
MOST_LINES = len(TONES)


# --- the way to the posts --------------------------------------------------------------------------------------------
def link_to(watch: Watch, **filters: str) -> str:
    """The search that finds the posts of a watch, reposts included: every one that was counted. No time in it yet."""
    return f"{reverse('search')}?{urlencode({'watch': watch.uuid, 'copies': 1, **filters})}"


def between(link: str, since: datetime, until: datetime) -> str:
    """The same, half-open between two times."""
    return f"{link}&{urlencode({'since': exact(since), 'until': exact(until)})}"


def exact(time: datetime) -> str:
    return localtime(time).isoformat(timespec="seconds")


# --- words -----------------------------------------------------------------------------------------------------------
def point_name(time: datetime, stretch: Stretch) -> str:
    """A point in a word: its day, or when it begins."""
    local = localtime(time)
    if stretch.span.hours == DAY_HOURS:
        return date_format(local, pgettext("date format, day", "j M"))
    if local.date() == localtime(stretch.until).date():
        return date_format(local, "H:i")
    return date_format(local, pgettext("date format, this year", "j M H:i"))


def names(points: Sequence[Point], stretch: Stretch) -> list[str]:
    """What stands under a chart; the point that is not over says so."""
    said = [point_name(point.since, stretch) for point in points]
    if points and not points[-1].is_over:
        said[-1] = _("%(time)s, so far") % {"time": said[-1]}
    return said


def usual_words(usual: Usual) -> str:
    return f"{usual.low}–{usual.high}" if usual.high > usual.low else str(usual.high)


def change_words(total: Totals) -> str:
    """Against the period before: "+25%"; a first time is no percentage."""
    if total.change is None:
        return _("none before")
    return f"{total.change * 100:+.0f}%".replace("-", "−")


# --- charts ----------------------------------------------------------------------------------------------------------
def volume_chart(watch: Watch, points: Sequence[Point], stretch: Stretch) -> dict[str, Any]:
    """Posts of one watch in the band of what is usual, with the line from which they are not."""
    band = [point.usual for point in points]
    chart = _chart(points, stretch) | {
        "series": [_line(_("Posts"), "accent", [point.posts for point in points], link_to(watch))],
    }
    if any(band):
        middle = [f"{usual.median:g}" if usual else None for usual in band]
        values = [usual.median if usual else None for usual in band]
        chart["series"].append({"name": _("Median (7 days)"), "tone": "ink", "values": values, "words": middle})
        chart["band"] = {
            "name": _("Usual (7 days)"),
            "low": [usual.low if usual else None for usual in band],
            "high": [usual.high if usual else None for usual in band],
        }
        chart["threshold"] = {
            "name": _("Unusual from"),
            "values": [usual.threshold if usual else None for usual in band],
        }
    return chart


def lines_chart(
    watches: Sequence[Watch], curves: Mapping[int, Sequence[Point]], stretch: Stretch
) -> dict[str, Any] | None:
    """Posts of the loudest watches side by side; None without a watch."""
    loudest = sorted(watches, key=lambda watch: -sum(point.posts for point in curves[watch.pk]))[:MOST_LINES]
    if not loudest:
        return None
    lines = [
        _line(watch.name, tone, [point.posts for point in curves[watch.pk]], link_to(watch))
        for watch, tone in zip(loudest, TONES, strict=False)
    ]
    return _chart(curves[loudest[0].pk], stretch) | {"series": lines, "legend": True}


def sentiment_chart(watch: Watch, points: Sequence[Point], stretch: Stretch) -> dict[str, Any]:
    return _chart(points, stretch) | {
        "series": [
            _line(
                str(Sentiment(code).label),
                code,
                [getattr(point, code) for point in points],
                link_to(watch, sentiment=code),
            )
            for code in Sentiment.values
        ]
    }


def share_chart(watch: Watch, points: Sequence[Point], stretch: Stretch) -> dict[str, Any]:
    """The negative share in per cent; its points lead to the negative posts, the number of all stands beside them."""
    shares = [point.negative_share for point in points]
    share = _line(
        _("Negative share"),
        "neg",
        [None if share is None else round(share * 100) for share in shares],
        link_to(watch, sentiment=Sentiment.NEG.value),
    )
    share["words"] = [
        None
        if share is None
        else _("%(share)s%%, %(negative)d of %(posts)d")
        % {"share": round(share * 100), "negative": point.neg, "posts": point.posts}
        for share, point in zip(shares, points, strict=True)
    ]
    return _chart(points, stretch) | {"series": [share], "unit": "%"}


def _chart(points: Sequence[Point], stretch: Stretch) -> dict[str, Any]:
    edges = [point.since for point in points] + [point.until for point in points[-1:]]
    return {
        "labels": names(points, stretch),
        "edges": [exact(edge) for edge in edges],
        "open_end": not points[-1].is_over,
    }


def _line(name: str, tone: str, values: Sequence[int | None], link: str) -> dict[str, Any]:
    return {"name": name, "tone": tone, "values": list(values), "link": link}


# --- when posts come -------------------------------------------------------------------------------------------------
def week_rows(watch: Watch, hours: Mapping[datetime, int], *, is_one: bool) -> list[dict[str, Any]]:
    """The rows of the table of weekday and hour: name, sum, cells with how dark they are.

    is_one  of a single week a cell is one hour, so it leads to its posts; a sum over weeks has no such address
    """
    day_names = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    table, link = week_table(hours), link_to(watch)
    highest = max(max(row) for row in table)
    urls = {(hour.weekday(), hour.hour): between(link, hour, hour + HOUR) for hour in hours} if is_one else {}
    return [
        {
            "name": day_names[day],
            "posts": sum(row),
            "cells": [
                {"posts": posts, "shade": shade(posts, highest), "url": urls.get((day, hour), "") if posts else ""}
                for hour, posts in enumerate(row)
            ],
        }
        for day, row in enumerate(table)
    ]
