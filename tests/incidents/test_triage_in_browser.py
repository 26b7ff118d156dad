"""From a post to an incident in a real browser, on a desktop and on a phone, in Chinese and in English."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from incidents.levels import Stage
from incidents.models import Incident
from incidents.services.opening import open_incident
from monitoring.models import Signal
from opinion.models import Post, Triage
from tests.cast import make_cast
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.conftest import CHROMIUM, LOCALES, SIZES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]
PROPOSED = {"zh": "按建议建档", "en": "Open it as proposed"}


@pytest.fixture
def sit_down(browser: Any, live_server: Any, transactional_db: None) -> Iterator[Any]:
    """A page on which the working group's head is signed in."""
    people, contexts = make_cast(), []

    def person(size: str, language: str) -> Any:
        client = Client()
        client.force_login(people["pr"])
        context = browser.new_context(base_url=live_server.url, viewport=SIZES[size], locale=LOCALES[language])
        contexts.append(context)
        cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            settings.LANGUAGE_COOKIE_NAME: {"zh": "zh-hans", "en": "en"}[language],
        }
        context.add_cookies([{"name": name, "value": text, "url": live_server.url} for name, text in cookies.items()])
        return context.new_page()

    yield person
    for context in contexts:
        context.close()


@pytest.fixture
def topic(transactional_db: None, noon: Any) -> Any:
    topic, at = TopicFactory(title="建国路店效期标签"), noon - timedelta(minutes=10)
    for _ in range(3):
        post = PostFactory(published_at=at, first_seen_at=at, sentiment="neg")
        MatchFactory(topic=topic, watch=topic.watch, post=post, published_at=at)
    return topic


@pytest.mark.parametrize(("size", "language"), [("desktop", "zh"), ("phone", "en")])
def test_a_post_a_signal_and_a_topic_become_incidents(sit_down: Any, topic: Any, noon: Any, size: str, language: str):
    page = sit_down(size, language)
    post = Post.objects.order_by("pk").first()
    assert post is not None

    page.goto(f"/inbox/{post.uuid}/")
    page.get_by_role("button", name=PROPOSED[language]).click()
    page.wait_for_url("**/incidents/YQ-2026-001/")
    incident = Incident.objects.get()
    assert (incident.attachments.count(), [kind.code for kind in incident.affects.all()]) == (3, ["reputation"])

    other = TopicFactory(watch=topic.watch, title="排队冲突")
    Signal.objects.create(watch=other.watch, topic=other, kind="burst", opened_at=noon, grown_at=noon, suggestion="3")
    MatchFactory(topic=other, watch=other.watch, post=PostFactory(published_at=noon, first_seen_at=noon))
    page.goto(f"/signals/{other.signals.get().uuid}/")
    page.get_by_role("button", name=PROPOSED[language]).click()
    page.wait_for_url("**/incidents/YQ-2026-002/")
    assert other.signals.get().is_useful

    page.goto(f"/opinion/topics/{topic.uuid}/")
    page.get_by_text("YQ-2026-001").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_post_is_put_where_it_is_proposed_and_undone_by_the_toast(sit_down: Any, topic: Any, noon: Any):
    page = sit_down("phone", "zh")
    incident = open_incident(actor=User.objects.get(username="pr"), title="效期", now=noon, topic=topic)
    late = PostFactory(published_at=noon, first_seen_at=noon, sentiment="neg")
    MatchFactory(topic=topic, watch=topic.watch, post=late, published_at=noon)

    page.goto(f"/inbox/{late.uuid}/")
    page.locator("#likely .btn.primary").click()
    page.locator(".toast form button").click()
    page.wait_for_load_state("networkidle")

    late.refresh_from_db()
    assert late.triage == Triage.WAITING
    assert incident.attachments.filter(post=late, detached_at=None).count() == 0


def test_split_on_a_phone_and_undone(sit_down: Any, topic: Any, noon: Any):
    page = sit_down("phone", "zh")
    incident = open_incident(actor=User.objects.get(username="pr"), title="效期", now=noon, topic=topic)
    page.goto(f"/incidents/{incident.number}/split/")
    page.fill("[name=title]", "另案")
    page.locator("[name=posts]").first.check()
    page.click("main form button.primary")
    page.wait_for_url("**/incidents/YQ-2026-002/")
    page.locator("form[action$='/undo/'] button").click()
    page.wait_for_load_state("networkidle")
    assert [each.stage for each in Incident.objects.order_by("pk")] == [Stage.TRIAGED, Stage.MERGED]
