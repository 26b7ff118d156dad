"""时效: the rate counts what was kept and what was not, and leads to the incidents behind it."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import Clock
from incidents.selectors.timeliness import Rate, clocks_begun, narrowed, rates
from incidents.services.pausing import pause
from tests.incidents.factories import standing_at, with_clocks

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PAGE = "incidents:timeliness"


def speaking(cast, at, met_after=None, stopped_after=None, **values):
    """A first statement of 二级 due four hours after `at`, ended so many minutes after it began, or still running."""
    incident = with_clocks(
        standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"], first_known_at=at, **values), at
    )
    incident.clocks.exclude(kind="speak").delete()
    clock = incident.clocks.get()
    ends = {"met_at": met_after, "stopped_at": stopped_after}
    Clock.objects.update_or_create(pk=clock.pk, defaults={k: at + v * MINUTE for k, v in ends.items() if v})
    return incident


@pytest.fixture
def two_days(cast, noon):
    """Kept, met late, given up late, overdue, under way; and one nobody asked for any more."""
    start = noon - 2 * DAY
    made = {
        "kept": speaking(cast, start, met_after=240),
        "late": speaking(cast, start, met_after=241),
        "given_up": speaking(cast, start, stopped_after=300),
        "overdue": speaking(cast, noon - 5 * HOUR),
        "under_way": speaking(cast, noon - HOUR),
        "not_asked": speaking(cast, start, stopped_after=100),
    }
    return made


def rate_of(person, noon, since=5 * DAY):
    rows = rates(clocks_begun(person, noon - since, noon + DAY), noon)
    return {row.kind.value: row for row in rows}["speak"]


def test_a_rate_is_what_was_kept_of_what_is_settled(cast, two_days, noon):
    row = rate_of(cast["pr"], noon)
    assert row.whole == Rate(kept=1, late=3, running=1)
    assert row.whole.share == 0.25
    assert [(level, rate.kept) for level, rate in row.cells] == [(Level.ONE, 0), (Level.TWO, 1), (Level.THREE, 0)]
    assert Rate(running=2).share is None


def test_a_clock_belongs_to_the_day_it_began(cast, two_days, noon):
    assert rate_of(cast["pr"], noon, since=1 * DAY).whole == Rate(late=1, running=1)


def test_a_paused_clock_is_under_way(cast, two_days, noon):
    pause(two_days["under_way"].clocks.get(), actor=cast["pr"], now=noon, reason="等待市场监管局的检测结果")
    rows = rates(clocks_begun(cast["pr"], noon - 5 * DAY, noon + DAY), noon + 20 * DAY)
    assert {row.kind.value: row.whole for row in rows}["speak"] == Rate(kept=1, late=3, running=1)


def test_the_figures_lead_to_their_incidents(cast, two_days, noon):
    begun = clocks_begun(cast["pr"], noon - 5 * DAY, noon + DAY)
    behind = {
        state: set(
            narrowed(begun, {"kind": "speak", "level": 2, "state": state}, noon).values_list("incident", flat=True)
        )
        for state in ("kept", "late", "running")
    }
    assert behind == {
        "kept": {two_days["kept"].pk},
        "late": {two_days[name].pk for name in ("late", "given_up", "overdue")},
        "running": {two_days["under_way"].pk},
    }


def test_who_may_not_know_of_an_incident_does_not_count_it(cast, two_days, noon):
    type(two_days["kept"]).objects.filter(pk=two_days["kept"].pk).update(is_confidential=True)
    assert rate_of(cast["market"], noon).whole.kept == 0
    assert rate_of(cast["gm"], noon).whole.kept == 1


def test_the_page_shows_the_rate_and_what_is_behind_it(signed_in, two_days, noon):
    page = signed_in("pr").get(reverse(PAGE), {"state": "kept", "kind": "speak"})
    assert [standing.clock.incident for standing in page.context["clocks"]] == [two_days["kept"]]
    assert "25%" in page.content.decode()


def test_what_cannot_be_read_filters_nothing(signed_in, two_days):
    page = signed_in("pr").get(reverse(PAGE), {"since": "gestern", "level": "9", "kind": "x", "page": "x"})
    assert (page.status_code, len(page.context["clocks"])) == (200, 5)


def test_the_page_asks_as_much_for_one_clock_as_for_many(cast, signed_in, noon, django_assert_max_num_queries):
    client = signed_in("pr")
    speaking(cast, noon - HOUR, met_after=5)
    client.get(reverse(PAGE))
    with django_assert_max_num_queries(40) as one:
        client.get(reverse(PAGE))
    for _each in range(3):
        speaking(cast, noon - HOUR, met_after=5)
    with django_assert_max_num_queries(len(one)):
        client.get(reverse(PAGE))


def test_the_export_takes_the_same_filters_and_leaves_a_trace(cast, signed_in, two_days, noon):
    two_days["late"].title = "=1+1"
    type(two_days["late"]).objects.filter(pk=two_days["late"].pk).update(title="=1+1")
    answer = signed_in("pr").get(reverse("incidents:export-timeliness"), {"state": "late"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (len(rows), {row[1] for row in rows if row[8] == "1"}) == (4, {"'=1+1"})
    assert Entry.objects.get().detail["rows"] == 3
    assert signed_in("monitor").get(reverse("incidents:export-timeliness")).status_code == 403
