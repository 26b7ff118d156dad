"""`manage.py poll`: visit sources now, or look at what an address would give without keeping any of it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts import clock
from monitoring.fetching import fetch
from monitoring.health import FetchError
from monitoring.reading.apart import read_feed
from monitoring.services import polling
from opinion.masking import mask
from opinion.models import Source, SourceHealth


class Command(BaseCommand):
    help = "Poll sources now: those that are due, one (--source), or an address without storing anything (--url)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", type=int, help="the id of one source")
        parser.add_argument("--url", action="append", default=[], help="an address to try; may be given several times")
        parser.add_argument("--json", action="store_true", help="with --url: print what would be stored, as JSON")
        parser.add_argument(
            "--allow-private", action="store_true", help="with --url: allow this machine's own addresses"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["url"] and options["source"]:
            raise CommandError("Give --source or --url, not both.")
        if options["url"]:
            self._try(options["url"], as_json=options["json"], allow_private=options["allow_private"])
        elif options["json"] or options["allow_private"]:
            raise CommandError("--json and --allow-private go with --url.")
        else:
            self._poll(options["source"])

    def _try(self, urls: list[str], *, as_json: bool, allow_private: bool) -> None:
        found = []
        for url in urls:
            one = looked_at(url, now=clock.now(), allow_private=allow_private)
            found.append(one)
            health = SourceHealth(one["health"]).label
            self.stderr.write(f"{url}: {health}, {len(one['posts'])}. {one['words']}".strip())
            for post in [] if as_json else one["posts"]:
                self.stdout.write(f"{post['published_at']}  {post['title'] or post['text'][:60]}  {post['url']}")
        if as_json:
            self.stdout.write(json.dumps(found if len(found) > 1 else found[0], ensure_ascii=False, indent=1))

    def _poll(self, pk: int | None) -> None:
        now = clock.now()
        if pk is None:
            claimed = polling.claim_due(now=now)
        else:
            source = Source.objects.filter(pk=pk).first()
            if source is None:
                raise CommandError(_("There is no source with the id %(id)s.") % {"id": pk})
            if not polling.claim(source, now=now):
                raise CommandError(_("The source is switched off, or it is being polled right now."))
            claimed = [source]
        for source in claimed:
            done = polling.poll(source, now=clock.now())
            self.stderr.write(f"{source.pk} {source.name}: {done.sentence}")
        if not claimed:
            self.stderr.write(_("No source is due."))


def looked_at(url: str, *, now: datetime, allow_private: bool) -> dict[str, Any]:
    """What an address gives, as it would be stored: {health, words, encoding, title, http_status, posts: [...]}."""
    try:
        fetched = fetch(url, now=now, allow_private=allow_private)
    except FetchError as problem:
        return _told(url, problem.health, problem.words, None)
    if fetched.health != SourceHealth.OK:
        return _told(url, fetched.health, fetched.words, fetched.status)
    reading = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url, now=now)
    posts = []
    for post in reading.posts:
        raw = asdict(post)
        raw.update({name: mask(raw[name]) for name in ("title", "text", "author")})
        raw["published_at"] = post.published_at.isoformat()
        posts.append(raw)
    told = _told(url, reading.health, reading.words, fetched.status)
    return {**told, "encoding": reading.encoding, "title": reading.title, "posts": posts}


def _told(url: str, health: str, words: str, http_status: int | None) -> dict[str, Any]:
    return {
        "url": url,
        "health": str(health),
        "words": words,
        "http_status": http_status,
        "encoding": "",
        "title": "",
        "posts": [],
    }
