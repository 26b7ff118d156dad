"""Theme and single keys are kept on the device; nothing else is."""

import pytest
from django.test import Client


def theme_of(page) -> str:
    return page.content.decode().partition('data-theme="')[2].partition('"')[0]


def test_the_theme_walks_from_system_to_dark_to_light_and_back(signed_in):
    client = signed_in("pr")
    seen = [theme_of(client.get("/styleguide/"))]
    for _time in range(3):
        assert client.post("/appearance/", {"theme": "next", "next": "/styleguide/"}).url == "/styleguide/"
        seen.append(theme_of(client.get("/styleguide/")))
    assert seen == ["auto", "dark", "light", "auto"]


def test_a_theme_can_be_named(signed_in):
    client = signed_in("pr")
    client.post("/appearance/", {"theme": "light"})
    assert theme_of(client.get("/styleguide/")) == "light"


def test_single_keys_can_be_turned_off_and_on(signed_in):
    client = signed_in("pr")
    client.post("/appearance/", {"shortcuts": "off"})
    assert 'data-shortcuts="off"' in client.get("/styleguide/").content.decode()
    client.post("/appearance/", {"shortcuts": "on"})
    assert 'data-shortcuts="on"' in client.get("/styleguide/").content.decode()


def test_it_works_before_signing_in(db):
    client = Client()
    assert client.post("/appearance/", {"theme": "dark", "next": "/accounts/login/"}).url == "/accounts/login/"
    assert client.cookies["theme"].value == "dark"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", ""])
def test_it_never_sends_anybody_to_another_host(db, away):
    assert Client().post("/appearance/", {"theme": "dark", "next": away}).url == "/"


def test_a_word_nobody_knows_changes_nothing(db):
    client = Client()
    client.post("/appearance/", {"theme": "pink", "shortcuts": "maybe"})
    assert "theme" not in client.cookies
    assert "shortcuts" not in client.cookies


def test_looking_at_it_changes_nothing(db):
    assert Client().get("/appearance/").status_code == 405


def test_a_cookie_nobody_wrote_is_read_as_the_system(signed_in):
    client = signed_in("pr")
    client.cookies["theme"] = '"><script>'
    assert theme_of(client.get("/styleguide/")) == "auto"
