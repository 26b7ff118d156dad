"""The inbox page: what one was told, how it reached one, what is read."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notices.models import Delivery, Notice, NoticeChannel, Urgency
from notices.selectors import unread_count
from notices.services import mark_read, notify

pytestmark = pytest.mark.django_db

INBOX = "/notices/"


def tell(person, subject="二级事件等待审批", url="/people/letters/", **how):
    (notice,) = notify([person], event="test.told", subject=subject, url=url, **how)
    return notice


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_one_sees_ones_own_notices_only(cast, desk):
    tell(cast["gm"], "给总经理的")
    tell(cast["pr"], "给公关经理的")
    page = words(desk("pr").get(INBOX))
    assert ("给公关经理的" in page, "给总经理的" in page) == (True, False)


def test_a_stranger_signs_in_first(client, db):
    assert client.get(INBOX)["Location"] == "/accounts/login/?next=/notices/"


def test_an_empty_inbox_says_why_it_is_empty(cast, desk):
    assert "Nobody has told you anything yet" in words(desk("pr").get(INBOX))
    notice = tell(cast["pr"])
    mark_read(cast["pr"], timezone.now(), notice)
    assert "Everything is read" in words(desk("pr").get(f"{INBOX}?unread=1"))


def test_opening_marks_read_and_leads_there(cast, desk):
    notice = tell(cast["pr"])
    response = desk("pr").post(f"{INBOX}{notice.uuid}/open/")
    notice.refresh_from_db()

    assert response["Location"] == "/people/letters/"
    assert notice.read_at is not None
    assert unread_count(cast["pr"]) == 0


def test_looking_at_the_page_marks_nothing_read(cast, desk):
    tell(cast["pr"])
    desk("pr").get(INBOX)
    assert unread_count(cast["pr"]) == 1


def test_a_link_preview_that_fetches_marks_nothing_read(cast, desk):
    notice = tell(cast["pr"])
    assert desk("pr").get(f"{INBOX}{notice.uuid}/open/").status_code == 405
    assert unread_count(cast["pr"]) == 1


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_a_notice_leads_to_no_other_host(url, cast, desk):
    notice = tell(cast["pr"], url=url)
    assert desk("pr").post(f"{INBOX}{notice.uuid}/open/")["Location"] == INBOX


@pytest.mark.parametrize("act", ["open", "read"])
def test_the_notice_of_another_is_not_found(act, cast, desk):
    notice = tell(cast["gm"])
    assert desk("pr").post(f"{INBOX}{notice.uuid}/{act}/").status_code == 404
    assert unread_count(cast["gm"]) == 1


def test_one_is_marked_read(cast, desk):
    first, _second = tell(cast["pr"]), tell(cast["pr"])
    desk("pr").post(f"{INBOX}{first.uuid}/read/")
    assert unread_count(cast["pr"]) == 1


def test_all_are_marked_read_and_nobody_elses(cast, desk):
    for person in ("pr", "pr", "gm"):
        tell(cast[person])
    desk("pr").post(f"{INBOX}read/")
    assert (unread_count(cast["pr"]), unread_count(cast["gm"])) == (0, 1)


def test_what_was_read_keeps_its_first_time(cast, noon):
    notice = tell(cast["pr"])
    mark_read(cast["pr"], noon, notice)
    mark_read(cast["pr"], noon + timedelta(hours=1))
    assert Notice.objects.get().read_at == noon


def test_delivery_is_said_in_words(cast, desk, noon):
    states = [
        ({"state": "sent", "sent_at": noon, "attempts": 1}, "e-mail: sent"),
        (
            {"state": "failed", "attempts": 10, "error": "the mail server refused the address"},
            "e-mail: given up the mail",
        ),
        ({"state": "queued", "attempts": 2, "next_try_at": noon}, "e-mail: not through yet 2 tries, the next at"),
        ({"state": "queued"}, "e-mail: on its way"),
    ]
    NoticeChannel.objects.update(name="e-mail")
    for state, sentence in states:
        Delivery.objects.all().delete()
        Notice.objects.all().delete()
        notice = tell(cast["pr"])
        Delivery.objects.filter(notice=notice).update(**state)
        assert sentence in words(desk("pr").get(INBOX))


def test_without_an_address_it_says_so(cast, desk):
    cast["pr"].email = ""
    tell(cast["pr"])
    assert "only here on the desk" in words(desk("pr").get(INBOX))


def test_the_page_costs_the_same_with_more_notices(cast, signed_in):
    client = signed_in("pr")
    tell(cast["pr"])
    client.get(INBOX)
    with CaptureQueriesContext(connection) as few:
        client.get(INBOX)
    for _more in range(4):
        tell(cast["pr"], urgency=Urgency.NOW)
    with CaptureQueriesContext(connection) as many:
        client.get(INBOX)
    assert len(many) == len(few)


def test_older_notices_are_on_the_next_page(cast, desk):
    for n in range(31):
        tell(cast["pr"], f"第 {n} 条")
    first, second = words(desk("pr").get(INBOX)), words(desk("pr").get(f"{INBOX}?page=2"))
    assert ("第 30 条" in first, "第 0 条" in first) == (True, False)
    assert ("第 30 条" in second, "第 0 条" in second) == (False, True)


def test_what_is_written_in_a_notice_is_text(cast, desk):
    tell(cast["pr"], "<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    page = desk("pr").get(INBOX).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
