"""Rendering a post's page: kept when it is the page, called a wall when it is one, and never led inside the house."""

import socket
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from incidents.levels import Level
from incidents.models import IncidentPost
from notices.models import Notice
from opinion.services.evidence import read
from response.capturing.browser import browser_path
from response.capturing.guard import guard
from response.models import Capture, Preservation
from response.notnow import NotNow
from response.services import capturing
from response.services.evidence import capture_again, preserve_post, verify
from response.tasks import capture_pages
from tests.factories import PostFactory
from tests.monitoring.feedserver import FeedServer
from tests.response.factories import drill, incident_at

WORDS = "芋泥波波的杯子里有一只完整的虫子，门店说是芋头皮，拒绝退款。"
needs_browser = pytest.mark.skipif(not browser_path(), reason="no Chromium on this machine: nothing was rendered")


@pytest.fixture
def web() -> Iterator[FeedServer]:
    server = FeedServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _storage(tmp_path, settings, web):
    settings.MEDIA_ROOT = tmp_path
    settings.FETCH_ALLOWED_HOSTS = [web.host]


def asked_for(cast: dict[str, User], noon: datetime, url: str, **changes: Any) -> Preservation:
    """A preserved post whose page was asked for."""
    incident = incident_at(Level.TWO, cast, noon, **changes)
    post = PostFactory(url=url, text=WORDS, exercise=incident.exercise)
    IncidentPost.objects.create(incident=incident, post=post, attached_at=noon)
    return preserve_post(incident, post, actor=cast["monitor"], now=noon, captures=True)


def page(body: str, title: str = "帖子") -> str:
    filler = "<p>" + "晴野茶饮门店的评论。" * 200 + "</p>"
    return f"<!doctype html><meta charset=utf-8><title>{title}</title><body>{body}{filler}</body>"


@needs_browser
def test_a_page_is_rendered_sealed_and_reaches_no_inner_host(
    cast: dict[str, User], noon: datetime, web: FeedServer
) -> None:
    """Its picture, its script and its redirecting frame ask for another port of this machine: none gets there."""
    inner = FeedServer()
    secret = inner.put("/secret", "inside")
    web.redirect("/leads-inside", secret)
    body = (
        f"<h1>{WORDS}</h1><img src='{secret}'><iframe src='/leads-inside'></iframe>"
        f"<script>fetch('{secret}', {{mode: 'no-cors'}}); document.title = 'x'</script>"
    )
    kept = asked_for(cast, noon, web.put("/post", page(body), 200, Content_Type="text/html; charset=utf-8"))
    capture_pages()
    inner.shutdown()
    inner.server_close()
    capture, exhibit = Capture.objects.get(), kept.exhibits.get()
    assert (capture.state, capture.words, capture.exhibit) == ("kept", "", exhibit)
    picture = read(exhibit.sha256)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", picture[16:20]) == (1280,)
    assert exhibit.origin["shows_words"] is True
    assert exhibit.origin["status"] == 200
    assert "Chrom" in exhibit.origin["browser"]
    assert exhibit.origin["refused"] == ["127.0.0.1"]
    assert inner.asked == []
    assert exhibit.added_by is None
    assert verify().whole
    capture_pages()
    assert kept.exhibits.count() == 1


@needs_browser
def test_a_sign_in_that_only_a_script_shows_is_a_wall_and_no_evidence(
    cast: dict[str, User], noon: datetime, web: FeedServer
) -> None:
    wall = "document.body.innerHTML = '<h1>请先登录</h1><input type=password>'"
    script = f"<script>addEventListener('load', () => {{ {wall} }})</script>"
    kept = asked_for(cast, noon, web.put("/post", page(script), 200, Content_Type="text/html"))
    capture_pages()
    assert Capture.objects.get().state == "wall"
    assert not kept.exhibits.exists()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((page("", title="登录 - 微博"), 200), "wall"),
        (("<html><body>请完成安全验证</body></html>", 403), "wall"),
        (("gone", 404), "failed"),
        (("busy", 500), "failed"),
    ],
)
def test_what_the_server_says_is_said_on_the_timeline_and_to_whoever_asked(
    cast: dict[str, User], noon: datetime, web: FeedServer, answer: tuple[str, int], state: str
) -> None:
    kept = asked_for(cast, noon, web.put("/post", answer[0], answer[1], Content_Type="text/html"))
    capture_pages()
    capture = Capture.objects.get()
    assert capture.state == state
    assert capture.words
    assert not kept.exhibits.exists()
    assert [notice.person for notice in Notice.objects.filter(event="response.capture_ended")] == [cast["monitor"]]
    assert kept.incident.timeline.first().event == "response.capture_ended"
    capture_again(kept, actor=cast["monitor"], now=noon)  # it may be asked for again
    with pytest.raises(NotNow):
        capture_again(kept, actor=cast["monitor"], now=noon)


def test_inner_addresses_drills_and_no_browser_are_refused_in_words(
    cast: dict[str, User], noon: datetime, web: FeedServer, settings: Any
) -> None:
    asked_for(cast, noon, "http://169.254.169.254/latest/meta-data/")
    asked_for(cast, noon, web.put("/post", page(WORDS)), exercise=drill(noon), number="YL-1-YQ-001")
    for _tick in range(2):
        capture_pages()
    settings.CAPTURE_BROWSER = "off"
    asked_for(cast, noon, web.url("/post"))
    capture_pages()
    assert {capture.state for capture in Capture.objects.all()} == {"failed"}
    assert len({capture.words for capture in Capture.objects.all()}) == 3
    assert web.asked == []


def test_of_two_workers_one_renders_and_a_lost_one_is_followed(
    cast: dict[str, User], noon: datetime, web: FeedServer
) -> None:
    asked_for(cast, noon, web.url("/post"))
    first, second = capturing.due_captures(noon).get(), capturing.due_captures(noon).get()
    assert capturing.claim(first, noon)
    assert not capturing.claim(second, noon)
    assert not capturing.due_captures(noon + timedelta(seconds=100)).exists()
    later = noon + timedelta(seconds=200)
    followed = capturing.due_captures(later).get()
    assert capturing.claim(followed, later)
    # the lost one comes back: nothing of it counts
    assert capturing.end(first, "failed", "too late", later) == "running"
    Capture.objects.update(tries=9)
    followed.refresh_from_db()
    assert capturing.carry_out(followed, later) == "failed"


# --- the guard -------------------------------------------------------------------------------------------------------
def through(port: int, head: str) -> bytes:
    """What the proxy answers to one request."""
    with socket.create_connection(("127.0.0.1", port), 5) as near:
        near.settimeout(5)
        near.sendall(head.encode() + b"\r\n\r\n")
        answer = b""
        while piece := near.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize(
    "ask",
    [
        "CONNECT 127.0.0.1:{other} HTTP/1.1",
        "CONNECT [::1]:443 HTTP/1.1",
        "CONNECT 169.254.169.254:80 HTTP/1.1",
        "CONNECT 10.0.0.1:443 HTTP/1.1",
        "CONNECT 93.184.216.34:22 HTTP/1.1",
        "GET http://127.0.0.1:{other}/ HTTP/1.1\r\nHost: public.example",
        "GET http://0x7f000001/ HTTP/1.1",
        "GET http://localhost./ HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "GET http://name:word@127.0.0.1:{page}/ HTTP/1.1",
    ],
)
def test_the_guard_refuses_every_way_inside(web: FeedServer, ask: str) -> None:
    other = FeedServer()
    with guard(web.url("/"), seconds=10) as proxy:
        answer = through(proxy.port, ask.format(other=other.server_port, page=web.server_port))
    other.shutdown()
    other.server_close()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert other.asked == web.asked == []


def test_the_guard_carries_the_page_and_drops_what_is_meant_for_it(web: FeedServer) -> None:
    web.put("/post", "words")
    with guard(web.url("/post"), seconds=10) as proxy:
        head = f"GET {web.url('/post')} HTTP/1.1\r\nHost: {web.host}\r\nProxy-Connection: keep-alive"
        plain = through(proxy.port, head)
    assert plain.endswith(b"words")
    assert [(path, "Proxy-Connection" in headers) for path, headers in web.asked] == [("/post", False)]
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", proxy.port), 1)
