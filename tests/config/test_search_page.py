"""搜索: one page over all kinds, each for who may see it; the address carries everything; an export is on record."""

import csv
import io
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from incidents.models import Incident, IncidentPost
from response.models import Statement, StatementVersion
from tests.factories import NOON, PostFactory, WatchFactory

pytestmark = pytest.mark.django_db
SEARCH = "/search/"


def told(title, **more):
    return PostFactory(title=title, text="", tokens=title, **more)


def titles(answer):
    return ["".join(piece for piece, _hit in row.title) for row in answer.context["answer"].rows]


def numbers(answer):
    return {kind.code: total.number for kind, total, _link in answer.context["tabs"]}


def statement_of(incident, title, text="已经下架。"):
    person = incident.opened_by
    number = f"SM-{Statement.objects.count() + 1}"
    statement = Statement.objects.create(incident=incident, number=number, drafted_by=person, created_at=NOON)
    StatementVersion.objects.create(
        statement=statement, number=1, title=title, text=text, written_by=person, created_at=NOON, saved_at=NOON
    )


@pytest.fixture
def incident(cast):
    return Incident.objects.create(
        number="YQ-2026-001", title="晴野门店发霉", opened_by=cast["pr"], opened_at=NOON, first_known_at=NOON, level=2
    )


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("monitor", ["posts", "incidents", "statements"]),
        ("gm", ["posts", "incidents", "statements"]),
        ("dept", ["incidents", "statements"]),
        ("auditor", ["incidents", "statements"]),
    ],
)
def test_who_sees_which_kinds(signed_in, who, kinds):
    told("晴野")
    answer = signed_in(who).get(f"{SEARCH}?q=晴野")
    assert answer.status_code == 200
    assert list(numbers(answer)) == kinds


@pytest.mark.parametrize("who", ["admin", "security", "outsider"])
def test_who_sees_nothing_is_refused(signed_in, who):
    assert signed_in(who).get(SEARCH).status_code == 403
    assert signed_in(who).post(reverse("save-search"), {"name": "甲"}).status_code == 403


def test_it_wants_a_sign_in(client):
    assert client.get(SEARCH).status_code == 302


def test_posts_incidents_and_statements_are_found_with_their_words_marked(signed_in, incident):
    told("晴野 发霉")
    told("晴野 退款")
    statement_of(incident, "关于发霉的说明")
    client = signed_in("pr")
    answer = client.get(f"{SEARCH}?q=发霉")
    assert numbers(answer) == {"posts": 1, "incidents": 1, "statements": 1}
    assert titles(answer) == ["晴野 发霉"]
    assert "<mark>发霉</mark>" in answer.content.decode()
    assert titles(client.get(f"{SEARCH}?q=发霉&kind=incidents")) == ["晴野门店发霉"]
    assert titles(client.get(f"{SEARCH}?q=发霉&kind=statements")) == ["关于发霉的说明"]
    assert titles(client.get(f"{SEARCH}?q=YQ-2026-001&kind=incidents")) == ["晴野门店发霉"]


def test_a_confidential_incident_is_found_by_nobody_outside(signed_in, incident):
    Incident.objects.update(is_confidential=True)
    statement_of(incident, "关于发霉的说明")
    answer = signed_in("monitor").get(f"{SEARCH}?q=发霉&kind=incidents")
    assert numbers(answer) == {"posts": 0, "incidents": 0, "statements": 0}
    assert "晴野门店" not in answer.content.decode()


def test_the_level_is_that_of_the_incident_a_post_belongs_to(signed_in, incident, cast):
    inside, outside = told("晴野 一"), told("晴野 二")
    IncidentPost.objects.create(incident=incident, post=inside, attached_at=NOON)
    IncidentPost.objects.create(incident=incident, post=outside, attached_at=NOON, detached_at=NOON)
    client = signed_in("monitor")
    assert titles(client.get(f"{SEARCH}?level=2")) == ["晴野 一"]
    assert titles(client.get(f"{SEARCH}?level=1")) == []
    Incident.objects.update(is_confidential=True)
    assert titles(client.get(f"{SEARCH}?level=2")) == []


def test_a_search_that_cannot_be_read_is_told_where(signed_in):
    answer = signed_in("pr").get(f"{SEARCH}?q=NOT 晴野")
    assert answer.status_code == 422
    assert "必须" in answer.content.decode() or "must" in answer.content.decode()
    assert signed_in("pr").get(f"{SEARCH}?q={quote('(晴野')}").status_code == 422


def test_without_words_the_filters_list_by_time(signed_in):
    old = told("旧的", published_at=NOON - timedelta(days=400))
    new = told("新的", platform="知乎")
    client = signed_in("pr")
    assert titles(client.get(f"{SEARCH}?platform=知乎")) == [new.title]
    assert titles(client.get(f"{SEARCH}?until=2026-01-01T00:00")) == [old.title]
    assert "answer" not in client.get(SEARCH).context


def test_times_are_read_in_the_companys_zone_unless_they_name_one(signed_in):
    told("正午", published_at=NOON)  # 12:00 in Shanghai
    client = signed_in("pr")
    assert titles(client.get(f"{SEARCH}?since=2026-11-18T12:00&until=2026-11-18T12:01")) == ["正午"]
    assert titles(client.get(f"{SEARCH}?since=2026-11-18T04:00Z&until=2026-11-18T05:00Z")) == ["正午"]
    assert titles(client.get(f"{SEARCH}?since=2026-11-18T12:00%2B08:00&until=2026-11-18T13:00%2B08:00")) == ["正午"]
    assert titles(client.get(f"{SEARCH}?since=2026-11-18T12:01&until=2026-11-18T13:00")) == []


def test_a_time_of_an_address_stands_in_its_box(signed_in):
    page = signed_in("pr").get(f"{SEARCH}?since=2026-11-18T04:00Z").content.decode()
    assert 'value="2026-11-18T12:00"' in page


def test_filters_that_mean_nothing_are_left_out_or_said(signed_in):
    told("晴野")
    client = signed_in("pr")
    assert titles(client.get(f"{SEARCH}?q=晴野&watch=nonsense&since=yesterday&level=9")) == ["晴野"]
    page = client.get(f"{SEARCH}?q=晴野&kind=incidents&sentiment=neg").content.decode()
    assert "情感" in page


def test_pages_go_on_with_everything_in_the_address(signed_in):
    for at in range(35):
        told(f"晴野 {at}", published_at=NOON - timedelta(minutes=at), platform="知乎")
    client = signed_in("pr")
    first = client.get(f"{SEARCH}?q=晴野&platform=知乎")
    assert titles(first) == [f"晴野 {at}" for at in range(30)]
    link = f"?{first.context['older']}&after={first.context['answer'].after}"
    assert link.replace("&", "&amp;") in first.content.decode()
    second = client.get(f"{SEARCH}{link}")
    assert titles(second) == [f"晴野 {at}" for at in range(30, 35)]
    assert numbers(second)["posts"] == 35


def test_an_empty_answer_says_what_was_looked_through(signed_in):
    told("晴野")
    page = signed_in("pr").get(f"{SEARCH}?q=不存在").content.decode()
    assert "<time" in page


@pytest.mark.parametrize("address", ["?q=晴野", "?platform=微博", "?q=晴野&kind=incidents", "?q=晴野&kind=statements"])
def test_it_takes_the_same_queries_however_many_rows(signed_in, cast, incident, address):
    client = signed_in("pr")
    client.get(SEARCH + address)

    def add(number):
        told(f"晴野 {number}")
        extra = Incident.objects.create(
            number=f"YQ-{number}", title="晴野", opened_by=cast["pr"], opened_at=NOON, first_known_at=NOON
        )
        statement_of(extra, "晴野")

    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get(SEARCH + address)
        return len(seen)

    add(1)
    with_one = queries()
    add(2)
    add(3)
    assert queries() == with_one


# --- export ----------------------------------------------------------------------------------------------------------
def exported(client, address):
    answer = client.post(f"{reverse('export-posts')}{address}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_the_posts_found_are_exported_and_that_is_on_record(signed_in):
    told("晴野 退款", author="=cmd()")
    told("别的")
    rows = exported(signed_in("monitor"), "?q=晴野&sentiment=neu")
    assert len(rows) == 2
    assert rows[1][5] == "晴野 退款"
    assert rows[1][3] == "'=cmd()"
    entry = Entry.objects.get(event="opinion.posts_exported")
    assert entry.detail == {"query": "晴野", "filters": {"sentiment": "neu"}, "most": 5000}


def test_an_export_is_bounded(signed_in, monkeypatch):
    monkeypatch.setattr("config.search.views.MOST_EXPORTED", 2)
    for at in range(4):
        told(f"晴野 {at}")
    assert len(exported(signed_in("monitor"), "?q=晴野")) == 3


@pytest.mark.parametrize("who", ["gm", "spokesperson", "auditor", "outsider"])
def test_who_may_not_export(signed_in, who):
    assert signed_in(who).post(f"{reverse('export-posts')}?q=晴野").status_code == 403
    assert not Entry.objects.filter(event="opinion.posts_exported").exists()


def test_a_watch_filter_keeps_its_place_in_the_form(signed_in):
    watch = WatchFactory(name="品牌")
    page = signed_in("pr").get(f"{SEARCH}?watch={watch.uuid}").content.decode()
    assert f'value="{watch.uuid}" selected' in page
