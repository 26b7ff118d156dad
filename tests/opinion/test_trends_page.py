"""趋势: what the page says, that every number leads to exactly its posts, and that it takes the same queries always."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import timedelta, timezone
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from config.search.forms import SearchForm
from opinion.models import HourCount, Source, WordCount
from opinion.selectors import search
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, raw

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        yield


def counted(watch, hour, posts, sentiment="neu", platform="微博"):
    HourCount.objects.create(watch=watch, hour=hour, platform=platform, sentiment=sentiment, posts=posts)


def page(client, **query):
    answer = client.get(reverse("opinion:trends"), query)
    assert answer.status_code == 200
    return answer


def found_at(person, address):
    """How many posts the search page finds at an address of the trend page."""
    parts = urlsplit(unescape(address))
    assert parts.path == reverse("search")
    form = SearchForm(QueryDict(parts.query))
    assert set(form.chosen) == set(parse_qs(parts.query)) - {"q"}  # every filter of the link means something there
    posts = search.results(person, form.filters(NOON))
    return search.total(posts, search.query(form.rule)).number


@pytest.fixture
def heard():
    """Three weeks of a watch and a rival, taken in as posts come: platforms, reposts and all."""
    ours, rival = WatchFactory(name="晴野茶饮", rule="晴野"), WatchFactory(name="云岫茶", rule="云岫", is_rival=True)
    weibo, zhihu = SourceFactory(platform="微博"), SourceFactory(platform="知乎")
    for source, days in ((weibo, range(21)), (zhihu, range(0, 21, 3))):
        posts = []
        for day in days:
            for number in range(1 + day % 4):
                at = NOON - DAY * day - timedelta(minutes=37 * number)
                posts.append(raw(f"a{day}-{number}", f"{STORIES[number % 3]}，第{day}天第{number}杯", at=at))
                posts.append(raw(f"b{day}-{number}", f"云岫茶新店开业第{day}天，第{number}位顾客", at=at))
            posts.append(raw(f"c{day}", f"晴野和云岫茶都涨价了，第{day}天", at=NOON - DAY * day))
        take_in(source, posts, now=NOON)
    Source.objects.update(last_good_at=NOON)
    return ours, rival


LINK = re.compile(r'<a href="(/search/[^"]+)">(?:<data value="(\d+)"[^>]*>[^<]*</data>|([^<]*))</a>')


@pytest.mark.parametrize("span", ["24h", "7d", "30d", "90d"])
@pytest.mark.parametrize("which", ["ours", "rival", "all"])
def test_every_number_leads_to_exactly_its_posts(signed_in, cast, heard, span, which):
    asked = {"ours": str(heard[0].uuid), "rival": str(heard[1].uuid), "all": "all"}[which]
    html = page(signed_in("monitor"), watch=asked, range=span).content.decode()
    checked = 0
    for address, exact, said in LINK.findall(html):
        number = exact or re.match(r"\d*", said).group()
        if "q=" in address or not number or "%" in said:
            continue  # a word leads to a search for it; a share to the posts it is a share of
        assert found_at(cast["monitor"], address) == int(number), address
        checked += 1
    assert checked > 20


def test_a_negative_share_leads_to_its_negative_posts_of_all_its_posts(signed_in, cast, heard):
    html = page(signed_in("monitor"), watch=heard[0].uuid, range="30d", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    shares = re.findall(r'<a href="(/search/[^"]+)">\d+%[^\d<]+(\d+)[^\d<]+(\d+)</a>', html)
    assert shares
    for address, negative, posts in shares:
        assert found_at(cast["monitor"], address) == int(negative)
        assert found_at(cast["monitor"], address.replace("sentiment=neg", "sentiment=")) == int(posts)


def test_points_of_the_chart_lead_where_the_table_leads(signed_in, cast, heard):
    html = page(signed_in("monitor"), watch=heard[0].uuid, range="24h").content.decode()
    data = json.loads(re.search(r'<script id="chart-\w+" type="application/json">(.*?)</script>', html).group(1))
    line = data["series"][0]
    assert len(data["edges"]) == len(data["labels"]) + 1 == 25
    for at, posts in enumerate(line["values"]):
        since, until = (edge.replace("+", "%2B") for edge in data["edges"][at : at + 2])
        assert found_at(cast["monitor"], f"{line['link']}&since={since}&until={until}") == posts
    assert sum(line["values"]) > 0


def test_a_post_of_a_zone_of_half_hours_is_counted_in_the_hour_it_is_found_in(signed_in, cast):
    watch = WatchFactory(rule="晴野")
    half_past = timezone(timedelta(hours=5, minutes=30))
    at = (NOON - timedelta(minutes=40)).astimezone(half_past)  # 11:20 in Shanghai, 08:50 there
    take_in(SourceFactory(), [raw(1, at=at)], now=NOON)
    data = page(signed_in("monitor"), watch=watch.uuid, range="24h").context["volume"]
    assert data["series"][0]["values"][-2:] == [1, 0]


# --- what it says ----------------------------------------------------------------------------------------------------
@pytest.fixture
def loud_hour():
    """A fortnight of four to six posts at each noon, and forty-two at the noon that runs."""
    watch = WatchFactory(name="晴野茶饮")
    for day in range(1, 15):
        counted(watch, NOON - DAY * day, 4 + day % 3)
    counted(watch, NOON, 40, "neg")
    counted(watch, NOON, 2, "pos", platform="知乎")
    return watch


def test_an_unusual_point_is_said_with_what_is_usual_and_leads_to_its_posts(signed_in, loud_hour):
    answer = page(signed_in("monitor"), range="24h")
    [one] = answer.context["unusual"]
    assert (one["name"], one["point"].posts, one["usual"], one["point"].is_over) == ("12:00", 42, "4–6", False)
    address = parse_qs(urlsplit(one["url"]).query)
    assert address["since"] == ["2026-11-18T12:00:00+08:00"]
    assert address["until"] == ["2026-11-18T13:00:00+08:00"]
    assert "12:00：<a" in answer.content.decode()


def test_the_figures_of_one_watch(signed_in, loud_hour):
    context = page(signed_in("monitor"), range="24h").context
    total = context["sums"]["total"]
    assert (context["watch"], total.posts, total.before, total.negative) == (loud_hour, 42, 5, 40)
    assert context["sums"]["change"] == "+740%"
    assert [(row["platform"], row["total"].posts) for row in context["platforms"]] == [("微博", 40), ("知乎", 2)]
    assert round(sum(row["share"] for row in context["platforms"]), 9) == 1
    assert context["volume"]["band"]["high"][-1] == 6
    assert context["volume"]["series"][1]["words"][-1] == "5"
    assert context["share"]["series"][0]["values"][-1] == 95  # 40 of 42
    assert context["share"]["series"][0]["values"][-2] is None  # unknown, not 0
    wednesday = context["week"][2]
    assert wednesday["cells"][12]["posts"] == 42


def test_days_are_those_of_the_company(signed_in):
    watch = WatchFactory()
    counted(watch, NOON.replace(hour=15) - DAY, 2)  # 23:00 in Shanghai, the day before
    counted(watch, NOON.replace(hour=16) - DAY, 3)  # midnight there: today
    values = page(signed_in("monitor"), range="30d").context["volume"]["series"][0]["values"]
    assert values[-2:] == [2, 3]


def test_the_period_before_is_cut_off_at_the_same_hour(signed_in):
    watch = WatchFactory()
    counted(watch, NOON, 8)
    counted(watch, NOON - 30 * DAY, 4)
    counted(watch, NOON - 30 * DAY + HOUR, 100)  # later in its day than now in ours: not compared with
    assert page(signed_in("monitor"), range="30d").context["sums"]["total"].before == 4


def test_too_little_past_is_said_and_nothing_called_unusual(signed_in):
    watch = WatchFactory()
    counted(watch, NOON - DAY, 1)
    counted(watch, NOON, 500)
    answer = page(signed_in("monitor"), range="24h")
    assert (answer.context["unusual"], answer.context["knows_usual"]) == ([], False)
    assert "band" not in answer.context["volume"]
    assert answer.context["sums"]["total"].negative_share == 0.0


def test_a_watch_that_was_quiet_for_long_knows_that_nothing_is_usual(signed_in):
    watch = WatchFactory()
    counted(watch, NOON - 60 * DAY, 1)
    counted(watch, NOON, 9)
    [one] = page(signed_in("monitor"), range="24h").context["unusual"]
    assert (one["usual"], one["point"].usual.threshold) == ("0", 4)


def test_without_a_choice_the_loudest_of_our_watches_is_shown_and_never_a_rival(signed_in):
    quiet, loud, rival = WatchFactory(name="甲"), WatchFactory(name="乙"), WatchFactory(name="丙", is_rival=True)
    for watch, posts in ((quiet, 1), (loud, 5), (rival, 50)):
        counted(watch, NOON, posts)
    assert page(signed_in("monitor")).context["watch"] == loud


def test_all_of_ours_stand_side_by_side(signed_in):
    one, other = WatchFactory(name="甲"), WatchFactory(name="乙")
    counted(one, NOON, 3)
    counted(other, NOON, 5)
    context = page(signed_in("monitor"), watch="all", range="24h").context
    assert [(line["name"], line["values"][-1]) for line in context["lines"]["series"]] == [("乙", 5), ("甲", 3)]
    assert "watch" not in context


def test_how_fresh_it_is_stands_on_the_page(signed_in, loud_hour):
    Source.objects.all().delete()
    SourceFactory(last_good_at=NOON - 2 * HOUR)
    answer = page(signed_in("monitor"))
    assert answer.context["last_heard_at"] == NOON - 2 * HOUR
    assert answer.context["newest_hour"] == NOON


def test_rivals_share_the_voice(signed_in):
    ours, rival = WatchFactory(name="晴野茶饮"), WatchFactory(name="云岫茶", is_rival=True)
    counted(ours, NOON, 30)
    counted(rival, NOON, 8)
    counted(rival, NOON, 2, "neg")
    counted(rival, NOON - DAY, 5)
    rows = page(signed_in("monitor"), range="24h").context["voices"]
    assert [(row["watch"], row["share"]) for row in rows] == [(ours, 0.75), (rival, 0.25)]
    assert rows[0]["total"].change is None
    assert (rows[1]["change"], rows[1]["total"].negative_share) == ("+100%", 0.2)


def test_without_a_rival_the_page_says_how_to_name_one(signed_in, loud_hour):
    answer = page(signed_in("monitor"))
    assert not answer.context["has_rivals"]
    assert f"{reverse('opinion:add-watch')}?rival=1" in answer.content.decode()
    form = signed_in("monitor").get(f"{reverse('opinion:add-watch')}?rival=1").context["form"]
    assert form["is_rival"].value() is True


def test_without_a_watch_the_page_says_what_to_do(signed_in):
    assert reverse("opinion:add-watch") in page(signed_in("monitor")).content.decode()
    WatchFactory(is_rival=True)
    answer = page(signed_in("monitor"))
    assert "chosen" not in answer.context
    assert reverse("opinion:add-watch") in answer.content.decode()


def test_words_on_the_move(signed_in):
    watch = WatchFactory()
    today = NOON.date()
    for day, word, posts, negative in [
        (today, "效期", 20, 15),
        (today, "门店", 40, 0),
        (today - DAY * 8, "门店", 40, 0),
        (today - DAY * 8, "新品", 20, 0),
        (today, "偶尔", 1, 0),
    ]:
        WordCount.objects.create(watch=watch, day=day, word=word, posts=posts, negative=negative)
    context = page(signed_in("monitor"), range="7d").context
    assert [(row["word"], row["sums"].now, row["share"]) for row in context["risen"]] == [("效期", 20, 0.75)]
    assert [(row["word"], row["sums"].before) for row in context["fallen"]] == [("新品", 20)]
    address = parse_qs(urlsplit(context["risen"][0]["url"]).query)
    assert (address["q"], address["since"]) == (['"效期"'], ["2026-11-12T00:00:00+08:00"])


# --- who, how, how often ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_does_not_read_posts_does_not_see_trends(signed_in, who):
    client = signed_in(who)
    assert client.get(reverse("opinion:trends")).status_code == 403
    assert client.get(reverse("opinion:export-trends")).status_code == 403
    assert not Entry.objects.filter(event="opinion.trends_exported").exists()


@pytest.mark.parametrize(
    ("query", "status"), [({"watch": "no-such"}, 404), ({"range": "5y"}, 400), ({"watch": "x" * 99}, 400)]
)
def test_what_does_not_exist_is_refused(signed_in, query, status):
    WatchFactory()
    assert signed_in("monitor").get(reverse("opinion:trends"), query).status_code == status


def test_the_same_queries_whatever_the_range_and_however_much_there_is(signed_in):
    client = signed_in("monitor")
    watch = WatchFactory()
    client.get(reverse("opinion:trends"))  # the first request of a session writes it
    found = {}
    for rows in (1, 3):
        for number in range(rows):
            counted(watch, NOON - DAY * number, 5, platform=f"平台{rows}{number}")
            counted(WatchFactory(is_rival=True), NOON, 3)
            WordCount.objects.create(watch=watch, day=NOON.date(), word=f"词{rows}{number}", posts=9)
        for code in ("24h", "7d", "30d", "90d"):
            with CaptureQueriesContext(connection) as queries:
                page(client, watch=watch.uuid, range=code)
            found[rows, code] = len(queries)
    assert len(set(found.values())) == 1, found
    reading_posts = [query["sql"] for query in queries if '"opinion_post"' in query["sql"]]
    assert all("triage" in sql for sql in reading_posts)  # what waits in the inbox, counted beside the navigation


def test_the_export_holds_every_point_and_is_on_the_record(signed_in, cast):
    watch = WatchFactory(name="=晴野")
    for day in range(1, 10):
        counted(watch, NOON - DAY * day, 5)
    counted(watch, NOON, 6, "neg")
    answer = signed_in("pr").get(reverse("opinion:export-trends"), {"range": "30d", "watch": watch.uuid})
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    assert len(rows) == 31
    assert rows[-1][:8] == [
        "'=晴野",
        "2026-11-18T00:00:00+08:00",
        "2026-11-18T13:00:00+08:00",
        *("6", "6", "0", "0"),
        "1.000",
    ]
    assert rows[-1][8:12] == ["5", "5.0", "5", "12"]
    assert rows[1][7:12] == [""] * 5  # before the first post nothing is known
    entry = Entry.objects.get(event="opinion.trends_exported")
    assert (entry.actor, entry.detail) == (cast["pr"], {"range": "30d", "watches": ["=晴野"]})
