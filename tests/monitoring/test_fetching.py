"""Fetching from a stranger: what it may take of our time and memory, and where it may send us."""

import gzip
import socket
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import brotli
import pytest

from monitoring.fetching import fetch as fetching
from monitoring.fetching.fetch import Lines, fetch
from monitoring.health.words import FetchError
from tests.monitoring.feedserver import FeedServer, Request

MEGABYTE = 1024 * 1024
PUBLIC = "93.184.216.34"


def refusal(url: str, now: datetime, **options: Any) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, now=now, **options)
    assert caught.value.words
    return caught.value.health


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The names the resolver knows, and its answers; others do not exist. Numbers are read as the system reads them."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]
        return real(host, port, *args, **{**options, "flags": socket.AI_NUMERICHOST})

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_a_document_is_fetched_with_its_validators(web: FeedServer, noon: datetime) -> None:
    url = web.put("/feed", "<rss/>", ETag='"1"', Last_Modified="Wed, 18 Nov 2026 03:00:00 GMT", Content_Type="text/xml")
    got = fetch(url, now=noon, allow_private=True)
    assert (got.status, got.health, got.body, got.content_type) == (200, "ok", b"<rss/>", "text/xml")
    assert (got.etag, got.last_modified) == ('"1"', "Wed, 18 Nov 2026 03:00:00 GMT")
    assert got.permanent_url == ""


def test_only_what_is_new_is_asked_for(web: FeedServer, noon: datetime) -> None:
    url = web.put("/feed", b"", 304)
    got = fetch(url, etag='"1"', last_modified="Wed, 18 Nov 2026 03:00:00 GMT", now=noon, allow_private=True)
    assert got.health == "unchanged"
    asked = web.asked[0][1]
    assert asked["If-None-Match"] == '"1"'
    assert asked["If-Modified-Since"] == "Wed, 18 Nov 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "headers", "health", "wait"),
    [
        (404, {}, "http_error", None),
        (410, {}, "gone", None),
        (429, {"Retry_After": "120"}, "rate_limited", 120),
        (429, {"Retry_After": "Wed, 18 Nov 2026 04:30:00 GMT"}, "rate_limited", 1800),
        (429, {"Retry_After": "99999999"}, "rate_limited", 86400),
        (429, {"Retry_After": "soon"}, "rate_limited", None),
        (503, {"Retry_After": "60"}, "http_error", 60),
        (500, {}, "http_error", None),
        (204, {}, "http_error", None),
        (302, {}, "http_error", None),
    ],
)
def test_every_answer_has_its_own_outcome(
    web: FeedServer, noon: datetime, status: int, headers: dict[str, str], health: str, wait: int | None
) -> None:
    got = fetch(web.put("/feed", b"", status, **headers), now=noon, allow_private=True)
    assert (got.status, got.health, got.retry_after_seconds) == (status, health, wait)
    assert got.words


def test_an_empty_route_of_rsshub_is_named(web: FeedServer, noon: datetime) -> None:
    url = web.put("/weibo", "<p>Error: this route is empty, please check the original site</p>", 503)
    got = fetch(url, now=noon, allow_private=True)
    assert (got.status, got.health) == (503, "empty")
    assert "RSSHub" in got.words


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("br", brotli.compress),
        ("identity", bytes),
    ],
)
def test_packed_answers_are_unpacked(
    web: FeedServer, noon: datetime, packing: str, pack: Callable[[bytes], bytes]
) -> None:
    body = "舆情".encode() * 10_000
    url = web.put("/feed", pack(body), Content_Encoding=packing)
    assert fetch(url, now=noon, allow_private=True).body == body


@pytest.mark.parametrize(
    ("packing", "body", "health"),
    [
        ("gzip", gzip.compress(b"x" * 200_000)[:-20], "unreadable"),
        ("gzip", b"\x1f\x8bno gzip at all", "unreadable"),
        ("br", b"no brotli at all, and long enough to be sure of it", "unreadable"),
        ("zstd", b"x", "unreadable"),
        ("gzip", gzip.compress(bytes(200 * MEGABYTE), 1), "too_large"),
        ("deflate", zlib.compress(bytes(50 * MEGABYTE), 1), "too_large"),
        ("br", brotli.compress(bytes(50 * MEGABYTE), quality=1), "too_large"),
        ("", bytes(10 * MEGABYTE + 1), "too_large"),
    ],
    ids=["cut", "not gzip", "not brotli", "unknown", "gzip bomb", "deflate bomb", "brotli bomb", "large"],
)
def test_what_cannot_be_unpacked_or_is_too_large_is_refused(
    web: FeedServer, noon: datetime, packing: str, body: bytes, health: str
) -> None:
    url = web.put("/feed", body, **({"Content_Encoding": packing} if packing else {}))
    started = time.monotonic()
    assert refusal(url, noon, allow_private=True) == health
    assert time.monotonic() - started < 10


def test_a_body_of_just_the_limit_is_accepted(web: FeedServer, noon: datetime) -> None:
    url = web.put("/feed", gzip.compress(bytes(10 * MEGABYTE)), Content_Encoding="gzip")
    assert len(fetch(url, now=noon, allow_private=True).body) == 10 * MEGABYTE


def test_an_answer_without_end_is_cut_off(web: FeedServer, noon: datetime) -> None:
    def endless(request: Request) -> None:
        request.say(200, Content_Length=str(10**12))
        while True:
            request.wfile.write(b"x" * 65536)

    def endless_and_silent_about_it(request: Request) -> None:
        request.say(200, Transfer_Encoding="chunked")
        while True:
            request.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    web.answers.update({"/told": endless, "/untold": endless_and_silent_about_it})
    assert refusal(web.url("/told"), noon, allow_private=True) == "too_large"
    assert refusal(web.url("/untold"), noon, allow_private=True) == "too_large"


@pytest.mark.parametrize("where", ["headers", "body"])
def test_the_deadline_counts_while_bytes_trickle_in(
    web: FeedServer, noon: datetime, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(fetching, "DEADLINE_SECONDS", 1.0)

    def trickle(request: Request) -> None:
        if where == "body":
            request.say(200, Content_Length="1000")
        else:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _byte in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.1)

    web.answers["/slow"] = trickle
    started = time.monotonic()
    assert refusal(web.url("/slow"), noon, allow_private=True) == "slow"
    assert time.monotonic() - started < 10


def test_silence_ends_after_the_read_limit(web: FeedServer, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "READ_SECONDS", 0.3)
    web.answers["/silent"] = lambda request: time.sleep(2)
    assert refusal(web.url("/silent"), noon, allow_private=True) == "slow"


def test_nobody_there_and_a_broken_answer_are_unreachable(web: FeedServer, noon: datetime) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert refusal(f"http://127.0.0.1:{port}/", noon, allow_private=True) == "unreachable"
    web.answers["/broken"] = lambda request: request.say(200, b"half", Content_Length="100")
    assert refusal(web.url("/broken"), noon, allow_private=True) == "unreachable"

    def gibberish(request: Request) -> None:
        request.wfile.write(b"\x00\x01\x02\r\n\r\n")

    web.answers["/gibberish"] = gibberish
    assert refusal(web.url("/gibberish"), noon, allow_private=True) == "unreachable"


def test_a_server_without_tls_is_unreachable_by_https(web: FeedServer, noon: datetime) -> None:
    assert refusal(f"https://{web.host}/", noon, allow_private=True) == "unreachable"


def test_permanent_moves_are_remembered_up_to_the_first_that_is_not(web: FeedServer, noon: datetime) -> None:
    web.put("/end", "<rss/>")
    web.redirect("/third", "/end", 302)
    web.redirect("/second", "/third", 308)
    first = web.redirect("/first", "/second", 301)
    got = fetch(first, now=noon, allow_private=True)
    assert (got.url, got.body) == (web.url("/end"), b"<rss/>")
    assert got.permanent_url == web.url("/third")


def test_a_temporary_move_is_not_remembered(web: FeedServer, noon: datetime) -> None:
    web.put("/end", "<rss/>")
    web.redirect("/second", "/end", 301)
    assert fetch(web.redirect("/first", "/second", 302), now=noon, allow_private=True).permanent_url == ""


def test_a_fourth_hop_is_refused(web: FeedServer, noon: datetime) -> None:
    web.redirect("/loop", "/loop")
    assert refusal(web.url("/loop"), noon, allow_private=True) == "http_error"
    assert len(web.asked) == 4


INSIDE = [
    "http://127.0.0.1/",
    "http://localhost.internal/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::]/",
    "http://[fd00:ec2::254]/",
    "http://[2001:0:a00:1::]/",
    "http://[64:ff9b::a00:1]/",
    "http://[2002:a00:1::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://127.1/",
    "http://0/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://168.63.129.16/metadata",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://10.0.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user:word@public.example/",
    "http://public.example:8080/",
    "http://half-public.example/",
    "file:///etc/passwd",
    "gopher://public.example/",
    "ftp://public.example/",
    "http:///feed",
    "http://[::1/",
]
MEANT = {"public.example": [PUBLIC], "localhost.internal": ["127.0.0.1"], "half-public.example": [PUBLIC, "10.0.0.1"]}


@pytest.mark.parametrize("address", [*INSIDE, "public.example/feed", "http://", "", "/feed"])
def test_addresses_inside_the_house_are_refused(noon: datetime, names: dict[str, list[str]], address: str) -> None:
    names.update(MEANT)
    assert refusal(address, noon) == "refused_address"


@pytest.mark.parametrize("address", [one for one in INSIDE if one != "http:///feed" and one.isascii()])
def test_so_are_redirects_to_them_from_a_host_that_is_allowed(
    web: FeedServer, noon: datetime, names: dict[str, list[str]], settings: Any, address: str
) -> None:
    names.update(MEANT)
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    assert refusal(web.redirect("/first", address), noon) == "refused_address"
    assert [path for path, headers in web.asked] == ["/first"]


def test_loopback_is_all_that_allow_private_opens(noon: datetime, names: dict[str, list[str]]) -> None:
    for address in ("http://10.0.0.1/", "http://169.254.169.254/", "http://0.0.0.0/", "http://[::ffff:10.0.0.1]/"):
        assert refusal(address, noon, allow_private=True) == "refused_address"


def test_a_listed_host_may_be_private_on_its_listed_port_only(
    web: FeedServer, noon: datetime, names: dict[str, list[str]], settings: Any
) -> None:
    names["rsshub"] = ["127.0.0.1"]
    web.put("/feed", "<rss/>")
    assert refusal(f"http://rsshub:{web.server_port}/feed", noon) == "refused_address"
    settings.FETCH_ALLOWED_HOSTS = [f"RSSHub:{web.server_port}"]
    assert fetch(f"http://rsshub:{web.server_port}/feed", now=noon).body == b"<rss/>"
    assert refusal("http://rsshub:1/feed", noon) == "refused_address"


def test_the_address_that_was_checked_is_the_one_that_is_called(
    web: FeedServer, noon: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A name that answers differently the second time gains nothing, for there is no second time."""
    answers = iter([["127.0.0.1"], [PUBLIC]])
    asked: list[str] = []

    def turning(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        found = next(answers) if host == "turning.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", turning)
    settings.FETCH_ALLOWED_HOSTS = [f"turning.example:{web.server_port}"]
    web.put("/feed", "<rss/>")
    assert fetch(f"http://turning.example:{web.server_port}/feed", now=noon).body == b"<rss/>"
    assert asked == ["turning.example", "127.0.0.1"]
    assert web.asked[0][1]["Host"] == f"turning.example:{web.server_port}"


def test_a_name_nobody_knows_is_unreachable(noon: datetime, names: dict[str, list[str]]) -> None:
    assert refusal("http://nowhere.example/", noon) == "unreachable"


def test_proxies_of_the_environment_are_not_used(
    web: FeedServer, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(web.put("/feed", "<rss/>"), now=noon, allow_private=True).body == b"<rss/>"


# --- lines kept open -------------------------------------------------------------------------------------------------
def keep_alive(request: Request) -> None:
    request.protocol_version = "HTTP/1.1"
    request.close_connection = False
    ports.append(request.client_address[1])
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>")


ports: list[int] = []


def test_a_connection_is_used_again_for_the_same_host_and_the_name_asked_once(
    web: FeedServer, noon: datetime, names: dict[str, list[str]], settings: Any
) -> None:
    """A name that answers differently later gains nothing: the line leads where it was checked to lead."""
    ports.clear()
    names["feeds.example"] = ["127.0.0.1"]
    settings.FETCH_ALLOWED_HOSTS = [f"feeds.example:{web.server_port}"]
    web.answers.update({"/a": keep_alive, "/b": keep_alive})
    with Lines() as lines:
        assert fetch(f"http://feeds.example:{web.server_port}/a", now=noon, lines=lines).body == b"<rss/>"
        names["feeds.example"] = ["10.0.0.1"]
        assert fetch(f"http://feeds.example:{web.server_port}/b", now=noon, lines=lines).body == b"<rss/>"
    assert len(set(ports)) == 1
    assert [headers["Host"] for _path, headers in web.asked] == [f"feeds.example:{web.server_port}"] * 2


def test_a_connection_that_was_closed_meanwhile_is_no_failure(web: FeedServer, noon: datetime) -> None:
    def once(request: Request) -> None:
        keep_alive(request)
        request.close_connection = True

    web.answers["/feed"] = once
    with Lines(allow_private=True) as lines:
        for _time in range(3):
            assert fetch(web.url("/feed"), now=noon, lines=lines).health == "ok"


def test_a_line_to_one_host_says_nothing_about_another(
    web: FeedServer, noon: datetime, names: dict[str, list[str]], settings: Any
) -> None:
    names.update({"feeds.example": ["127.0.0.1"], "inside.example": ["127.0.0.1"]})
    settings.FETCH_ALLOWED_HOSTS = [f"feeds.example:{web.server_port}"]
    web.answers["/a"] = keep_alive
    web.redirect("/away", f"http://inside.example:{web.server_port}/a")
    with Lines() as lines:
        fetch(f"http://feeds.example:{web.server_port}/a", now=noon, lines=lines)
        assert refusal(f"http://feeds.example:{web.server_port}/away", noon, lines=lines) == "refused_address"
    assert [path for path, _headers in web.asked] == ["/a", "/away"]


def test_each_fetch_on_a_kept_line_has_its_own_deadline(
    web: FeedServer, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "DEADLINE_SECONDS", 2.0)

    def slow(request: Request) -> None:
        time.sleep(0.7)
        keep_alive(request)

    web.answers["/slow"] = slow
    with Lines(allow_private=True) as lines:
        for _time in range(3):
            assert fetch(web.url("/slow"), now=noon, lines=lines).health == "ok"


# --- what an answer says about itself --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache_Control": "max-age=600"}, 600),
        ({"Cache_Control": 'public, Max-Age="600", must-revalidate'}, 600),
        ({"Cache_Control": "s-maxage=600"}, None),
        ({"Cache_Control": "no-store, max-age=600"}, None),
        ({"Cache_Control": "max-age=0"}, 0),
        ({"Cache_Control": "max-age=999999999"}, 86400),
        ({"Cache_Control": "max-age=-1"}, None),
        ({"Expires": "Wed, 18 Nov 2026 04:10:00 GMT"}, 600),
        ({"Expires": "Wed, 18 Nov 2026 03:00:00 GMT"}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "soon"}, None),
        ({"Cache_Control": "max-age=60", "Expires": "Wed, 18 Nov 2026 04:10:00 GMT"}, 60),
    ],
)
def test_how_long_an_answer_holds(
    web: FeedServer, noon: datetime, headers: dict[str, str], seconds: int | None
) -> None:
    got = fetch(web.put("/feed", "<rss/>", **headers), now=noon, allow_private=True)
    assert got.fresh_for_seconds == seconds


@pytest.mark.parametrize("status", [401, 403, 503])
def test_an_error_that_is_a_captcha_is_called_one(web: FeedServer, noon: datetime, status: int) -> None:
    page = gzip.compress("<title>安全验证</title>".encode())
    got = fetch(web.put("/feed", page, status, Content_Encoding="gzip"), now=noon, allow_private=True)
    assert (got.health, got.status, got.body) == ("captcha", status, b"")
    got = fetch(web.put("/feed", b"no gzip", status, Content_Encoding="gzip"), now=noon, allow_private=True)
    assert got.health == "http_error"


def test_an_error_page_without_end_is_looked_at_and_left(web: FeedServer, noon: datetime) -> None:
    def endless(request: Request) -> None:
        request.say(403, Content_Length=str(10**12))
        while True:
            request.wfile.write(b"x" * 65536)

    web.answers["/feed"] = endless
    assert fetch(web.url("/feed"), now=noon, allow_private=True).health == "http_error"
