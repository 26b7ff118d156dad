"""Dates as they are really written, each with the time it means. The clock stands at 2026-11-18 12:00 in Beijing."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.reading.dates import BEIJING, published, read_date

READ = [
    # what Chinese pages write
    ("2024年5月1日 10:20", "2024-05-01 10:20:00"),
    ("2024年05月01日10时20分30秒", "2024-05-01 10:20:30"),
    ("2024年5月1日 星期三 下午3:20", "2024-05-01 15:20:00"),
    ("2024年5月1日 中午12:20", "2024-05-01 12:20:00"),
    ("2024年5月1日 凌晨12:20", "2024-05-01 00:20:00"),
    ("2024年5月1日", "2024-05-01 00:00:00"),
    ("2024/05/01 10:20", "2024-05-01 10:20:00"),
    ("2024.5.1 8:03", "2024-05-01 08:03:00"),
    ("２０２４－０５－０１　１０：２０", "2024-05-01 10:20:00"),
    ("发布时间：2024-05-01 10:20 来源：晴野日报", "2024-05-01 10:20:00"),
    ("2024-05-01 10:20 (3天前)", "2024-05-01 10:20:00"),
    # relative to now
    ("刚刚", "2026-11-18 12:00:00"),
    ("30秒前", "2026-11-18 11:59:30"),
    ("1分钟前", "2026-11-18 11:59:00"),
    ("半小时前", "2026-11-18 11:30:00"),
    ("1个半小时前", "2026-11-18 10:30:00"),
    ("两天前", "2026-11-16 12:00:00"),
    ("十二小时之前", "2026-11-18 00:00:00"),
    ("3 个月前", "2026-08-20 12:00:00"),
    ("发布于 5分钟前", "2026-11-18 11:55:00"),
    ("5 minutes ago", "2026-11-18 11:55:00"),
    ("an hour ago", "2026-11-18 11:00:00"),
    ("今天 09:08", "2026-11-18 09:08:00"),
    ("昨天 10:20", "2026-11-17 10:20:00"),
    ("昨日", "2026-11-17 00:00:00"),
    ("前天 23:59", "2026-11-16 23:59:00"),
    ("Yesterday at 10:20", "2026-11-17 10:20:00"),
    ("10:20", "2026-11-18 10:20:00"),
    ("13:30", "2026-11-17 13:30:00"),
    # without a year: the last one that has come
    ("11-18 10:20", "2026-11-18 10:20:00"),
    ("12月30日 08:00", "2025-12-30 08:00:00"),
    ("5月1日", "2026-05-01 00:00:00"),
    # machines
    ("1714530000", "2024-05-01 10:20:00"),
    ("1714530000.5", "2024-05-01 10:20:00.500000"),
    ("1714530000123", "2024-05-01 10:20:00.123000"),
    ("20240501102030", "2024-05-01 10:20:30"),
    ("20240501", "2024-05-01 00:00:00"),
    ("2024-05-01T02:20:00Z", "2024-05-01 10:20:00"),
    ("2024-05-01T10:20:00.123456789+08:00", "2024-05-01 10:20:00.123456"),
    ("2024-05-01T10:20+08", "2024-05-01 10:20:00"),
    ("2024-05-01T04:20:9+02:00", "2024-05-01 10:20:09"),
    ("2024-05-01 10:20:00", "2024-05-01 10:20:00"),
    ("2024-05-01 02:20:00 UTC", "2024-05-01 10:20:00"),
    ("2024-05-01 10:20:00 +0800 CST", "2024-05-01 10:20:00"),
    ("2024-05-01 24:00", "2024-05-02 00:00:00"),
    ("2024-05-01 10:20:60", "2024-05-01 10:20:59"),
    # months by name: RFC 822, asctime, Java, JavaScript, Weibo
    ("Wed, 01 May 2024 02:20:00 GMT", "2024-05-01 10:20:00"),
    ("Wed, 01 May 2024 10:20:00 +0800", "2024-05-01 10:20:00"),
    ("Wed, 01 May 2024 10:20:00", "2024-05-01 10:20:00"),
    ("Wed, 01 May 2024 10:20:00 CST", "2024-05-01 10:20:00"),
    ("01 May 24 10:20 EDT", "2024-05-01 22:20:00"),
    ("Wed May 01 10:20:00 +0800 2024", "2024-05-01 10:20:00"),
    ("Wed May 01 10:20:00 CST 2024", "2024-05-01 10:20:00"),
    ("Wed May  1 10:20:00 2024", "2024-05-01 10:20:00"),
    ("Wed May 01 2024 10:20:00 GMT+0800 (中国标准时间)", "2024-05-01 10:20:00"),
    ("May 1st, 2024 at 10:20 PM", "2024-05-01 22:20:00"),
    ("1-May-2024 10:20", "2024-05-01 10:20:00"),
    ("星期三, 01 五月 2024 10:20:00 +0800", "2024-05-01 10:20:00"),
    ("周三, 01 5月 2024 02:20:00 GMT", "2024-05-01 10:20:00"),
]
NOT_GUESSED = [
    "0000-00-00 00:00:00",
    "2024-13-01",
    "2024-02-30 10:00",
    "2024-05-01 25:00",
    "2024-05-01 10:20 XYZ",
    "01/05/2024 10:20",
    "yesteryear",
    "12",
    "",
]


@pytest.mark.parametrize(("written", "meant"), READ)
def test_a_written_date_is_read(noon: datetime, written: str, meant: str) -> None:
    found = read_date(written, now=noon)
    assert found is not None
    assert found.utcoffset() == timedelta(0)
    assert found == datetime.fromisoformat(meant).replace(tzinfo=BEIJING)


@pytest.mark.parametrize("written", NOT_GUESSED)
def test_what_would_have_to_be_guessed_is_not_read(noon: datetime, written: str) -> None:
    assert read_date(written, now=noon) is None


@pytest.mark.parametrize(
    ("texts", "doubt"),
    [
        ([], "missing"),
        (["", "  "], "missing"),
        (["soon"], "unreadable"),
        (["2030-01-01"], "out_of_range"),
        (["1970-01-01 08:00"], "out_of_range"),
        (["soon", "2030-01-01"], "out_of_range"),
        (["2026-11-18 12:11"], "out_of_range"),
    ],
)
def test_a_doubtful_date_becomes_the_time_of_the_fetch_and_says_so(
    noon: datetime, texts: list[str], doubt: str
) -> None:
    assert published(texts, now=noon) == (noon, doubt)


def test_the_first_believable_date_counts(noon: datetime) -> None:
    texts = ["0000-00-00", "", "2030-01-01", "2026-11-18 12:09", "2026-11-18 11:00"]
    assert published(texts, now=noon) == (noon + timedelta(minutes=9), "")


@settings(max_examples=300, deadline=500)
@given(st.one_of(st.text(max_size=300), st.text(alphabet="0123456789 年月日:-/.TZ+前分小时昨天,Mayst()", max_size=300)))
def test_no_text_at_all_upsets_the_reader(text: str) -> None:
    now = datetime(2026, 11, 18, 4, 0, tzinfo=BEIJING)
    found, doubt = published([text], now=now)
    assert doubt in ("", "missing", "unreadable", "out_of_range")
    assert now - timedelta(days=3653) <= found <= now + timedelta(minutes=10)
