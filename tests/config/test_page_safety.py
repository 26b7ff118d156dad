"""A strict Content-Security-Policy, and templates that can live under it."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style", re.I),
    "an inline script": re.compile(r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I),
    "hx-on": re.compile(r"\bhx-on", re.I),
    "a js: value": re.compile(r"=[\"']\s*(js|javascript):", re.I),
    "a trigger filter": re.compile(r"hx-trigger=[\"'][^\"']*\[", re.I),
    "an address of another host": re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.I),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_no_template_needs_anything_inline_or_from_elsewhere(path: Path):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text("utf-8"), flags=re.S)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def policy(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


def test_pages_carry_a_strict_policy(signed_in):
    answer = signed_in("pr").get("/styleguide/")
    assert answer.status_code == 200
    assert policy(answer) == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_a_page_nobody_knows_carries_it_too(client, db):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert policy(answer)["script-src"] == "'self'"


def test_htmx_runs_without_eval_and_without_styles_of_its_own(signed_in):
    page = signed_in("pr").get("/styleguide/").content.decode()
    config = re.search(r"name=\"htmx-config\" content='([^']+)'", page)
    assert config is not None
    for setting in (
        '"allowEval":false',
        '"includeIndicatorStyles":false',
        '"allowScriptTags":false',
        '"historyCacheSize":0',
    ):
        assert setting in config[1]


def test_every_post_by_htmx_carries_the_token(signed_in):
    page = signed_in("pr").get("/styleguide/").content.decode()
    assert re.search(r"<body hx-headers='\{\"X-CSRFToken\": \"\w{64}\"\}'", page)
