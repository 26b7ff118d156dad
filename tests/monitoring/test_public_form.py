"""The public form: anybody may write, nobody is followed, and nothing written there can hurt."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.secrets import decrypt
from monitoring.api import limits
from monitoring.models import PublicForm
from monitoring.selectors.situation import coverage_today
from monitoring.services import public_forms
from opinion.models import Match, Post, Source, Triage
from tests.factories import WatchFactory

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
WHAT = "在门店喝到的饮料有异物，店员不理。"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def form(cast: dict[str, User], noon: datetime) -> PublicForm:
    made = PublicForm(title="顾客留言", slug="guke", welcome="请告诉我们", watch=WatchFactory(rule="绝不出现的词"))
    return public_forms.add_form(made, actor=cast["pr"], now=noon)


@pytest.fixture(autouse=True)
def nobody_has_written_yet() -> Iterator[None]:
    def forget() -> None:
        for key in limits._connection().scan_iter("*limit:*"):
            limits._connection().delete(key)

    forget()
    yield
    forget()


def say(client: Client, slug: str = "guke", /, **changes: Any) -> Any:
    typed = {"what": WHAT, "when": "", "link": "", "contact": "", "website": "", "once": str(uuid4())}
    return client.post(reverse("monitoring:say", args=[slug]), {**typed, **changes}, headers=ENGLISH)


def test_what_is_written_waits_in_the_inbox_for_the_watch_of_the_form(
    client: Client, form: PublicForm, signed_in: SignedIn
) -> None:
    answer = say(client, when="昨天下午 人民路店", link="shop.example/1")
    assert (answer.status_code, answer["Location"]) == (302, "/say/guke/thanks/")
    post = Post.objects.get()
    assert post.text.startswith(f"{WHAT}\n")
    assert post.text.endswith("昨天下午 人民路店")
    assert (post.url, post.author, post.triage, post.source.source_class) == (
        "https://shop.example/1",
        "",
        Triage.WAITING,
        "own",
    )
    assert Match.objects.get().watch == form.watch
    assert WHAT[:10] in signed_in("monitor").get(reverse("monitoring:inbox")).content.decode()
    assert "Thank you" in client.get(answer["Location"], headers=ENGLISH).content.decode()


def test_the_contact_is_masked_and_can_be_opened_by_who_may(client: Client, form: PublicForm) -> None:
    say(client, contact="13812345678")
    post = Post.objects.get()
    assert "13812345678" not in post.text
    assert "13812345678" in decrypt(bytes(post.unmasked.cipher))


def test_pressing_twice_is_one_entry(client: Client, form: PublicForm) -> None:
    once = str(uuid4())
    assert [say(client, once=once).status_code for _twice in range(2)] == [302, 302]
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": ""}, "what"),
        ({"what": "短"}, "what"),
        ({"what": "长" * 4001}, "what"),
        ({"what": "\0\0\0\0\0\0"}, "what"),
        ({"when": "久" * 101}, "when"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://name:secret@shop.example/"}, "link"),
        ({"contact": "微信 abc"}, "contact"),
        ({"once": "x"}, "once"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_kept(
    client: Client, form: PublicForm, changes: dict[str, str], field: str
) -> None:
    answer = say(client, **changes)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Post.objects.count() == 0


def test_hostile_text_is_text(client: Client, form: PublicForm, signed_in: SignedIn) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} '; DROP TABLE opinion_post; --"
    say(client, what=evil)
    page = signed_in("monitor").get(reverse("monitoring:inbox")).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    again = say(client, what=evil, contact="<b>").content.decode()
    assert "<img src=x" not in again


def test_a_machine_that_fills_every_field_is_thanked_and_not_heard(client: Client, form: PublicForm) -> None:
    assert say(client, website="https://spam.example").status_code == 302
    assert Post.objects.count() == 0


def test_one_address_writes_five_times_in_ten_minutes(client: Client, form: PublicForm) -> None:
    answers = [say(client).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]
    assert Post.objects.count() == 5
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert say(elsewhere).status_code == 302
    keys = b" ".join(limits._connection().scan_iter("*limit:*"))
    assert b"127.0.0.1" not in keys


def test_what_was_typed_is_not_lost_when_it_is_too_often(client: Client, form: PublicForm) -> None:
    for _n in range(5):
        say(client)
    assert "请不要丢掉这句话" in say(client, what="请不要丢掉这句话").content.decode()


def test_a_hundred_at_once_are_counted_too(noon: datetime) -> None:
    waits: list[int] = []

    def one() -> None:
        waits.append(limits.take([("somebody", 7, 60), ("everybody", 50, 60)], now=noon))

    threads = [threading.Thread(target=one) for _n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (waits.count(0), waits.count(60)) == (7, 93)
    others = [("another", 43, 60), ("everybody", 8, 60)]  # the refused ones used up nothing of it
    assert [limits.take(others, now=noon) for _twice in range(2)] == [0, 60]


def test_no_stretch_of_the_limits_length_lets_in_more(noon: datetime) -> None:
    """A burst at the end of one minute and one at the beginning of the next are within the same sixty seconds."""
    times = [0, 55, 56, 57, 58, 61, 62, 114, 115, 116]
    waits = [limits.take([("somebody", 3, 60)], now=noon + timedelta(seconds=at)) for at in times]
    assert waits == [0, 0, 0, 3, 2, 0, 53, 1, 0, 0]


def test_where_nobody_counts_nothing_is_taken(client: Client, form: PublicForm, settings: Any) -> None:
    url = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._connection.cache_clear()
    answer = say(client)
    settings.REDIS_URL = url
    limits._connection.cache_clear()
    assert (answer.status_code, Post.objects.count()) == (503, 0)


def test_a_form_from_elsewhere_is_refused(form: PublicForm) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = reverse("monitoring:say", args=["guke"])
    assert strict.post(address, {"what": WHAT}).status_code == 403
    page = strict.get(address).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    assert strict.post(address, {"what": WHAT, "csrfmiddlewaretoken": token[1]}).status_code == 302


def test_nobody_is_followed_and_nothing_runs(client: Client, form: PublicForm) -> None:
    answer = client.get(reverse("monitoring:say", args=["guke"]))
    page = answer.content.decode()
    assert set(answer.cookies) == {"csrftoken"}
    assert "<script" not in page
    assert "style=" not in page
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex", True)


@pytest.mark.parametrize("who", [None, "pr"])
def test_it_looks_the_same_to_everybody(form: PublicForm, signed_in: SignedIn, who: str | None) -> None:
    client = signed_in(who) if who else Client()
    page = client.get(reverse("monitoring:say", args=["guke"])).content.decode()
    assert "周妍" not in page
    assert reverse("monitoring:inbox") not in page


def test_both_languages_by_the_address(client: Client, form: PublicForm) -> None:
    address = reverse("monitoring:say", args=["guke"])
    english = client.get(f"{address}?lang=en").content.decode()
    assert 'lang="en"' in english
    assert "What happened?" in english
    assert 'lang="zh-CN"' in client.get(f"{address}?lang=zh-hans", headers=ENGLISH).content.decode()
    assert client.get(f"{address}?lang=xx", headers=ENGLISH).status_code == 200


def test_a_closed_form_says_so_and_takes_nothing(
    client: Client, form: PublicForm, signed_in: SignedIn, noon: datetime
) -> None:
    head, address = signed_in("pr"), reverse("monitoring:open-form", args=[form.uuid])
    assert head.post(address, {"version": 1}).status_code == 302
    assert head.post(address, {"version": 1}).status_code == 409
    page = client.get(reverse("monitoring:say", args=["guke"]), headers=ENGLISH)
    assert (page.status_code, "closed" in page.content.decode()) == (410, True)
    assert (say(client).status_code, Post.objects.count()) == (410, 0)
    assert {row.code: row.sources for row in coverage_today(noon)}["own"] == 0
    assert head.post(address, {"version": 2, "is_open": "on"}).status_code == 302
    assert {row.code: (row.sources, row.listening) for row in coverage_today(noon)}["own"] == (1, 1)


def test_an_open_form_that_nobody_writes_on_is_still_heard(form: PublicForm, noon: datetime) -> None:
    Source.objects.filter(pk=form.source_id).update(last_good_at=None)
    assert {row.code: row.listening for row in coverage_today(noon)}["own"] == 1


def test_a_form_is_made_with_its_address_and_changed(signed_in: SignedIn, client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://desk.example"
    head, watch = signed_in("pr"), WatchFactory()
    typed = {"title": "门店留言", "slug": "mendian", "welcome": "", "watch": watch.pk}
    assert head.post(reverse("monitoring:add-form"), {**typed, "slug": "Men Dian"}).status_code == 422
    assert head.post(reverse("monitoring:add-form"), typed).status_code == 302
    assert "https://desk.example/say/mendian/" in head.get(reverse("monitoring:channels")).content.decode()
    made = PublicForm.objects.get()
    change = reverse("monitoring:change-form", args=[made.uuid])
    assert head.post(change, {**typed, "title": "新名字", "version": 1}).status_code == 302
    assert head.post(change, {**typed, "title": "旧名字", "version": 1}).status_code == 409
    assert Source.objects.get(pk=made.source_id).name == "新名字"


def test_there_is_no_form_at_another_address(client: Client, db: None) -> None:
    assert client.get("/say/nowhere/").status_code == 404
