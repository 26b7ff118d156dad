"""One page, rendered by the Chromium of this machine: a picture of it and the document it became."""

import contextlib
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from shutil import which

import nh3
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.fetching.fetch import fetch
from monitoring.health.words import FetchError
from monitoring.reading.pages import wants_a_person
from opinion.models import SourceHealth
from response.capturing.guard import guard

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OFF = "off"
SECONDS = 45  # from the first request to the picture
SETTLE_MILLISECONDS = 8000  # of the page's own time, for scripts to finish
SIZE = "1280,3200"
LOOKED_FOR = 16  # characters of the post's words that should stand on the page


class NoPage(Exception):
    """Nothing that could be kept. `is_wall`: what came is a sign-in or a captcha. The words are for people."""

    def __init__(self, words: str, *, is_wall: bool = False) -> None:
        super().__init__(words)
        self.is_wall = is_wall


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page.

    address      where it came from, after the redirects of the server
    shows_words  whether the words looked for stand on it
    refused      hosts of its parts that were not connected to
    """

    picture: bytes  # PNG
    address: str
    status: int
    shows_words: bool
    browser: str
    refused: list[str] = field(default_factory=list)


def browser_path() -> str:
    """The browser that renders; "" where there is none, or the operator wants none (CAPTURE_BROWSER)."""
    if settings.CAPTURE_BROWSER == OFF:
        return ""
    if settings.CAPTURE_BROWSER:
        return which(settings.CAPTURE_BROWSER) or ""
    return next((path for path in map(which, NAMES) if path), "")


def render(url: str, words: str, *, allow_private: bool = False) -> Page:
    """Fetch a page the careful way first, to hear what the server says; then render it.

    words          of the post, to be looked for on the page
    allow_private  loopback addresses are allowed (tests, a demo)
    Raises NoPage.
    """
    browser = browser_path()
    if not browser:
        raise NoPage(_("No browser is installed on the machine of the worker."))
    try:
        answer = fetch(url, now=timezone.now(), allow_private=allow_private)
    except FetchError as error:
        raise NoPage(str(error)) from None
    if answer.health == SourceHealth.CAPTCHA or wants_a_person(answer.body.decode(errors="replace"), answer.url):
        raise a_wall()
    if answer.health != SourceHealth.OK:
        raise NoPage(answer.words or _("The server answered %(status)s.") % {"status": answer.status})
    with (
        guard(answer.url, seconds=SECONDS, allow_private=allow_private) as proxy,
        tempfile.TemporaryDirectory() as folder,
    ):
        document = _run(browser, answer.url, proxy.port, Path(folder))
        picture = Path(folder, "page.png")
        if not picture.exists():
            raise NoPage(_("The browser made no picture of it."))
        if wants_a_person(document, answer.url):
            raise a_wall()
        return Page(
            picture=picture.read_bytes(),
            address=answer.url,
            status=answer.status,
            shows_words=stands_on(words, document),
            browser=_version(browser),
            refused=sorted(proxy.refused),
        )


def a_wall() -> NoPage:
    words = _("It asks for a sign-in or a captcha. What a person sees there has to be photographed by a person.")
    return NoPage(words, is_wall=True)


def stands_on(words: str, document: str) -> bool:
    """Whether the beginning of the words stands on a page, spaces aside."""
    looked_for = "".join(words.split())[:LOOKED_FOR]
    return bool(looked_for) and looked_for in "".join(unescape(nh3.clean(document, tags=set())).split())


def _run(browser: str, url: str, port: int, folder: Path) -> str:
    """Render in a browser of its own, without a past and without a way around the proxy; returns the document."""
    command = [
        browser,
        "--headless=new",
        "--incognito",
        f"--user-data-dir={folder / 'profile'}",
        f"--proxy-server=127.0.0.1:{port}",
        "--proxy-bypass-list=<-loopback>",  # without it the machine's own addresses would go past the proxy
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-sync",
        "--disable-component-update",
        "--disable-background-networking",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-client-side-phishing-detection",
        "--disable-features=OptimizationHints,MediaRouter,Translate,NetworkTimeServiceQuerying",
        "--no-first-run",
        "--hide-scrollbars",
        "--lang=zh-CN",
        f"--window-size={SIZE}",
        f"--virtual-time-budget={SETTLE_MILLISECONDS}",
        f"--timeout={SECONDS * 1000 // 2}",
        f"--screenshot={folder / 'page.png'}",
        "--dump-dom",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium will not start as root with its sandbox
        url,
    ]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "Asia/Shanghai"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, start_new_session=True
    )
    try:
        document, _errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NoPage(_("It had not finished after %(seconds)s seconds.") % {"seconds": SECONDS}) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its helpers, too
        process.wait()
    return document.decode(errors="replace")


def _version(browser: str) -> str:
    """What the browser calls itself, for the index a notary reads."""
    asked = subprocess.run([browser, "--version"], capture_output=True, timeout=10, check=False)
    return asked.stdout.decode(errors="replace").strip()[:80]
