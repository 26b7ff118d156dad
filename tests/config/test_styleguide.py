"""The style guide: every part, in both languages, for the people of the desk."""

import pytest

from config.styleguide import samples


@pytest.mark.parametrize(
    ("language", "word", "lang"), [("zh-hans", "建国路店效期标签事件", "zh-CN"), ("en", "Date labels at", "en")]
)
def test_it_shows_every_part_in_both_languages(signed_in, language, word, lang):
    client = signed_in("pr")
    client.cookies["django_language"] = language
    page = client.get("/styleguide/").content.decode()
    assert word in page
    assert f'<html lang="{lang}"' in page
    for part in (
        "lv l1",
        "lv l2",
        "lv l3",
        "ladder",
        "steps",
        "clock soon",
        "stats",
        "post",
        "banner",
        "tl",
        "t",
        "plot",
    ):
        assert f'class="{part}' in page
    assert page.count("<h1>") == 1


def test_both_languages_have_the_same_samples():
    assert set(samples()["zh-hans"]) == set(samples()["en"])


def test_somebody_without_a_role_does_not_see_it(signed_in):
    assert signed_in("outsider").get("/styleguide/").status_code == 404


def test_it_needs_somebody_signed_in(client, db):
    assert client.get("/styleguide/").status_code == 302
