"""A visit from beginning to end: leases, outcomes, pauses, and that nothing is lost or stored twice."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from monitoring import tasks
from monitoring.fetching import fetch as fetching
from monitoring.fetching import visiting
from monitoring.models import Poll
from monitoring.reading.reader import Reading
from monitoring.services import polling
from opinion.models import Heard, Source
from opinion.services import analysis
from tests.monitoring.feedserver import FeedServer, Request

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
Visit = Callable[..., Poll]


def feed(*ids: int) -> str:
    items = "".join(f"<item><guid isPermaLink='false'>{n}</guid><title>晴野茶饮第{n}条</title></item>" for n in ids)
    return f"<rss version='2.0'><channel><title>晴野</title>{items}</channel></rss>"


@pytest.fixture
def source(web: FeedServer, settings: Any) -> Source:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    return Source.objects.create(name="晴野资讯", url=web.put("/feed", feed(1, 2)), platform="资讯")


@pytest.fixture
def visit(source: Source) -> Visit:
    """Claim the source, poll it, read it anew."""

    def claim_and_poll(now: datetime) -> Poll:
        source.refresh_from_db()
        assert polling.claim(source, now=now)
        done = polling.poll(source, now=now)
        source.refresh_from_db()
        return done

    return claim_and_poll


def waits(source: Source, now: datetime, pause: timedelta) -> bool:
    """Whether its next turn is after that pause; up to a tenth later, so that not all come at once."""
    return source.next_poll_at is not None and pause <= source.next_poll_at - now <= pause * 1.1


def heard_ids() -> list[str]:
    return sorted(Heard.objects.values_list("external_id", flat=True))


# --- what is written down --------------------------------------------------------------------------------------------
def test_a_good_poll_stores_the_entries_and_says_so(
    web: FeedServer, source: Source, visit: Visit, noon: datetime
) -> None:
    web.put("/feed", feed(1, 2), ETag='"a"', Last_Modified="Wed, 18 Nov 2026 03:00:00 GMT")
    done = visit(noon)
    assert (done.health, done.http_status, done.entries, done.known) == ("ok", 200, 2, 0)
    assert heard_ids() == ["1", "2"]
    assert (source.health, source.health_words, source.failures) == ("ok", "", 0)
    assert (source.etag, source.last_modified) == ('"a"', "Wed, 18 Nov 2026 03:00:00 GMT")
    assert source.last_polled_at == source.last_good_at == source.last_post_at == noon
    assert waits(source, noon, 5 * MINUTE)
    assert source.leased_until is None


def test_the_same_entries_are_stored_once(web: FeedServer, source: Source, visit: Visit, noon: datetime) -> None:
    visit(noon)
    rows = list(Heard.objects.order_by("pk").values())
    web.put("/feed", feed(1, 2) + "<!-- made at five past twelve -->")
    done = visit(noon + 5 * MINUTE)
    assert (done.entries, done.known) == (2, 2)
    assert list(Heard.objects.order_by("pk").values()) == rows
    assert source.last_post_at == noon


def test_unchanged_counts_as_listening(web: FeedServer, source: Source, visit: Visit, noon: datetime) -> None:
    def conditional(request: Request) -> None:
        known = request.headers.get("If-None-Match") == '"a"'
        request.say(304 if known else 200, b"" if known else feed(1).encode(), ETag='"a"')

    web.answers["/feed"] = conditional
    visit(noon)
    assert visit(noon + 5 * MINUTE).health == "unchanged"
    assert (source.health, source.last_good_at, source.etag) == ("unchanged", noon + 5 * MINUTE, '"a"')


def test_unchanged_is_believed_for_a_day(web: FeedServer, source: Source, visit: Visit, noon: datetime) -> None:
    """A server that says 304 whatever happens makes us deaf for a day at most."""

    def stubborn(request: Request) -> None:
        asked = "If-None-Match" in request.headers
        request.say(304 if asked else 200, b"" if asked else feed(1, 2, 3).encode(), ETag='"a"')

    web.put("/feed", feed(1), ETag='"a"')
    visit(noon)
    web.answers["/feed"] = stubborn
    assert visit(noon + timedelta(hours=23)).health == "unchanged"
    assert visit(noon + timedelta(hours=25)).health == "ok"
    assert heard_ids() == ["1", "2", "3"]


def test_unchanged_never_follows_something_that_was_no_feed(
    web: FeedServer, source: Source, visit: Visit, noon: datetime
) -> None:
    web.put("/feed", feed(1), ETag='"a"')
    visit(noon)
    web.put("/feed", "<html>请输入验证码</html>", ETag='"captcha"')
    assert visit(noon + 5 * MINUTE).health == "captcha"
    assert (source.etag, source.last_good_at, source.failures) == ("", noon, 1)
    visit(noon + 10 * MINUTE)
    assert "If-None-Match" not in web.asked[-1][1]


@pytest.mark.parametrize(
    ("body", "status", "headers", "health"),
    [
        ("<html>请输入验证码</html>", 200, {}, "captcha"),
        ("<html>本站首页</html>", 200, {}, "not_a_feed"),
        ("<title>Just a moment...</title>", 403, {}, "captcha"),
        ("<!DOCTYPE r [<!ENTITY a 'b'>]><rss/>", 200, {}, "unreadable"),
        ("x" * 10_485_761, 200, {}, "too_large"),
        ("", 404, {}, "http_error"),
        ("", 500, {}, "http_error"),
        ("", 429, {}, "rate_limited"),
        ("", 302, {"Location": "http://10.0.0.1/"}, "refused_address"),
    ],
)
def test_every_failure_is_a_failure_in_words(
    web: FeedServer,
    source: Source,
    visit: Visit,
    noon: datetime,
    body: str,
    status: int,
    headers: dict[str, str],
    health: str,
) -> None:
    web.put("/feed", body, status, **headers)
    done = visit(noon)
    assert (done.health, source.health, source.failures) == (health, health, 1)
    assert done.words == source.health_words != ""
    assert (source.last_good_at, source.last_polled_at) == (None, noon)
    assert waits(source, noon, 5 * MINUTE)
    assert heard_ids() == []


def test_an_empty_feed_is_never_called_well_but_is_no_failure(
    web: FeedServer, source: Source, visit: Visit, noon: datetime
) -> None:
    web.put("/feed", feed(), ETag='"empty"')
    visit(noon)
    assert (source.health, source.failures, source.last_good_at, source.etag) == ("empty", 0, None, "")
    assert source.health_words != ""


def test_failures_are_counted_and_the_pauses_grow_until_it_is_well_again(
    web: FeedServer, source: Source, visit: Visit, noon: datetime
) -> None:
    web.put("/feed", "", 500)
    for failures, minutes in enumerate([5, 5, 10, 20, 40], start=1):
        visit(noon)
        assert source.failures == failures
        assert waits(source, noon, minutes * MINUTE)
    web.put("/feed", feed(1))
    visit(noon)
    assert source.failures == 0
    assert waits(source, noon, 5 * MINUTE)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(web: FeedServer, source: Source, visit: Visit, noon: datetime, status: int) -> None:
    web.put("/feed", "", status, Retry_After="3600")
    visit(noon)
    assert waits(source, noon, timedelta(hours=1))


def test_what_is_gone_for_good_is_switched_off(web: FeedServer, source: Source, visit: Visit, noon: datetime) -> None:
    web.put("/feed", "", 410)
    visit(noon)
    assert (source.is_enabled, source.health, source.next_poll_at) == (False, "gone", None)
    assert polling.claim(source, now=noon) is False


def test_a_permanent_move_is_written_down_and_the_address_stays(
    web: FeedServer, source: Source, visit: Visit, noon: datetime
) -> None:
    web.put("/new", feed(1))
    web.redirect("/feed", "/new", 301)
    visit(noon)
    assert (source.permanent_url, source.url, source.health) == (web.url("/new"), web.url("/feed"), "ok")


@pytest.mark.parametrize(("module", "name"), [(analysis, "prepared"), (visiting, "read_feed")])
def test_an_error_of_our_own_is_written_down_and_hurts_no_other_source(
    web: FeedServer, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    Source.objects.create(name="第二台", url=web.put("/second", feed(3)), platform="资讯")
    whole = getattr(module, name)

    def broken_for_one(*args: Any, **options: Any) -> Any:
        if source in args or options.get("url") == source.url:
            raise ZeroDivisionError
        return whole(*args, **options)

    monkeypatch.setattr(module, name, broken_for_one)
    polling.poll_all(polling.claim_due(now=noon), now=noon)
    source.refresh_from_db()
    assert (source.health, source.failures, source.leased_until) == ("unreadable", 1, None)
    assert heard_ids() == ["3"]
    monkeypatch.undo()
    polling.poll_all(polling.claim_due(now=noon + 6 * MINUTE), now=noon + 6 * MINUTE)
    assert heard_ids() == ["1", "2", "3"]


# --- whose turn it is ------------------------------------------------------------------------------------------------
def test_due_are_those_whose_time_has_come_that_are_on_and_free(source: Source, noon: datetime) -> None:
    def made(name: str, **fields: Any) -> None:
        Source.objects.create(name=name, url=f"https://{name}.example/", platform="x", **fields)

    made("future", next_poll_at=noon + MINUTE)
    made("past", next_poll_at=noon - MINUTE)
    made("off", next_poll_at=noon - MINUTE, is_enabled=False)
    made("leased", next_poll_at=noon - MINUTE, leased_until=noon + MINUTE)
    made("abandoned", next_poll_at=noon - 2 * MINUTE, leased_until=noon - MINUTE)
    names = {one.name for one in polling.claim_due(now=noon)}
    assert names == {"晴野资讯", "past", "abandoned"}
    assert polling.claim_due(now=noon) == []


def test_a_strangers_host_is_not_flooded_and_ours_may_be(web: FeedServer, source: Source, noon: datetime) -> None:
    for number in range(6):
        Source.objects.create(name=f"s{number}", url=f"https://one.example/{number}", platform="x")
        Source.objects.create(name=f"o{number}", url=web.url(f"/{number}"), platform="x")
    claimed = [one.name[0] for one in polling.claim_due(now=noon)]
    assert (claimed.count("s"), claimed.count("o")) == (4, 6)
    assert len(polling.claim_due(now=noon)) == 2


def test_a_killed_worker_s_lease_runs_out_and_the_source_is_visited_again(
    source: Source, visit: Visit, noon: datetime
) -> None:
    (claimed,) = polling.claim_due(now=noon)
    assert claimed.leased_until
    assert polling.LEASE <= claimed.leased_until - noon <= polling.LEASE + timedelta(seconds=1)
    assert polling.claim_due(now=noon + polling.LEASE - MINUTE) == []
    (again,) = polling.claim_due(now=noon + polling.LEASE + MINUTE)
    assert again == source


def test_a_stale_ring_does_nothing(web: FeedServer, source: Source, noon: datetime) -> None:
    (claimed,) = polling.claim_due(now=noon)
    lease = claimed.leased_until
    assert lease
    (taken,) = polling.take_up([source.pk], lease, now=noon + MINUTE)
    assert polling.take_up([source.pk], lease, now=noon + MINUTE) == []  # the same message, delivered twice
    polling.poll(taken, now=noon + MINUTE)
    assert polling.take_up([source.pk], lease, now=noon + 2 * MINUTE) == []
    assert len(web.asked) == 1


def test_a_worker_that_was_too_slow_does_not_overwrite_what_came_after(
    source: Source, visit: Visit, noon: datetime
) -> None:
    (slow,) = polling.claim_due(now=noon)
    visit(noon + polling.LEASE + MINUTE)
    rows = list(Heard.objects.order_by("pk").values())
    done = polling.poll(slow, now=noon)
    source.refresh_from_db()
    assert source.last_polled_at == noon + polling.LEASE + MINUTE
    assert (done.known, list(Heard.objects.order_by("pk").values())) == (2, rows)


def test_switching_off_during_a_visit_stays_switched_off(source: Source, noon: datetime) -> None:
    assert polling.claim(source, now=noon)
    Source.objects.filter(pk=source.pk).update(is_enabled=False, health="off")
    polling.poll(source, now=noon)
    source.refresh_from_db()
    assert (source.health, source.is_enabled, source.leased_until) == ("off", False, None)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_claim_at_once_one_has_it(source: Source, noon: datetime) -> None:
    won = []

    def claim() -> None:
        try:
            if polling.claim(Source.objects.get(pk=source.pk), now=noon):
                won.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


# --- the tasks -------------------------------------------------------------------------------------------------------
def test_the_tick_rings_once_for_all_that_is_due_and_the_ring_polls_it(
    web: FeedServer, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    Source.objects.create(name="第二台", url=web.put("/second", feed(3)), platform="资讯")
    rings: list[tuple[list[int], str]] = []
    monkeypatch.setattr(tasks.poll_sources, "delay", lambda *ring: rings.append(ring))
    tasks.poll_due_sources()
    tasks.poll_due_sources()
    assert [len(keys) for keys, lease in rings] == [2]
    tasks.poll_sources(*rings[0])
    tasks.poll_sources(*rings[0])
    assert heard_ids() == ["1", "2", "3"]
    assert Poll.objects.count() == 2


def test_the_log_of_polls_is_kept_for_a_week(source: Source, visit: Visit, noon: datetime, time_machine: Any) -> None:
    visit(noon)
    visit(noon + timedelta(days=3))
    time_machine.move_to(noon + timedelta(days=8))
    tasks.prune_polls()
    assert [poll.started_at for poll in Poll.objects.all()] == [noon + timedelta(days=3)]


# --- many at once ----------------------------------------------------------------------------------------------------
def many(web: FeedServer, count: int) -> None:
    for number in range(count):
        Source.objects.create(name=f"第{number}台", url=web.put(f"/{number}", feed(number)), platform="资讯")


def test_claiming_takes_as_many_queries_for_hundreds_as_for_one(
    web: FeedServer, source: Source, noon: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        assert len(polling.claim_due(now=noon)) == 1
    many(web, 300)
    with django_assert_num_queries(3):
        assert len(polling.claim_due(now=noon)) == 300


def test_a_round_visits_all_of_them_and_each_host_of_a_stranger_one_after_the_other(
    web: FeedServer, noon: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stranger is asked at once is one thing; a host of ours may be asked for more."""
    at_once = {"now": 0, "most": 0}
    counting = threading.Lock()
    meeting = threading.Barrier(1)

    def slowly(request: Request) -> None:
        with counting:
            at_once["now"] += 1
            at_once["most"] = max(at_once["most"], at_once["now"])
        meeting.wait(30)
        with counting:
            at_once["now"] -= 1
        request.say(200, feed(1).encode())

    many(web, 4)
    web.answers = dict.fromkeys(web.answers, slowly)
    monkeypatch.setattr(fetching, "checked_addresses", lambda url, **options: ["127.0.0.1"])  # a stranger on loopback
    polling.poll_all(polling.claim_due(now=noon), now=noon)
    assert (len(web.asked), at_once["most"]) == (4, 1)
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    Source.objects.update(next_poll_at=None)
    meeting = threading.Barrier(4)
    polling.poll_all(polling.claim_due(now=noon), now=noon)
    assert (len(web.asked), at_once["most"]) == (8, 4)


def test_what_there_was_no_time_for_is_given_back(
    web: FeedServer, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        polling, "looks", lambda sources, **options: visiting.looks(sources, **{**options, "seconds": 0})
    )
    assert polling.poll_all(polling.claim_due(now=noon), now=noon) == []
    source.refresh_from_db()
    assert (source.health, source.leased_until, web.asked) == ("never", None, [])
    assert polling.claim_due(now=noon) == [source]


def test_a_document_that_is_the_same_again_is_not_read_again_but_once_a_day(
    web: FeedServer, source: Source, visit: Visit, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many servers know no 304."""
    reads: list[int] = []
    read = visiting.read_feed

    def counted(*args: Any, **options: Any) -> Reading:
        reads.append(1)
        return read(*args, **options)

    monkeypatch.setattr(visiting, "read_feed", counted)
    assert [visit(noon).health, visit(noon + 5 * MINUTE).health] == ["ok", "unchanged"]
    assert len(reads) == 1
    assert (source.health, source.last_good_at) == ("unchanged", noon + 5 * MINUTE)
    assert visit(noon + timedelta(hours=25)).health == "ok"
    web.put("/feed", feed(1, 2, 3))
    assert visit(noon + timedelta(hours=26)).health == "ok"
    assert (len(reads), heard_ids()) == (3, ["1", "2", "3"])


# --- its own pace ----------------------------------------------------------------------------------------------------
def dated(*times: datetime) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{at:%d%H%M}</guid><title>第{at:%d%H%M}条</title>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for at in times
    )
    return f"<rss version='2.0'><channel><title>晴野</title>{items}</channel></rss>"


def test_a_source_is_asked_as_often_as_it_speaks(web: FeedServer, source: Source, visit: Visit, noon: datetime) -> None:
    times = [noon - timedelta(minutes=40 * n) for n in range(10)]
    web.put("/feed", dated(*times))
    visit(noon)
    assert (source.usual_gap_seconds, source.last_post_at) == (2400, noon)
    assert waits(source, noon, 15 * MINUTE)
    web.put("/feed", dated(*times, *(noon + timedelta(minutes=n) for n in range(1, 20))))
    visit(noon + 20 * MINUTE)
    assert source.usual_gap_seconds
    assert 60 < source.usual_gap_seconds < 600
    Source.objects.update(is_key=True, usual_gap_seconds=86400)
    visit(noon + 40 * MINUTE)
    assert waits(source, noon + 40 * MINUTE, 5 * MINUTE)


@pytest.mark.parametrize(
    ("headers", "ttl", "pause"),
    [
        ({}, 30, 30),
        ({"Cache_Control": "public, max-age=1800"}, 0, 30),
        ({"Cache_Control": "max-age=1800"}, 45, 45),
        ({"Cache_Control": "no-cache, max-age=1800"}, 0, 5),
        ({"Expires": "Wed, 18 Nov 2026 04:30:00 GMT", "Date": "Wed, 18 Nov 2026 04:00:00 GMT"}, 0, 30),
        ({"Cache_Control": "max-age=31536000"}, 0, 360),
        ({"Cache_Control": "max-age=10"}, 0, 5),
    ],
)
def test_what_a_source_asks_for_itself_is_heeded(
    web: FeedServer,
    source: Source,
    visit: Visit,
    noon: datetime,
    headers: dict[str, str],
    ttl: int,
    pause: int,
) -> None:
    document = feed(1).replace("<title>晴野</title>", f"<title>晴野</title><ttl>{ttl}</ttl>" if ttl else "")
    web.put("/feed", document, **headers)
    visit(noon)
    assert waits(source, noon, pause * MINUTE)
    visit(noon + 2 * MINUTE)  # the same document: what it asked for holds
    assert waits(source, noon + 2 * MINUTE, pause * MINUTE)
