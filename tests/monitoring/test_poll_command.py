"""`manage.py poll`: other things rely on what it prints and on what it leaves alone."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from monitoring.models import Poll
from opinion.models import Heard, Source
from tests.monitoring.feedserver import FeedServer

pytestmark = pytest.mark.django_db
FEED = (
    "<rss version='2.0'><channel><title>晴野</title><item><guid isPermaLink='false'>1</guid>"
    "<title>晴野茶饮道歉，电话13800138000</title><link>https://n.example/1</link><author>林</author>"
    "<pubDate>Wed, 18 Nov 2026 10:20:00 +0800</pubDate></item></channel></rss>"
)


def poll(*arguments: str) -> tuple[str, str]:
    out, words = io.StringIO(), io.StringIO()
    call_command("poll", *arguments, stdout=out, stderr=words)
    return out.getvalue(), words.getvalue()


def test_an_address_is_looked_at_and_nothing_is_stored(web: FeedServer, time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 18, 4, tzinfo=UTC))
    url = web.put("/feed", FEED)
    out, words = poll("--url", url, "--json", "--allow-private")
    told = json.loads(out)
    assert (told["url"], told["health"], told["http_status"]) == (url, "ok", 200)
    assert (told["encoding"], told["title"], told["words"]) == ("utf-8", "晴野", "")
    (post,) = told["posts"]
    assert (post["external_id"], post["title"], post["author"]) == ("1", "晴野茶饮道歉，电话138****8000", "林")
    assert (post["url"], post["published_at"], post["date_doubt"]) == (
        "https://n.example/1",
        "2026-11-18T02:20:00+00:00",
        "",
    )
    assert url in words
    assert (Heard.objects.count(), Poll.objects.count(), Source.objects.count()) == (0, 0, 0)


def test_several_addresses_print_a_list_in_their_order(web: FeedServer) -> None:
    urls = [web.put("/feed", FEED), web.url("/nothing"), "http://10.0.0.1/", web.put("/page", "<html>验证码</html>")]
    out, _words = poll(*(f"--url={url}" for url in urls), "--json", "--allow-private")
    told = json.loads(out)
    assert [one["url"] for one in told] == urls
    assert [one["health"] for one in told] == ["ok", "http_error", "refused_address", "captcha"]
    assert [bool(one["words"]) for one in told] == [False, True, True, True]


def test_loopback_needs_to_be_allowed(web: FeedServer) -> None:
    out, _words = poll("--url", web.put("/feed", FEED), "--json")
    assert json.loads(out)["health"] == "refused_address"
    assert web.asked == []


def test_without_json_the_posts_are_lines(web: FeedServer) -> None:
    out, _words = poll("--url", web.put("/feed", FEED), "--allow-private")
    assert [line.rsplit("  ", 1)[1] for line in out.splitlines()] == ["https://n.example/1"]


def test_due_sources_are_polled_or_one_that_is_not_due(web: FeedServer, settings: Any, noon: datetime) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    due = Source.objects.create(name="到期", url=web.put("/a", FEED), platform="x")
    later = Source.objects.create(
        name="未到", url=web.put("/b", FEED), platform="x", next_poll_at=datetime(2999, 1, 1, tzinfo=UTC)
    )
    out, words = poll()
    assert out == ""
    assert "到期" in words
    assert [poll.source for poll in Poll.objects.all()] == [due]
    poll("--source", str(later.pk))
    assert [poll.source for poll in Poll.objects.all()] == [later, due]


@pytest.mark.parametrize(
    "arguments",
    [["--source", "4711"], ["--source", "1", "--url", "http://n.example/"], ["--json"], ["--allow-private"]],
)
def test_what_makes_no_sense_is_refused_in_words(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        poll(*arguments)


def test_a_source_that_is_off_is_not_polled(web: FeedServer) -> None:
    off = Source.objects.create(name="停用", url=web.url("/a"), platform="x", is_enabled=False)
    with pytest.raises(CommandError):
        poll("--source", str(off.pk))
    assert Poll.objects.count() == 0
