"""When a post says it was published: what Chinese sites, feeds and programs write, read before any library guesses.

Unless the text says otherwise a time is Beijing's, and CST is China Standard Time.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
OLDEST = timedelta(days=3653)
AHEAD = timedelta(minutes=10)

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
SPANS = {
    "秒": timedelta(seconds=1),
    "分": timedelta(minutes=1),
    "时": timedelta(hours=1),
    "天": timedelta(days=1),
    "日": timedelta(days=1),
    "周": timedelta(weeks=1),
    "星期": timedelta(weeks=1),
    "月": timedelta(days=30),
    "年": timedelta(days=365),
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
DAYS_BACK = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "前日": 2}
MONTHS = {
    **{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6},
    **{"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12},
}
# Hours east of Greenwich. An abbreviation that is not here is not guessed.
ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "ut"), 0.0),
    **dict.fromkeys(("cst", "hkt", "sgt", "awst", "pht", "myt"), 8.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    **{"ist": 5.5, "msk": 3.0, "aest": 10.0, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0},
    **{"wet": 0.0, "bst": 1.0, "cet": 1.0, "cest": 2.0, "eet": 2.0, "eest": 3.0},
    **{"est": -5.0, "edt": -4.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0},
}

EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\.\d+)?|(?P<thousandths>\d{13})|(?P<millionths>\d{16})")
JUST_NOW = re.compile(r"刚刚|刚才|just now")
AGO = re.compile(
    r"(?P<many>\d{1,4}|[一二两三四五六七八九十]{1,3}|半|\ban?\b)\s*个?\s*(?P<half>半)?\s*"
    r"(?P<span>秒|分|小?时|天|日|周|星期|月|年|second|sec|minute|min|hour|day|week|month|year)s?(?:钟|头)?\s*"
    r"(?:之前|以前|前|ago\b)"
)
CLOCK = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|am|pm)?\s*"
    r"(?P<hour>\d{1,2})\s*(?:[时点]|:(?=\d))\s*(?P<minute>\d{1,2})?\s*"
    r"(?:[:分]\s*(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?秒?分?\s*(?P<half2>am\b|pm\b)?"
)
WEEKDAY = r"[\s,(]*(?:(?:星期|周)[一二三四五六日天])?[\s,)]*"
ZONE = r"(?P<zone>(?:gmt|utc|ut)?\s*[+-]\s*\d{1,2}(?::?\d{2})?|[a-z]{1,5})?"
FULL = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    rf"(?:{WEEKDAY}t?\s*{CLOCK}\s*{ZONE}(?![a-z])|(?!\s*\d))"
)
COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:t?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<zone>z|[+-]\d{4})?)?"
)
NO_YEAR = re.compile(
    rf"(?<!\d)(?P<month>\d{{1,2}})\s*[-月/]\s*(?P<day>\d{{1,2}})\s*日?(?:{WEEKDAY}{CLOCK}|(?!\s*[\d/-]))"
)
NAMED_DAY = re.compile(rf"(?P<named>{'|'.join(DAYS_BACK)})\s*,?\s*(?:at\s+)?(?:{CLOCK})?")
TIME_ONLY = re.compile(CLOCK)

# What English-speaking programs write, in any order of its parts.
MONTH_NAME = re.compile(
    r"\b(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
    r"|(?<![\d年])(?P<cjk>\d{1,2}|[一二三四五六七八九十]{1,2})月(?=\s+\d{4})"
)
NAMED_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]m\b)?")
NAMED_ZONE = re.compile(r"(?:gmt|utc)?\s?(?<!\d)[+-]\d{1,2}(?::?\d{2})?\b|\b[a-z]{1,5}\b")
NOISE = re.compile(
    r"\([^)]*\)|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?|(?:星期|周)[一二三四五六日天]"
    r"|(?<=\d)(?:st|nd|rd|th)\b|\bat\b"
)


class Published(NamedTuple):
    """When, and how sure: doubt is "" | "missing" | "unreadable" | "out_of_range".

    With a doubt, `at` is the time of the fetch.
    """

    at: datetime
    doubt: str


def published(texts: list[str], *, now: datetime) -> Published:
    """The first of several dates of an entry that can be read and believed.

    texts  as the feed wrote them, the best first; blanks are left out
    now    aware, the time of the fetch: what "3分钟前" counts from, and the middle of what is believed
    """
    doubt = "missing"
    for text in texts:
        if not text.strip():
            continue
        found = read_date(text, now=now)
        if found and now - OLDEST <= found <= now + AHEAD:
            return Published(found, "")
        if doubt != "out_of_range":
            doubt = "out_of_range" if found else "unreadable"
    return Published(now, doubt)


def is_relative(text: str) -> bool:
    """Whether a written date only makes sense beside the clock of its reader."""
    line = unicodedata.normalize("NFKC", text[:200]).lower().strip()
    return any(pattern.search(line) for pattern in (JUST_NOW, AGO, NAMED_DAY)) or bool(TIME_ONLY.fullmatch(line))


def read_date(text: str, *, now: datetime) -> datetime | None:
    """One written date as an aware time in UTC; None where it cannot be read without guessing."""
    line = " ".join(unicodedata.normalize("NFKC", text[:200]).split()).lower()
    try:
        local = _read(line, now.astimezone(BEIJING))
        return local.astimezone(UTC) if local else None
    except (ValueError, OverflowError):
        return None


def _read(line: str, now: datetime) -> datetime | None:
    if found := EPOCH.fullmatch(line):
        scale = 1e3 if found["thousandths"] else 1e6 if found["millionths"] else 1
        return datetime.fromtimestamp(float(line) / scale, UTC)
    if found := FULL.search(line) or COMPACT.fullmatch(line):
        return _moment(found, int(found["year"]), int(found["month"]), int(found["day"]))
    if MONTH_NAME.search(line):
        return _read_named(line)
    if JUST_NOW.search(line):
        return now
    if found := AGO.search(line):
        return now - (_number(found["many"]) + (0.5 if found["half"] else 0)) * SPANS[found["span"].removeprefix("小")]
    if found := NAMED_DAY.search(line):
        day = now - timedelta(days=DAYS_BACK[found["named"]])
        return _moment(found, day.year, day.month, day.day)
    if found := NO_YEAR.search(line):
        return _latest_past(found, now)
    if found := TIME_ONLY.fullmatch(line):
        at = _moment(found, now.year, now.month, now.day)
        return at if at <= now + AHEAD else at - timedelta(days=1)
    return None


def _latest_past(found: re.Match[str], now: datetime) -> datetime:
    """A day without a year is the last one that has come: in January, 12月30日 was last year's."""
    for year in (now.year, now.year - 1):
        at = _moment(found, year, int(found["month"]), int(found["day"]))
        if at <= now + timedelta(days=1):
            break
    return at


def _moment(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    parts = found.groupdict()
    hour = int(parts.get("hour") or 0)
    second = min(int(parts.get("second") or 0), 59)  # a leap second is the second before it
    part = int((parts.get("part") or "0").ljust(6, "0")[:6])
    midnight = datetime(year, month, day, tzinfo=_zone(parts.get("zone")))
    hours = timedelta(hours=_of_24(hour, parts.get("half") or parts.get("half2")))
    return midnight.replace(minute=int(parts.get("minute") or 0), second=second, microsecond=part) + hours


def _of_24(hour: int, half: str | None) -> int:
    """3 in the afternoon is 15; 24 is midnight at the day's end."""
    if hour > 24:
        raise ValueError("hour")
    if not half:
        return hour
    if half in ("下午", "傍晚", "晚上", "晚") or half.startswith("p"):
        return hour + 12 if hour < 12 else hour
    if half == "中午":
        return hour + 12 if hour < 3 else hour
    return 0 if hour == 12 else hour


def _zone(word: str | None) -> ZoneInfo | timezone:
    if not word:
        return BEIJING
    word = word.replace(" ", "")
    if word in ZONES:
        return timezone(timedelta(hours=ZONES[word]))
    found = re.fullmatch(r"(?:gmt|utc|ut)?([+-])(\d{1,2}):?(\d{2})?", word)
    if not found:
        raise ValueError(f"zone {word}")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)


def _read_named(line: str) -> datetime | None:
    """Weekday, day, month by name, year, clock and zone in any order: RFC 822, asctime, Java, JavaScript, Weibo."""
    line = re.sub(r"(\d)-([a-z]+)-(\d)", r"\1 \2 \3", NOISE.sub(" ", line))
    month, line = _taken(MONTH_NAME, line)
    clock, line = _taken(NAMED_CLOCK, line)
    zone, line = _taken(NAMED_ZONE, line)
    numbers = re.findall(r"\d+", line)
    if not month or len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) <= len(numbers[1]) else reversed(numbers)
    if len(year) == 2:  # as RFC 822 had it until 1989
        year = str(int(year) + (2000 if int(year) < 70 else 1900))
    hour, minute, second = (int(clock[part] or 0) for part in (1, 2, 3)) if clock else (0, 0, 0)
    number = MONTHS[month["name"]] if month["name"] else int(_number(month["cjk"]))
    midnight = datetime(int(year), number, int(day), tzinfo=_zone(zone[0].strip() if zone else None))
    hours = timedelta(hours=_of_24(hour, clock[4] if clock else None))
    return midnight.replace(minute=minute, second=min(second, 59)) + hours


def _taken(pattern: re.Pattern[str], line: str) -> tuple[re.Match[str] | None, str]:
    """The first match, and the line without it."""
    found = pattern.search(line)
    return found, line[: found.start()] + " " + line[found.end() :] if found else line


def _number(word: str) -> float:
    """3, 三, 十二, 二十三, 半 (one half), an."""
    if word.isdecimal():
        return int(word)
    if word == "半":
        return 0.5
    if word in ("a", "an"):
        return 1
    tens, ten, ones = word.rpartition("十")
    if not ten:
        return DIGITS[word]
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
