"""The newsroom on its own host: nothing of the desk there, pages kept in memory, and a copy that survives the desk."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.levels import Level
from response import exporting, public_side
from response.models import Release, StatementVersion
from response.services.releases import publish, withdraw
from response.tasks import send_releases
from tests.response.factories import incident_at, releasable

HOST = "news.example.com"
PAGES = ["/newsroom/", "/newsroom/SM-2026-001/", "/newsroom/feed.xml", "/newsroom/rss.xml", "/newsroom/feed.json"]


@pytest.fixture
def version(cast: dict[str, User], speakers: dict[str, User], at_noon: datetime) -> StatementVersion:
    made = releasable(incident_at(Level.TWO, cast, at_noon), cast, at_noon)
    publish(made, channels=["newsroom"], actor=cast["spokesperson"], now=at_noon)
    send_releases()
    return made


@pytest.fixture
def there(settings: Any) -> Client:
    settings.NEWSROOM_HOST = HOST
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, HOST]
    return Client(headers={"host": HOST})


@pytest.mark.parametrize(
    "path", ["/incidents/", "/accounts/login/", "/search/", "/api/v1/statements/", "/statements/", "/no-such-page/"]
)
def test_the_desk_is_not_on_the_newsrooms_host(there: Client, signed_in: Any, path: str) -> None:
    assert there.get(path).status_code == 404
    visitor = signed_in("gm")
    visitor.defaults["HTTP_HOST"] = HOST
    answer = visitor.get(path)
    assert (answer.status_code, answer.content) == (404, b"404")


def test_a_mistyped_number_leads_to_the_list(there: Client, db: None) -> None:
    answer = there.get("/newsroom/SM-2026-999/")
    assert answer.status_code == 404
    assert 'href="/newsroom/"' in answer.content.decode()
    assert "999" not in answer.content.decode()


def test_the_public_side_is_there_and_the_desk_keeps_its_own(there: Client, version: StatementVersion) -> None:
    assert there.get("/").headers["Location"] == "/newsroom/"
    assert there.get("/healthz").content == b"ok"
    for path in PAGES:
        for reader in (there, Client()):
            answer = reader.get(path)
            assert answer.status_code == 200, path
            assert not answer.cookies
            assert "Vary" not in answer.headers
    assert "已停止该店营业" in there.get(PAGES[1], headers={"accept-language": "en"}).content.decode()
    assert Client().get("/accounts/login/").status_code == 200


def test_the_rss_feed_is_whole(version: StatementVersion) -> None:
    feed = feedparser.parse(Client().get("/newsroom/rss.xml").content)
    assert (feed.bozo, feed.version) == (False, "rss20")
    (entry,) = feed.entries
    assert (entry.link, entry.title) == ("http://127.0.0.1:8000/newsroom/SM-2026-001/", "关于建国路店的说明")


# --- kept in memory --------------------------------------------------------------------------------------------------
@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[float]:
    settings.NEWSROOM_FRESH_SECONDS = 1
    at = [100.0]
    monkeypatch.setattr(public_side.time, "monotonic", lambda: at[0])
    return at


def test_a_kept_page_asks_nothing_until_what_is_public_changes(
    clock: list[float], version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    reader = Client()  # one process: its middleware keeps the pages
    first = reader.get(PAGES[1])
    with CaptureQueriesContext(connection) as asked:
        again = reader.get(PAGES[1])
        assert reader.get(PAGES[1], headers={"if-none-match": first.headers["ETag"]}).status_code == 304
        assert reader.head(PAGES[1]).status_code == 200
    assert len(asked) == 0
    assert again.content == first.content
    assert again.headers == first.headers
    clock[0] += 1.1
    with CaptureQueriesContext(connection) as asked:
        reader.get(PAGES[1])
    assert len(asked) == 1
    withdraw(Release.objects.get(), actor=cast["spokesperson"], now=noon + timedelta(minutes=1), note="内容有误")
    assert "已停止该店营业" in reader.get(PAGES[1]).content.decode()  # for a second at most
    clock[0] += 1.1
    assert "已停止该店营业" not in reader.get(PAGES[1]).content.decode()
    assert reader.get("/newsroom/SM-2026-999/").status_code == 404


def test_while_the_database_is_away_kept_pages_are_shown(
    clock: list[float], version: StatementVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Client()
    assert reader.get(PAGES[0]).status_code == 200

    def away() -> str:
        raise OperationalError("away")

    monkeypatch.setattr(public_side, "public_mark", away)
    clock[0] += 60
    with CaptureQueriesContext(connection) as asked:
        assert "关于建国路店的说明" in reader.get(PAGES[0]).content.decode()
    assert len(asked) == 0


# --- the copy --------------------------------------------------------------------------------------------------------
def test_the_copy_is_what_the_newsroom_shows_and_needs_nothing_else(version: StatementVersion, tmp_path: Path) -> None:
    call_command("export_newsroom", out=tmp_path)
    names = ["index.html", "SM-2026-001/index.html", "feed.xml", "rss.xml", "feed.json"]
    for name, path in zip(names, PAGES, strict=True):
        assert (tmp_path / "newsroom" / name).read_bytes() == Client().get(path).content
    page = (tmp_path / "newsroom" / "index.html").read_text()
    wanted = [url.split('"')[0] for url in page.split('"/static/')[1:]]
    assert len(wanted) >= 3
    for name in wanted:
        assert (tmp_path / "static" / name).stat().st_size > 0
    assert not list(tmp_path.rglob(".*.html*"))  # nothing half written is left


def test_the_worker_writes_it_when_something_changed_and_only_then(
    version: StatementVersion, cast: dict[str, User], noon: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.NEWSROOM_EXPORT_DIR = tmp_path
    assert exporting.export_if_changed() is True
    assert exporting.export_if_changed() is False
    withdraw(Release.objects.get(), actor=cast["spokesperson"], now=noon + timedelta(minutes=1), note="内容有误")
    assert exporting.export_if_changed() is True
    page = (tmp_path / "newsroom" / "SM-2026-001" / "index.html").read_text()
    assert "内容有误" in page
    assert "已停止该店营业" not in page
