"""A town of feeds of our own on this machine: `python -m bench._feeds COUNT SEED` serves them, and prints its port.

Feed n answers at http://127.0.0.H:PORT/n, four feeds on a host. GET /-/turn?changed=0.3 lets that share of the feeds
publish something new; GET /-/delay?low=20&high=80 sets how many milliseconds an answer takes.
"""

import asyncio
import hashlib
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlsplit

from bench._stories import OWN, PLACES, PRODUCTS, SAID, WHEN

FEEDS_ON_A_HOST = 4
WANTED_SHARE = 0.01  # of the posts name the company
BEGAN = datetime.now(UTC) - timedelta(hours=6)
# What a hundred feeds are. "mute" ones never say 304, whatever they are asked.
KINDS = (
    *["rss"] * 26,
    *["rss, mute"] * 16,
    *["atom"] * 20,
    *["rdf"] * 6,
    *["json"] * 12,
    *["gbk"] * 8,
    *["gbk, mute"] * 4,
    *["gone wrong"] * 5,
    *["captcha"] * 3,
)


def url(port: int, number: int) -> str:
    return f"http://127.0.0.{number // FEEDS_ON_A_HOST % 250 + 1}:{port}/{number}"


class Feed:
    """One feed: its entries, the newest first, and its document as it stands."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.number, self.dice = number, dice
        self.kind, _comma, mute = dice.choice(KINDS).partition(", ")
        self.is_mute = bool(mute)
        self.entries: list[tuple[str, str, datetime]] = []
        for minutes in range(dice.randint(10, 30)):
            self.say_something(BEGAN - timedelta(minutes=30 * (40 - minutes)))
        self.typeset()

    def say_something(self, at: datetime) -> None:
        told = [*SAID["neg"], *SAID["neu"], *SAID["pos"]]
        place, thing = self.dice.choice(PLACES), self.dice.choice(PRODUCTS)
        ours = OWN if self.dice.random() < WANTED_SHARE else ""
        title = (
            f"{self.dice.choice(WHEN)}在{ours}{place}买{thing}，{self.dice.choice(told)} {self.dice.randrange(10**6)}"
        )
        text = "。".join(
            f"{self.dice.choice(WHEN)}{self.dice.choice(PLACES)}的{self.dice.choice(PRODUCTS)}{self.dice.choice(told)}"
            for _sentence in range(self.dice.randint(2, 16))
        )
        self.entries = [(title, f"<p>{text}。</p>", at), *self.entries[:29]]

    def typeset(self) -> None:
        self.body = {"atom": self.atom, "rdf": self.rdf, "json": self.json}.get(self.kind, self.rss)()
        self.etag = f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'

    def rss(self) -> bytes:
        code = "GBK" if self.kind == "gbk" else "UTF-8"
        items = "".join(
            f"<item><title>{escape(title)}</title><link>https://n.example/{self.number}/{at:%s}</link>"
            f"<guid isPermaLink='false'>{self.number}-{hash_of(title)}</guid>"
            f"<pubDate>{at:%a, %d %b %Y %H:%M:%S +0000}</pubDate><description><![CDATA[{text}]]></description></item>"
            for title, text, at in self.entries
        )
        document = (
            f"<?xml version='1.0' encoding='{code}'?><rss version='2.0'><channel><title>第{self.number}台</title>"
            f"<link>https://n.example/</link>{items}</channel></rss>"
        )
        return document.encode(code)

    def atom(self) -> bytes:
        entries = "".join(
            f"<entry><title>{escape(title)}</title><link href='https://n.example/{self.number}/{at:%s}'/>"
            f"<id>tag:n.example,{self.number}:{hash_of(title)}</id><updated>{at:%Y-%m-%dT%H:%M:%SZ}</updated>"
            f"<author><name>路人</name></author><content type='html'>{escape(text)}</content></entry>"
            for title, text, at in self.entries
        )
        return (
            f"<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
            f"<title>第{self.number}台</title><id>tag:n.example,{self.number}</id>{entries}</feed>"
        ).encode()

    def rdf(self) -> bytes:
        items = "".join(
            f"<item rdf:about='https://n.example/{self.number}/{hash_of(title)}'><title>{escape(title)}</title>"
            f"<link>https://n.example/{self.number}/{at:%s}</link><dc:date>{at:%Y-%m-%dT%H:%M:%SZ}</dc:date>"
            f"<description>{escape(text)}</description></item>"
            for title, text, at in self.entries
        )
        return (
            "<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
            f"<channel rdf:about='https://n.example/'><title>第{self.number}台</title></channel>{items}</rdf:RDF>"
        ).encode()

    def json(self) -> bytes:
        items = [
            {
                "id": f"{self.number}-{hash_of(title)}",
                "url": f"https://n.example/{self.number}/{at:%s}",
                "title": title,
                "content_html": text,
                "date_published": at.isoformat(),
            }
            for title, text, at in self.entries
        ]
        about = {"version": "https://jsonfeed.org/version/1.1", "title": f"第{self.number}台", "items": items}
        return json.dumps(about, ensure_ascii=False).encode()

    def answer(self, asked: str) -> bytes:
        """The whole HTTP answer to a request's text."""
        if self.kind == "gone wrong":
            return answered("500 Internal Server Error", b"")
        if self.kind == "captcha":
            return answered(
                "200 OK", "<html><title>安全验证</title><p>请输入验证码</p></html>".encode(), kind="text/html"
            )
        if self.is_mute:
            return answered("200 OK", self.body)
        if self.etag in asked:
            return answered("304 Not Modified", b"", etag=self.etag)
        return answered("200 OK", self.body, etag=self.etag)


def hash_of(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:16]


def answered(status: str, body: bytes, *, etag: str = "", kind: str = "application/xml") -> bytes:
    tag = f"ETag: {etag}\r\n" if etag else ""
    head = f"HTTP/1.1 {status}\r\n{tag}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Town:
    def __init__(self, count: int, seed: int) -> None:
        self.dice = random.Random(seed)
        self.feeds = [Feed(number, random.Random(f"{seed} {number}")) for number in range(count)]
        self.low = self.high = 0.0
        self.turns = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request on one connection, as web servers do."""
        try:
            while asked := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                target = urlsplit(asked.split(" ", 2)[1])
                if target.path.startswith("/-/"):
                    writer.write(answered("200 OK", self.told(target.path, parse_qs(target.query))))
                else:
                    await asyncio.sleep(self.dice.uniform(self.low, self.high))
                    writer.write(self.feeds[int(target.path[1:])].answer(asked))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def told(self, path: str, query: dict[str, list[str]]) -> bytes:
        if path == "/-/delay":
            self.low, self.high = (float(query[name][0]) / 1000 for name in ("low", "high"))
        else:
            self.turns += 1
            share = float(query["changed"][0])
            for feed in self.dice.sample(self.feeds, round(share * len(self.feeds))):
                feed.say_something(BEGAN + timedelta(minutes=self.turns))
                feed.typeset()
        return b""


async def main(count: int, seed: int) -> None:
    town = Town(count, seed)
    server = await asyncio.start_server(town.serve, "0.0.0.0", 0, backlog=1024)  # all of 127.0.0.0/8
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
