"""`manage.py poll`: visit sources now, or look at what an address would give without keeping any of it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts import clock
from monitoring.services import polling
from monitoring.services.sources import try_out
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
            one = try_out(Source(url=url), now=clock.now(), allow_private=allow_private).as_json(url)
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
        for done in polling.poll_all(claimed, now=now):
            self.stderr.write(f"{done.source_id} {done.source.name}: {done.sentence}")
        if not claimed:
            self.stderr.write(_("No source is due."))
