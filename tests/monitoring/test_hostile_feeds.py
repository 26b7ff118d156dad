"""Documents made to hurt: each is read in a process apart, within its time and memory, and hurts nobody else."""

import os
import time
from datetime import datetime

import pytest

from monitoring.reading import apart
from monitoring.reading.apart import read_feed
from monitoring.reading.reader import Reading

GOOD = "<rss><channel><item><guid>1</guid><title>一</title></item></channel></rss>"


def item(inside: str) -> str:
    return f"<rss version='2.0'><channel><item><guid>1</guid><title>一</title>{inside}</item></channel></rss>"


def laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE r [<!ENTITY l0 "lol">{entities}]><rss><channel><item><title>&l9;</title></item></channel></rss>'


def read(body: bytes, now: datetime, seconds: float = 60) -> Reading:
    """In time that a busy machine has too; what takes too much of the processor ends all the same."""
    return read_feed(body, content_type="", url="https://n.example/feed", now=now, seconds=seconds)


HOSTILE = {
    "a file as an entity": (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{item("<description>&x;</description>")}'.encode(),
        "unreadable",
    ),
    "a billion laughs": (laughs().encode(), "unreadable"),
    "a billion laughs in utf-16": (laughs().encode("utf-16"), "unreadable"),
    "laughs behind a comment that looks like a root": (
        f"<!-- <rss> --><?a <rss>?>{laughs()}".encode(),
        "unreadable",
    ),
    "quadratic blow-up": (
        f'<!DOCTYPE r [<!ENTITY a "{"a" * 100_000}">]><rss><item><title>{"&a;" * 10_000}</title></item></rss>'.encode(),
        "unreadable",
    ),
    "an address as the whole document": (b"http://169.254.169.254/latest/meta-data/", "not_a_feed"),
    "a path as the whole document": (b"/etc/passwd", "not_a_feed"),
    "20,000 tags deep": (item("<description>" + "<d>" * 20_000 + "</d>" * 20_000 + "</description>").encode(), "ok"),
    "30,000 open divs": (item("<description><![CDATA[" + "<div>" * 30_000 + "]]></description>").encode(), "ok"),
    "a title of 5 MB": (
        f"<rss><channel><item><guid>1</guid><title>一{'x' * 5_000_000}</title></item>".encode(),
        "ok",
    ),
    "20,000 entries": (("<rss><channel>" + GOOD[14:-16] * 20_000 + "</channel></rss>").encode(), "ok"),
    "10 MB in one entry": (item(f"<description>{'x' * 10_000_000}</description>").encode(), "too_large"),
    "100,000 brackets": (b"[" * 100_000, "unreadable"),
    "no end in sight": (b"<rss>" + b"<" * 1_000_000, "empty"),
    "comments without end": (b"<!--" * 500_000, "not_a_feed"),
    "instructions without number": (b"<?a?> " * 500_000 + b"<rss/>", "empty"),
    "nothing but NUL": (bytes(100_000), "not_a_feed"),
    "any bytes": (bytes(range(256)) * 1_000, "not_a_feed"),
}


@pytest.fixture(autouse=True)
def _a_reader_is_warm(noon: datetime) -> None:
    """One fresh reader waits; those of earlier tests retire after so many documents, perhaps right now."""
    while apart._idle:
        reader = apart._idle.pop()
        reader.kill()
        reader.communicate()
    read(GOOD.encode(), noon)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_answered(noon: datetime, name: str) -> None:
    body, health = HOSTILE[name]
    found = read(body, noon)
    assert (found.health, found.reason) != ("unreadable", "slow_to_read")
    assert found.health == health
    assert bool(found.words) is (health != "ok" or name == "20,000 entries")
    assert all(post.title.startswith("一") and len(post.title) <= 500 for post in found.posts)
    assert read(GOOD.encode(), noon).health == "ok"


def test_one_that_takes_too_long_is_stopped_and_the_next_is_read(noon: datetime) -> None:
    body = ("<rss " + " ".join(f'a{n}="1"' for n in range(300_000)) + "></rss>").encode()
    started = time.monotonic()
    found = read(body, noon, seconds=1)
    assert time.monotonic() - started < 10
    assert (found.health, found.reason) == ("unreadable", "slow_to_read")
    assert "1" in found.words
    assert read(GOOD.encode(), noon).health == "ok"


def test_one_whose_reader_dies_is_unreadable_and_the_next_is_read(noon: datetime) -> None:
    (reader,) = apart._idle
    reader.kill()
    assert read(GOOD.encode(), noon).health == "ok"


def test_a_reader_is_used_again_and_is_not_shared(noon: datetime) -> None:
    (first,) = apart._idle
    read(GOOD.encode(), noon)
    assert apart._idle == [first]


def test_a_reader_sees_nothing_of_our_environment(noon: datetime) -> None:
    (reader,) = apart._idle
    with open(f"/proc/{reader.pid}/environ", "rb") as environment:
        names = {entry.partition(b"=")[0] for entry in environment.read().split(b"\0") if entry}
    assert names <= {b"PYTHONUTF8", b"PYTHONDONTWRITEBYTECODE", b"LC_CTYPE"}


def test_memory_is_limited(noon: datetime) -> None:
    read(HOSTILE["10 MB in one entry"][0], noon)
    for reader in apart._idle:
        with open(f"/proc/{reader.pid}/limits") as limits:
            line = next(line for line in limits if line.startswith("Max address space"))
        assert int(line.split()[3]) == 768 * 1024 * 1024


def test_our_own_memory_hardly_grows(noon: datetime) -> None:
    def resident() -> float:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024

    bodies = [body for body, health in HOSTILE.values()]
    before = resident()
    for body in bodies:
        read(body, noon)
    assert resident() - before < 50
