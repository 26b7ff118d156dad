"""The newsroom as plain files: what a web server can go on serving while the desk is down."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from response.selectors.newsroom import newest_public, public_mark
from response.views import newsroom

MARK = ".mark"
_STATIC = re.compile(rb"""["'(](/static/[^"')?#]+)""")
_BESIDE = re.compile(rb"""url\(["']?((?!data:|/|https?:)[^"')?#]+)""")


def export_if_changed() -> bool:
    """Write the copy anew if anything public changed since the last one; whether it was written."""
    folder, mark = settings.NEWSROOM_EXPORT_DIR, public_mark()
    kept = folder / MARK
    if kept.exists() and kept.read_text() == mark:
        return False
    export(folder)
    write(kept, mark.encode())
    return True


def export(folder: Path) -> int:
    """Write every public page, feed and what they need, at the paths of their addresses; returns how many pages.

    Each file is replaced whole, the newest list last, so that a reader never meets half a page or a link to nothing.
    """
    numbers = list(newest_public().values_list("version__statement__number", flat=True))
    files = {
        f"newsroom/{number}/index.html": page("newsroom-statement", newsroom.statement_page, number)
        for number in numbers
    }
    files["newsroom/feed.xml"] = page("newsroom-feed", newsroom.feed_xml)
    files["newsroom/rss.xml"] = page("newsroom-rss", newsroom.feed_rss)
    files["newsroom/feed.json"] = page("newsroom-json", newsroom.feed_json)
    files["newsroom/index.html"] = page("newsroom", newsroom.newsroom)
    for name, content in static_files(files["newsroom/index.html"]).items():
        write(folder / name, content)
    for name, content in files.items():
        write(folder / name, content)
    write(folder / "index.html", b'<!doctype html><meta http-equiv="refresh" content="0; url=/newsroom/">')
    return len(files)


def page(name: str, view: Callable[..., HttpResponseBase], number: str = "") -> bytes:
    """What the address answers."""
    where = urlsplit(settings.NEWSROOM_URL)
    request = HttpRequest()
    request.method, request.path = "GET", reverse(f"response:{name}", args=[number] if number else [])
    request.META = {
        "HTTP_HOST": where.netloc,
        "SERVER_NAME": where.hostname or "",
        "SERVER_PORT": str(where.port or 80),
    }
    answer = view(request, **({"number": number} if number else {}))
    assert isinstance(answer, HttpResponse)
    return bytes(answer.content)


def static_files(html: bytes) -> dict[str, bytes]:
    """The style sheets and pictures a page names, and those they name, by their path."""
    wanted, found = [url.decode() for url in _STATIC.findall(html)], dict[str, bytes]()
    while wanted:
        url = wanted.pop()
        content = static_file(url.removeprefix(settings.STATIC_URL))
        if url.lstrip("/") in found or content is None:
            continue
        found[url.lstrip("/")] = content
        if url.endswith(".css"):
            beside = url.rpartition("/")[0]
            wanted += [os.path.normpath(f"{beside}/{name.decode()}") for name in _BESIDE.findall(content)]
    return found


def static_file(name: str) -> bytes | None:
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as kept:
            return bytes(kept.read())
    source = finders.find(name)
    return Path(source).read_bytes() if isinstance(source, str) else None


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
