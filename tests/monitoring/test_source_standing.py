"""How a source stands: silent, broken, a captcha, an empty shell, stale, or with a wrong clock, each in words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from monitoring.health.clocks import Behind
from monitoring.health.standing import is_silent
from monitoring.models import Poll
from monitoring.selectors import coverage_today, silent_count, silent_sources
from monitoring.selectors.sources import tone
from monitoring.services import polling
from opinion.models import Heard, Source, SourceHealth
from tests.factories import SourceFactory
from tests.monitoring.feedserver import FeedServer

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source(web: FeedServer, settings: Any) -> Source:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    return SourceFactory(name="晴野资讯", url=web.url("/feed"))


def feed(*posts: tuple[str, datetime]) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{title}</guid><title>{title}</title>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for title, at in posts
    )
    return f"<rss version='2.0'><channel><title>晴野</title>{items}</channel></rss>"


def visit(source: Source, now: datetime) -> Poll:
    source.refresh_from_db()
    assert polling.claim(source, now=now)
    with translation.override("en"):
        done = polling.poll(source, now=now)
    source.refresh_from_db()
    return done


def hourly(noon: datetime) -> list[tuple[str, datetime]]:
    return [(f"第{n}条", noon - n * HOUR) for n in range(8)]


# --- stale -----------------------------------------------------------------------------------------------------------
def test_a_source_that_has_nothing_new_for_far_too_long_is_stale(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    web.put("/feed", feed(*hourly(noon)))
    visit(source, noon)
    visit(source, noon + 23 * HOUR)
    assert source.health == "unchanged"
    assert not is_silent(source)
    done = visit(source, noon + 24 * HOUR)
    assert (done.health, source.health, source.failures) == ("ok", "stale", 0)
    with translation.override("en"):
        assert "Nothing new since 2026-11-18 12:00" in source.health_words
    assert (is_silent(source), source.last_good_at) == (True, noon + 23 * HOUR)
    assert source.health_since == noon + 24 * HOUR
    web.put("/feed", feed(("新的一条", noon + 26 * HOUR), *hourly(noon)))
    visit(source, noon + 26 * HOUR)
    assert (source.health, source.health_words, source.health_since) == ("ok", "", noon + 26 * HOUR)


def test_a_feed_that_was_dead_when_it_was_added_is_stale_at_once(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    web.put("/feed", feed(*hourly(noon - 400 * DAY)))
    visit(source, noon)
    assert source.health == "stale"


def test_a_source_whose_gap_is_not_known_is_never_stale(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/feed", feed(("唯一一条", noon - 300 * DAY)))
    visit(source, noon)
    assert (source.usual_gap_seconds, source.health) == (None, "ok")


def test_entries_we_forgot_after_a_week_are_no_news(web: FeedServer, source: Source, noon: datetime) -> None:
    """The heard buffer is emptied by day; what a feed still shows is new to the buffer then, and not to the world."""
    web.put("/feed", feed(*hourly(noon)))
    visit(source, noon)
    Heard.objects.all().delete()
    done = visit(source, noon + 8 * DAY)
    assert (done.known, source.health, source.last_post_at) == (0, "stale", noon)


# --- the canary ------------------------------------------------------------------------------------------------------
def test_a_canary_word_that_is_not_heard_for_a_day_makes_a_source_stale(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    Source.objects.update(canary="天气")
    web.put("/feed", feed(("明日天气", noon)))
    visit(source, noon)
    web.put("/feed", feed(("别的消息", noon + HOUR)))
    visit(source, noon + HOUR)
    assert (source.health, source.canary_at) == ("ok", noon)
    web.put("/feed", feed(("又是别的", noon + DAY)))
    visit(source, noon + DAY)
    assert source.health == "stale"
    assert "天气" in source.health_words
    web.put("/feed", feed(("天 气", noon + DAY), ("后天天气", noon + DAY)))
    visit(source, noon + DAY + HOUR)
    assert (source.health, source.canary_at) == ("ok", noon + DAY + HOUR)


def test_a_canary_just_set_is_given_a_day(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/feed", feed(("别的消息", noon)))
    visit(source, noon)
    Source.objects.update(canary="天气")
    visit(source, noon + 2 * HOUR)
    assert (source.health, source.canary_at) == ("unchanged", noon + 2 * HOUR)
    visit(source, noon + DAY + 2 * HOUR)
    assert source.health == "stale"


# --- the clock -------------------------------------------------------------------------------------------------------
def test_a_source_most_of_whose_dates_lie_in_the_future_has_a_wrong_clock(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    web.put("/feed", feed(("甲", noon + 8 * HOUR), ("乙", noon + 7 * HOUR), ("丙", noon - HOUR)))
    visit(source, noon)
    assert source.health == "clock_wrong"
    assert "2" in source.health_words
    assert "3" in source.health_words
    assert (is_silent(source), tone(source), source.last_good_at) == (False, "warn", noon)  # it is heard all the same
    visit(source, noon + HOUR / 2)
    assert source.health == "clock_wrong"


def test_the_newest_entries_are_enough_to_know_a_clock_is_wrong(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    """A clock eight hours ahead shows in what was just published, however long the document remembers."""
    ahead = [(f"新{n}", noon + n * HOUR) for n in (3, 2, 1)]
    web.put("/feed", feed(*ahead, *hourly(noon - HOUR)))
    visit(source, noon)
    assert source.health == "clock_wrong"
    web.put("/feed", feed(*reversed(hourly(noon - HOUR)), *reversed(ahead)))  # some list the oldest first
    visit(source, noon + HOUR / 4)
    assert source.health == "clock_wrong"


def test_one_entry_announced_for_the_future_is_no_wrong_clock(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/feed", feed(("下周发布会", noon + 7 * DAY), *hourly(noon)))
    visit(source, noon)
    assert source.health == "ok"


def test_old_entries_with_odd_dates_are_no_wrong_clock(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/feed", feed(*hourly(noon), *((f"旧{n}", noon - 4000 * DAY - n * DAY) for n in range(20))))
    visit(source, noon)
    assert source.health == "ok"


def test_a_clock_that_runs_hours_behind_shows_once_six_arrivals_in_a_row_say_so(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    """UTC written without a zone is read as ours: everything new is eight hours old when it appears."""
    there, minute, states = [("旧的", noon - 10 * HOUR)], HOUR / 60, []
    web.put("/feed", feed(*there))
    visit(source, noon)
    for at in (4, 27, 33, 58, 61, 89):
        visit(source, noon + at // 10 * 10 * minute)
        there = [(f"第{at}分", noon + (at - 480) * minute), *there]
        web.put("/feed", feed(*there))
        visit(source, noon + (at // 10 * 10 + 10) * minute)
        states.append(source.health)
    assert states == ["ok"] * 5 + ["clock_wrong"]
    assert "The last 6 times" in source.health_words
    assert "lay 8 hours before" in source.health_words
    assert (is_silent(source), tone(source)) == (False, "warn")  # it is heard all the same
    visit(source, noon + 100 * minute)
    assert source.health == "clock_wrong"
    web.put("/feed", feed(("现在对了", noon + 105 * minute), *there))
    visit(source, noon + 110 * minute)
    assert (source.health, source.behind_seen) == ("ok", 1)


@pytest.mark.parametrize(
    ("late", "by"),
    [
        pytest.param([480] * 6, 480, id="eight hours"),
        pytest.param([330, 331, 329, 330, 330, 330], 330, id="five and a half"),
        pytest.param([480] * 5, None, id="not yet sure"),
        pytest.param([480] * 5 + [300] + [480] * 5, None, id="one that disagrees"),
        pytest.param([3] * 9, None, id="in time"),
        pytest.param([62, 180, 45, 240, 90, 300, 480], None, id="edited late, as it happens"),
        pytest.param([495] * 9, None, id="no whole half hour"),
    ],
)
def test_how_far_a_clock_is_behind(noon: datetime, late: list[int], by: int | None) -> None:
    """Published at odd minutes, polled every ten."""
    minute, behind = HOUR / 60, None
    for number, minutes in enumerate(late):
        at = noon + number * 23 * minute + 4 * minute
        read_before = noon + (at - noon) // (10 * minute) * 10 * minute
        told = {"newest": at - minutes * minute, "read_before": read_before, "now": read_before + 10 * minute}
        behind = (behind or Behind(-DAY, DAY, 0)).and_now(**told)
    assert behind is not None
    assert behind.by == (by and by * minute)


# --- captcha, empty shell --------------------------------------------------------------------------------------------
def test_a_captcha_has_its_own_state_and_is_silence_at_once(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/feed", feed(*hourly(noon)))
    visit(source, noon)
    web.put("/feed", "<html><title>安全验证</title></html>")
    visit(source, noon + HOUR)
    assert (source.health, source.failures, is_silent(source)) == ("captcha", 1, True)
    assert source.health_words


def test_a_redirect_to_a_sign_in_is_a_captcha_too(web: FeedServer, source: Source, noon: datetime) -> None:
    web.put("/login", "<html><body>欢迎来到社区</body></html>")
    web.redirect("/feed", "/login")
    assert visit(source, noon).health == "captcha"


def test_an_empty_shell_is_silence_where_there_used_to_be_entries(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    web.put("/feed", feed())
    visit(source, noon)
    assert (source.health, is_silent(source), tone(source)) == ("empty", False, "warn")
    web.put("/feed", feed(*hourly(noon)))
    visit(source, noon + HOUR)
    web.put("/feed", feed())
    visit(source, noon + 2 * HOUR)
    assert (source.health, is_silent(source)) == ("empty", True)


# --- since when ------------------------------------------------------------------------------------------------------
def test_since_when_counts_from_the_first_trouble_whatever_it_turns_into(
    web: FeedServer, source: Source, noon: datetime
) -> None:
    web.put("/feed", feed(*hourly(noon)))
    visit(source, noon)
    web.put("/feed", "", 500)
    visit(source, noon + HOUR)
    web.put("/feed", "<html><title>安全验证</title></html>")
    visit(source, noon + 2 * HOUR)
    assert (source.health, source.health_since) == ("captcha", noon + HOUR)
    web.put("/feed", feed(*hourly(noon + 3 * HOUR)))
    visit(source, noon + 3 * HOUR)
    visit(source, noon + 4 * HOUR)
    assert (source.health, source.health_since) == ("unchanged", noon + 3 * HOUR)


# --- what pages ask --------------------------------------------------------------------------------------------------
def test_what_is_silent_is_the_same_for_one_source_and_for_all(noon: datetime) -> None:
    for health in SourceHealth:
        for failures in (0, 2, 3):
            for is_enabled in (True, False):
                for last_post_at in (None, noon):
                    SourceFactory(health=health, failures=failures, is_enabled=is_enabled, last_post_at=last_post_at)
    silent = {source.pk for source in Source.objects.all() if is_silent(source)}
    assert {source.pk for source in silent_sources()} == silent
    assert silent_count(None) == len(silent) > 0


@pytest.mark.parametrize("health", ["captcha", "stale", "gone"])
def test_a_class_whose_only_source_is_silent_is_not_covered(noon: datetime, health: str) -> None:
    SourceFactory(source_class="media", health=health, last_good_at=noon - HOUR, is_enabled=health != "gone")
    media = next(row for row in coverage_today(noon) if row.code == "media")
    assert (media.is_covered, len(media.silent)) == (False, 1)
