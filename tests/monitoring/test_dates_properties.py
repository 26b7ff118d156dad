"""Whatever stands where a date should: no exception, an aware time or none, and our own way of writing is read back."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.reading.dates import AHEAD, BEIJING, OLDEST, is_relative, published, read_date

NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
DIGITS = "2024 24 5 05 12 13 31 0 00 99 1714530000 1714530000123 20240501 １２ ② ① 〇 ٣"
SIGNS = "年 月 日 号 时 点 分 秒 : - / . , T Z + +08:00 +9999 -0000 ： （ ） ( ) \u00a0 \u3000 \x00 \ud800"
NAMES = "CST GMT GMT+8 UTC Mon Wed, May may. 五月 十二月 星期三 周三 上午 下午 中午 凌晨 晚上 am PM"
SPANS = "yesterday 昨天 前天 今天 at ago 前 之前 刚刚 半 两 十 一百 个 小时 hour hours day days 分钟 天 周 星期"
PARTS = f"{DIGITS} {SIGNS} {NAMES} {SPANS}".split(" ")
WRITTEN = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join),
    st.text(st.characters(exclude_categories=[]), max_size=60),
    st.text("0123456789 -/:.年月日时分秒TZ+", max_size=30),
)
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
often = settings(max_examples=400, deadline=None)


@often
@given(WRITTEN, TIMES)
def test_any_string_is_an_aware_time_in_utc_or_none(written, now):
    found = read_date(written, now=now)
    assert found is None or found.utcoffset() == timedelta(0)
    assert is_relative(written) in (True, False)


@often
@given(WRITTEN)
def test_what_was_read_is_read_again_from_our_own_way_of_writing(written):
    found = read_date(written, now=NOW)
    if found is not None:
        assert read_date(found.isoformat(), now=NOW) == found


@often
@given(TIMES, st.integers(0, 999_999), ZONES)
def test_an_iso_time_of_any_zone_is_read_exactly(second, part, zone):
    time = second.replace(microsecond=part)
    assert read_date(time.astimezone(zone).isoformat(), now=NOW) == time
    assert read_date(time.astimezone(zone).strftime("%a, %d %b %Y %H:%M:%S %z"), now=NOW) == second


@often
@given(TIMES)
def test_a_time_without_a_zone_is_beijing_s(time):
    local = time.astimezone(BEIJING)
    assert read_date(f"{local:%Y年%m月%d日 %H:%M:%S}", now=NOW) == local


@often
@given(st.lists(WRITTEN, max_size=4))
def test_what_an_entry_says_is_believed_or_it_is_the_time_of_the_fetch_with_a_doubt(written):
    at, doubt = published(written, now=NOW)
    assert NOW - OLDEST <= at <= NOW + AHEAD
    assert (doubt == "") or (at == NOW and doubt in ("missing", "unreadable", "out_of_range"))


@often
@given(WRITTEN, st.text(" \t\n\u3000", max_size=4))
def test_blanks_around_a_date_mean_nothing(written, blanks):
    assert read_date(f"{blanks}{written[:150]}{blanks}", now=NOW) == read_date(written[:150], now=NOW)
