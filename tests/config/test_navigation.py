"""The rail: who sees what, what is counted, and what is left out."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import navigation
from tests.factories import MatchFactory

EVERYBODY = {"home", "notices:inbox", "accounts:settings"}
ANY_ROLE = EVERYBODY | {"monitoring:sources", "accounts:people"}
WORK = ANY_ROLE | {
    "incidents:list",
    "incidents:approvals",
    "incidents:timeliness",
    "response:my-tasks",
    "response:incoming",
    "response:statements",
    "response:plan",
}
READ = WORK | {
    "monitoring:inbox",
    "monitoring:signals",
    "search",
    "opinion:trends",
    "opinion:topics",
    "opinion:watches",
    "opinion:quality",
}
OUTWARD = {"response:contacts", "response:publications"}
SEES = {
    "monitor": READ | {"monitoring:duty", "monitoring:vendors"},
    "pr": READ | OUTWARD | {"opinion:personal", "monitoring:duty", "monitoring:vendors"},
    "legal": READ | OUTWARD | {"monitoring:duty", "monitoring:vendors"},
    "gm": READ | OUTWARD | {"monitoring:duty", "monitoring:vendors"},
    "spokesperson": READ | OUTWARD,
    "head": READ,
    "dept": WORK,
    "auditor": ANY_ROLE
    | {
        "incidents:list",
        "incidents:timeliness",
        "response:publications",
        "response:incoming",
        "audit:trail",
        "opinion:personal",
        "monitoring:duty",
        "notices:channels",
    },
    "security": ANY_ROLE,
    "admin": ANY_ROLE | {"response:publications", "monitoring:vendors", "notices:channels"},
    "outsider": EVERYBODY,
}


@pytest.fixture
def _every_page_exists(monkeypatch):
    monkeypatch.setattr(navigation, "address", lambda name: "/" if name == "home" else f"/{name.replace(':', '/')}/")


@pytest.mark.usefixtures("_every_page_exists")
@pytest.mark.parametrize("who", SEES)
def test_the_rail_shows_what_a_role_may_see_and_hides_the_rest(cast, who):
    seen = {item.url_name for _heading, items in navigation.items_for(cast[who]) for item in items}
    assert seen == SEES[who]


def test_nobody_sees_a_rail_before_signing_in(db):
    page = Client().get("/no-such-page/").content.decode()
    assert 'class="rail"' not in page
    assert 'class="item"' not in page


def test_a_page_that_does_not_exist_yet_is_left_out():
    assert navigation.Item("Later", "nowhere:yet", "flag").url is None


def test_a_count_that_is_not_written_yet_is_left_out():
    assert navigation.selector("accounts.no_such_module.count") is None
    assert navigation.selector("accounts.roles.no_such_count") is None


def test_a_selector_that_breaks_is_not_taken_for_a_missing_one(tmp_path, monkeypatch):
    (tmp_path / "broken_selectors.py").write_text("import a_module_that_is_not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        navigation.selector("broken_selectors.count")


@pytest.mark.usefixtures("_every_page_exists")
@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", "home"),
        ("/incidents/list/", "incidents:list"),
        ("/incidents/list/YQ-2026-118/tasks/", "incidents:list"),
        ("/incidents/approvals/7/", "incidents:approvals"),
        ("/elsewhere/", ""),
    ],
)
def test_the_item_a_page_lies_under_is_current(path, here):
    items = [item for _heading, items in navigation.SECTIONS for item in items]
    assert navigation.current(path, items) == here


def test_every_key_goes_to_one_place():
    keys = [item.key for _heading, items in navigation.SECTIONS for item in items if item.key]
    assert len(keys) == len(set(keys))


def test_the_counts_are_given_as_json_and_kept_out_of_caches(signed_in):
    answer = signed_in("pr").get("/counts/")
    assert answer.status_code == 200
    assert set(answer.json()) == {"counts", "needs_me"}
    assert "no-store" in answer["Cache-Control"]


def test_the_rail_asks_the_database_as_often_for_many_rows_as_for_one(signed_in):
    client = signed_in("pr")
    client.get("/counts/")
    asked = []
    for _round in range(3):
        MatchFactory()
        with CaptureQueriesContext(connection) as queries:
            client.get("/counts/")
        asked.append(len(queries))
    assert asked == [asked[0]] * 3


def test_the_counts_need_somebody_signed_in(db):
    assert Client().get("/counts/").status_code == 302


def test_an_htmx_fragment_pays_nothing_for_the_rail(rf, cast, django_assert_num_queries):
    from config.look import desk

    request = rf.get("/")
    request.user = cast["pr"]
    with django_assert_num_queries(0):
        frame = desk(request)["desk"]
        assert (frame.theme, frame.shortcuts) == ("auto", True)
