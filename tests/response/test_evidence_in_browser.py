"""An untrue claim is paired and a post preserved with a screenshot, in a real browser; the wrong role is refused."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from incidents.levels import Level
from incidents.models import IncidentPost
from tests.cast import make_cast
from tests.factories import PostFactory
from tests.incidents.conftest import CHROMIUM, browser  # noqa: F401
from tests.response.factories import fact_of, incident_at
from tests.response.test_files import PNG

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]


@pytest.fixture
def sit_down(browser: Any, live_server: Any, transactional_db: None) -> Iterator[Any]:  # noqa: F811
    """Pages on which one of the cast is signed in, and the cast."""
    cast, contexts = make_cast(), []

    def person(username: str, width: int) -> Any:
        client = Client()
        client.force_login(cast[username])
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 844})
        contexts.append(context)
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield person, cast
    for context in contexts:
        context.close()


def test_a_claim_is_paired_and_a_post_preserved_by_the_right_people(
    sit_down: Any, noon: datetime, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    screenshot = tmp_path / "截图.png"
    screenshot.write_bytes(PNG)
    person, cast = sit_down
    incident = incident_at(Level.TWO, cast, noon)
    fact = fact_of(incident, cast, noon, state="untrue", claim="全国门店停业")
    post = PostFactory(text="全国的店都关了", url="https://weibo.example/1")
    IncidentPost.objects.create(incident=incident, post=post, attached_at=noon)

    page = person("market", 1280)
    page.goto(f"/incidents/{incident.number}/rumours/")
    page.locator(".bar .btn.primary").click()
    page.locator("#id_claim").fill("全国门店停业，老板跑路")
    page.locator("#id_clarification").fill("仅建国路店停业")
    page.locator("#id_claim_posts").fill("https://weibo.example/1")
    page.locator("form.form button[type=submit]").click()
    page.locator(".errors").wait_for()  # a clarification rests on a fact
    page.locator("#id_fact").select_option(str(fact.pk))
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url("**/rumours/")
    assert "全国门店停业，老板跑路" in page.locator("#R1").inner_text()

    page = person("monitor", 390)
    page.goto(f"/incidents/{incident.number}/evidence/")
    page.locator(".list .btn").click()
    page.locator("input[type=file]").set_input_files(screenshot)
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url("**/preserved/**")
    assert page.locator("img.evidence").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    kept = incident.preservations.get()
    assert (kept.added_by, kept.exhibits.get().name) == (cast["monitor"], "截图.png")

    page = person("gm", 1280)
    page.goto(f"/incidents/{incident.number}/evidence/")
    assert page.locator(".list .btn").count() == 0
    assert page.goto(f"/incidents/{incident.number}/evidence/preserve/{post.uuid}/").status == 403
    assert page.goto(f"/incidents/{incident.number}/rumours/pair/").status == 403
    assert incident.preservations.count() == 1
