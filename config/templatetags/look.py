"""Template tags for how things look: times, numbers, badges, sparklines, clocks and charts. They know no app."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide as lucide_icon

register = template.Library()

DAY = timedelta(days=1)
SOON_SHARE = 0.3  # a clock turns orange when less than this share of its time is left


# --- time ------------------------------------------------------------------------------------------------------------
def moment(when: datetime, now: datetime) -> str:
    """An absolute time in the company's zone, without the year when it is this year's."""
    local, today = timezone.localtime(when), timezone.localtime(now)
    if local.date() == today.date():
        return date_format(local, "H:i")
    if local.year == today.year:
        return date_format(local, pgettext("date format, this year", "j M H:i"))
    return date_format(local, pgettext("date format, other years", "j M Y H:i"))


def in_words(span: timedelta) -> str:
    """A span of time in its two largest units, at least one minute: "1 小时 20 分钟"."""
    minutes = max(int(abs(span).total_seconds() // 60), 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        words = [ngettext("%(n)d day", "%(n)d days", days) % {"n": days}]
        return " ".join(words + ([ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []))
    words = [ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
    if minutes:
        words.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(words)


def relative(when: datetime, now: datetime) -> str:
    """How long ago (or ahead) within a day, else the absolute time."""
    span = now - when
    if abs(span) >= DAY:
        return moment(when, now)
    if abs(span) < timedelta(minutes=1):
        return _("just now")
    hours, minutes = divmod(int(abs(span).total_seconds() // 60), 60)
    if span > timedelta(0):
        if hours:
            return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    return _("in %(span)s") % {"span": in_words(span)}


def time_element(when: datetime, words: str) -> SafeString:
    local = timezone.localtime(when)
    exact = date_format(local, pgettext("date format, exact", "l j F Y, H:i:s"))
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, words)


def now_of(context: template.Context, now: datetime | None) -> datetime:
    """The time to measure against: the one passed, the page's `now` (an exercise has its own), else the wall clock."""
    given = now or context.get("now")
    return given if isinstance(given, datetime) else timezone.now()


@register.simple_tag(takes_context=True)
def ago(context: template.Context, when: datetime | None, now: datetime | None = None) -> str | SafeString:
    """`{% ago post.published_at %}`: "12 分钟前" within a day, else the date; the exact time on hover."""
    return time_element(when, relative(when, now_of(context, now))) if when else "—"


@register.simple_tag(takes_context=True)
def at(context: template.Context, when: datetime | None, now: datetime | None = None) -> str | SafeString:
    """`{% at entry.happened_at %}`: the clock time today, else date and time; for timelines and records."""
    return time_element(when, moment(when, now_of(context, now))) if when else "—"


@register.filter
def duration(span: timedelta | None) -> str:
    """`{{ review.time_to_first_statement|duration }}`: "2 小时 33 分钟"; a dash for None."""
    return "—" if span is None else in_words(span)


@register.inclusion_tag("ui/clock.html", takes_context=True)
def clock(
    context: template.Context,
    label: str,
    due: datetime,
    started: datetime | None = None,
    done: datetime | None = None,
    note: str = "",
    now: datetime | None = None,
) -> dict[str, Any]:
    """A deadline in words with its bar. `started` makes the bar; without it only words. `done` stops the clock.

    State: kept (done in time), late (over, or done too late), soon (under 30 % left), or nothing.
    """
    present = done or now_of(context, now)
    left = due - present
    share = 1.0
    if started and due > started:
        share = min(max((present - started) / (due - started), 0.0), 1.0)
    state = "late" if left < timedelta(0) else "kept" if done else "soon" if started and 1 - share < SOON_SHARE else ""
    return {
        "label": label,
        "due": due,
        "note": note,
        "now": now_of(context, now),
        "state": state,
        "done": done,
        "span": in_words(left),
        "percent": round(share * 100) if started else None,
    }


# --- numbers ---------------------------------------------------------------------------------------------------------
UNITS = {"zh": [(10**8, "亿"), (10**4, "万")], "en": [(10**9, "B"), (10**6, "M"), (10**3, "K")]}


def short_number(number: float, language: str) -> str:
    """A number a reader takes in at a glance: three figures and a unit (1.86 万, 2,140 万, 18.6K)."""
    units = UNITS["zh" if language.startswith("zh") else "en"]
    for size, unit in units:
        if abs(number) >= size:
            value = number / size
            digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
            figure = f"{value:,.{digits}f}"
            figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
            return f"{figure} {unit}" if language.startswith("zh") else f"{figure}{unit}"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


@register.filter
def big(number: float | None) -> str | SafeString:
    """`{{ reach|big }}`: 万 and 亿 (K, M, B in English) with the exact value on hover; a dash for None."""
    if number is None:
        return "—"
    short, exact = short_number(number, get_language() or "zh-hans"), f"{number:,.0f}"
    if short == exact:
        return short
    return format_html('<data value="{}" title="{}">{}</data>', number, exact, short)


@register.filter
def percent(share: float | None) -> str:
    """`{{ negative_share|percent }}`: a share of 0 to 1 in whole per cent; a dash for None."""
    return "—" if share is None else f"{share * 100:.0f}%"


@register.filter
def points(change: float | None) -> str:
    """`{{ shift|points }}`: how far a share of 0 to 1 moved, in points with its sign; a dash for None."""
    return "—" if change is None else pgettext("points of a share", "%(n)+.0f pp") % {"n": change * 100}


# --- marks -----------------------------------------------------------------------------------------------------------
LEVEL_CLASSES = {1: "l1", 2: "l2", 3: "l3", "1": "l1", "2": "l2", "3": "l3", "attention": "l0"}


@register.simple_tag
def level(code: int | str | None, word: str, hint: bool = False, size: str = "") -> SafeString:
    """`{% level incident.level incident.get_level_display %}`: the badge; `hint=True` outlines a mere suggestion."""
    kind = LEVEL_CLASSES.get(code, "unset") if code is not None else "unset"
    more = " hint" * bool(hint) + f" {size}" * bool(size)
    return format_html('<span class="lv {}{}">{}</span>', kind, more, word)


@register.simple_tag
def sentiment(code: str, word: str, only: bool = False) -> SafeString:
    """`{% sentiment post.sentiment post.get_sentiment_display %}`: sign and word; `only=True` shows the sign alone."""
    return format_html('<span class="senti {}{}">{}</span>', code, " only" if only else "", word)


@register.simple_tag
@cache
def icon(name: str, size: int = 18) -> SafeString:
    """`{% icon "bell" %}`: a Lucide icon inline, hidden from screen readers; the words stand beside it."""
    return SafeString(lucide_icon(str(name), size=size, stroke_width="1.6", aria_hidden="true", focusable="false"))


@register.filter
def undo_url(message: Any) -> str:
    """The undo address a view hid in a message's extra tags ("undo:/inbox/12/restore/"), or nothing."""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("undo:"):
            return tag.removeprefix("undo:")
    return ""


# --- small pictures --------------------------------------------------------------------------------------------------
def spark_path(
    numbers: Sequence[float], width: int = 72, height: int = 20, margin: int = 2
) -> list[tuple[float, float]]:
    """Points of a line through the numbers, oldest left, largest at the top; a flat series runs along the middle."""
    low, high = min(numbers), max(numbers)
    step = width / max(len(numbers) - 1, 1)
    tall = height - 2 * margin

    def y(number: float) -> float:
        return height / 2 if high == low else margin + tall * (high - number) / (high - low)

    return [(round(i * step, 1), round(y(number), 1)) for i, number in enumerate(numbers)]


def trend(numbers: Sequence[float]) -> str:
    """rising, falling or steady: the mean of the last quarter against that of the first, with a tenth of slack."""
    quarter = max(len(numbers) // 4, 1)
    first, last = sum(numbers[:quarter]) / quarter, sum(numbers[-quarter:]) / quarter
    if last > first * 1.1 and last - first >= 1:
        return "rising"
    if last < first * 0.9 and first - last >= 1:
        return "falling"
    return "steady"


@register.inclusion_tag("ui/sparkline.html")
def sparkline(numbers: Sequence[float], label: str = "") -> dict[str, Any]:
    """`{% sparkline topic.last_hours %}`: a small line of counts, oldest first; the trend is said in words."""
    numbers = [float(number) for number in numbers]
    if len(numbers) < 2:
        return {"points": []}
    points = spark_path(numbers)
    return {"points": points, "last": points[-1], "label": label, "trend": trend(numbers)}


@register.inclusion_tag("ui/bars.html")
def bars(numbers: Sequence[float], names: Sequence[str], label: str) -> dict[str, Any]:
    """`{% bars counts hours label %}`: upright bars for print, the highest dark and with its figure on top."""
    high = max([*numbers, 1])
    width = 620 / max(len(numbers), 1)
    every = max(len(numbers) // 14, 1)
    drawn = [
        {
            "x": round(10 + i * width + width * 0.14, 1),
            "width": round(width * 0.72, 1),
            "y": round(110 - 96 * number / high, 1),
            "height": round(96 * number / high, 1),
            "middle": round(10 + i * width + width / 2, 1),
            "name": name if i % every == 0 else "",
            "peak": number == high and number > 0,
            "number": short_number(number, get_language() or "zh-hans"),
        }
        for i, (number, name) in enumerate(zip(numbers, names, strict=True))
    ]
    return {"bars": drawn, "label": label}


@register.inclusion_tag("ui/chart.html")
def chart(data: Mapping[str, Any], label: str, kind: str = "area", size: str = "") -> dict[str, Any]:
    """`{% chart volume label=summary %}`: an interactive chart with its table; without ECharts the table alone.

    data   {"labels": ["08:00", ...],                                        one word a point, oldest first
            "series": [{"name": "负面", "tone": "neg", "values": [3, ...]}],  tone: neg neu pos accent ink
            "marks": [{"name": "首份声明", "at": "12:00"}],                    dashed lines; `at` is one of labels
            "band": {"name": "7 日常态", "low": [...], "high": [...]},         grey band of what is usual
            "threshold": {"name": "阈值", "value": 120}}                       or "values", one a point
           marks, band and threshold may be absent, and so may: "edges", the times (ISO) between which the points lie,
           with which a series that has a "link" leads from each point to what it counts; "words" of a series, what the
           table says for its values; "open_end", the last point is not over; "unit", "%"; "legend", drawn above lines
           side by side. A value that is None is unknown.
    label  what the chart shows, in a sentence, for those who cannot see it
    kind   "area" (stacked, by sentiment) or "line"
    """
    series = data["series"]
    band, threshold = data.get("band"), data.get("threshold", {})
    moving = [threshold] if "values" in threshold else []
    columns = [one["name"] for one in [*series, *([band] if band else []), *moving]]
    rows = []
    for i, name in enumerate(data["labels"]):
        cells = [chart_cell(data, one, i) for one in series]
        if band:
            known = band["low"][i] is not None
            cells.append(f"{band['low'][i]}–{band['high'][i]}" if known else _("unknown"))
        rows.append((name, cells + [chart_cell(data, one, i) for one in moving]))
    return {
        "data": {**data, "kind": kind, "label": label},
        "id": f"chart-{uuid4().hex[:8]}",
        "label": label,
        "size": size,
        "columns": columns,
        "rows": rows,
        "drawable": bool(vendor("echarts.common.min.js")),
    }


def chart_cell(data: Mapping[str, Any], one: Mapping[str, Any], at: int) -> Any:
    """What the table says for one point of a series, as a link where the series has one."""
    said = one["words"][at] if "words" in one else one["values"][at]
    if said is None:
        return _("unknown")
    if "link" not in one:
        return said
    since, until = (quote(edge, safe=":") for edge in data["edges"][at : at + 2])
    return format_html('<a href="{}&since={}&until={}">{}</a>', one["link"], since, until, said)


@register.simple_tag
@cache
def vendor(name: str) -> str:
    """Address of a file that `make assets` copies to static/vendor, or nothing while it is not there."""
    path = f"vendor/{name}"
    return static(path) if finders.find(path) or staticfiles_storage.exists(path) else ""


# --- where am I ------------------------------------------------------------------------------------------------------
HOLDERS = ("incident", "statement", "signal", "post", "object")


@register.simple_tag(takes_context=True)
def exercise_here(context: template.Context) -> Any:
    """The exercise this page belongs to: `exercise` itself, or the one its incident, signal or other object carries."""
    if context.get("exercise"):
        return context["exercise"]
    for name in HOLDERS:
        thing: Any = context.get(name)
        if getattr(thing, "exercise_id", None):
            return thing.exercise
    return None
