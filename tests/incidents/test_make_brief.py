"""快报: one click, numbered, at most 300 characters, never changed afterwards."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from incidents.models import Brief
from incidents.services.briefs import make_brief
from incidents.services.opening import put_in
from incidents.services.timeline import note_on
from tests.incidents.factories import posts, standing_at

pytestmark = pytest.mark.django_db


def made(incident, actor, now, seen=0):
    return make_brief(incident, actor=actor, now=now, seen_number=seen)


def test_it_says_what_stands_and_as_of_when(cast, noon):
    incident = standing_at(
        "responding", 2, opened_by=cast["pr"], lead=cast["pr"], title="标签事件", number="YQ-2026-007"
    )
    for post in posts(3, published_at=noon - timedelta(minutes=20), first_seen_at=noon - timedelta(minutes=18)):
        put_in(incident, post, actor=cast["pr"], now=noon)
    with translation.override("en"):
        brief = made(incident, cast["pr"], noon)

    assert brief.text.splitlines()[:3] == [
        "[Brief] YQ-2026-007 No. 1",
        "标签事件",
        "Level: level two, responding",
    ]
    assert "Posts: 3, 3 in the last hour; media reports: 0" in brief.text
    assert brief.text.splitlines()[-1] == "Data as of 2026-11-18 11:42"
    assert brief.data_as_of == noon - timedelta(minutes=18)
    assert sum(sum(series["values"]) for series in brief.chart["data"]["series"]) == 3


def test_it_never_has_more_than_300_characters(cast, noon):
    incident = standing_at("responding", 1, opened_by=cast["pr"], title="长" * 200, is_confidential=True)
    for n in range(5):
        note_on(incident, "incidents.merged", actor=cast["pr"], now=noon, detail={"into": "号" * 60 + str(n)})
    for language in ("zh-hans", "en"):
        with translation.override(language):
            brief = made(incident, cast["gm"], noon, seen=Brief.objects.count())
        assert len(brief.text) <= 300
        assert ("confidential" in brief.text) or ("保密" in brief.text)


def test_numbers_follow_one_another_and_what_was_written_stays(cast, incident, noon):
    first = made(incident, cast["pr"], noon)
    incident.title = "另一个标题"
    incident.save(update_fields=["title"])
    second = made(incident, cast["pr"], noon + timedelta(minutes=5), seen=1)

    assert (first.number, second.number) == (1, 2)
    assert "另一个标题" not in Brief.objects.get(number=1).text
    assert "另一个标题" in second.text
    assert [entry.event for entry in incident.timeline.all()] == ["incidents.brief_made"] * 2


def test_a_second_click_gets_what_the_first_one_made(cast, incident, noon):
    first = made(incident, cast["pr"], noon, seen=0)
    assert made(incident, cast["pr"], noon, seen=0) == first
    assert (Brief.objects.count(), incident.timeline.count()) == (1, 1)


@pytest.mark.parametrize("who", ["auditor", "admin", "security", "outsider", "dept"])
def test_who_does_not_work_on_it_writes_none(cast, incident, noon, who):
    with pytest.raises(PermissionDenied):
        made(incident, cast[who], noon)
    assert (Brief.objects.count(), incident.timeline.count()) == (0, 0)


def test_the_page_offers_text_and_picture_and_its_neighbours(signed_in, cast, incident, noon):
    put_in(incident, posts(1, published_at=noon - timedelta(minutes=5))[0], actor=cast["pr"], now=noon)
    client, url = signed_in("pr"), reverse("incidents:make-brief", args=[incident.number])
    client.post(url, {"seen": "0"})
    answer = client.post(url, {"seen": "1"}, follow=True)

    assert answer.redirect_chain == [(reverse("incidents:brief", args=[incident.number, 2]), 302)]
    page = answer.content.decode()
    assert 'data-copy="#brief-text"' in page
    assert 'data-picture="copy"' in page
    assert reverse("incidents:brief", args=[incident.number, 1]) in page


def test_a_forged_number_is_read_as_none(signed_in, incident):
    answer = signed_in("pr").post(reverse("incidents:make-brief", args=[incident.number]), {"seen": "-1; x"})
    assert (answer.status_code, Brief.objects.get().number) == (302, 1)


def test_a_confidential_one_is_not_there_for_others(signed_in, cast, noon):
    incident = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True)
    made(incident, cast["gm"], noon)
    url = reverse("incidents:brief", args=[incident.number, 1])
    assert signed_in("market").get(url).status_code == 404
    assert "群" in signed_in("gm").get(url).content.decode()  # the warning about group chats
