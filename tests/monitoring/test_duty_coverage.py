"""How well each day was heard: a gap of last night stays to be seen when everything is fine again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from monitoring.duty.days import at
from monitoring.duty.stretches import left_open, not_heard
from monitoring.models import CoverageDay, Poll
from monitoring.selectors.coverage import coverage_of, gaps_of_last_night
from monitoring.services import coverage
from opinion.models import Source
from tests.factories import PostFactory, SourceFactory

DAY = date(2026, 11, 18)
START = datetime(2026, 11, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*numbers: float) -> list[datetime]:
    return [START + n * HOUR for n in numbers]


def test_what_is_left_open_between_stretches_that_touch_overlap_and_reach_beyond() -> None:
    covered = [tuple(hours(-3, 2)), tuple(hours(2, 5)), tuple(hours(4, 6)), tuple(hours(8, 30))]
    assert left_open(covered, *hours(0, 24)) == [tuple(hours(6, 8))]
    assert left_open([], *hours(0, 24)) == [tuple(hours(0, 24))]
    assert left_open([tuple(hours(0, 24))], *hours(0, 24)) == []


def test_a_source_that_fails_is_not_heard_from_its_last_good_visit_to_the_next() -> None:
    visits = [(START, True), (START + 0.2 * HOUR, False), (START + 2 * HOUR, False), (START + 3 * HOUR, True)]
    found = not_heard(visits, START + 3.5 * HOUR, quiet=2 * HOUR, troubled=HOUR)
    assert found == [(START, START + 3 * HOUR)]


def test_a_passing_failure_and_a_usual_pause_are_no_gap() -> None:
    visits = [(START, True), (START + 0.2 * HOUR, False), (START + 0.4 * HOUR, True)]
    assert not_heard(visits, START + 1.5 * HOUR, quiet=2 * HOUR, troubled=HOUR) == []


def test_a_desk_that_did_not_ask_was_not_listening_either() -> None:
    assert not_heard([(START, True)], START + 5 * HOUR, quiet=2 * HOUR, troubled=HOUR) == [(START, START + 5 * HOUR)]
    assert not_heard([], START + 5 * HOUR, quiet=2 * HOUR, troubled=HOUR) == []


def polled(source: Source, since: datetime, until: datetime, health: str = "ok", minutes: int = 10) -> None:
    every = timedelta(minutes=minutes)
    moments = [since + number * every for number in range(-(-(until - since) // every))]
    Poll.objects.bulk_create(Poll(source=source, started_at=at, ended_at=at, health=health) for at in moments)


@pytest.mark.django_db
def test_a_night_with_faults_is_counted_class_by_class() -> None:
    midnight, morning = at(DAY), at(DAY) + 9 * HOUR
    weibo = SourceFactory(name="微博", source_class="platform")
    zhihu = SourceFactory(name="知乎", source_class="platform", platform="知乎")
    paper = SourceFactory(name="新华网", source_class="media")
    # The worker is dead from two to four; 知乎 does not answer from six to seven; all is well at nine.
    for source in (weibo, zhihu, paper):
        polled(source, midnight, midnight + 2 * HOUR)
        polled(source, midnight + 4 * HOUR, midnight + 6 * HOUR)
        polled(source, midnight + 6 * HOUR, midnight + 7 * HOUR, "unreachable" if source is zhihu else "unchanged")
        polled(source, midnight + 7 * HOUR, morning)
    PostFactory(source=paper, first_seen_at=morning - HOUR)
    coverage.count_day(DAY, morning)
    platform, media, own = coverage_of(DAY)

    def spans(cell: object) -> list[tuple[str, str, str]]:
        return [(gap.name, f"{gap.since:%H:%M}", f"{gap.until:%H:%M}") for gap in cell.gaps]  # type: ignore[attr-defined]

    assert sorted(spans(platform)) == [
        ("微博", "01:50", "04:00"),
        ("知乎", "01:50", "04:00"),
        ("知乎", "05:50", "07:00"),
    ]
    assert spans(media) == [("新华网", "01:50", "04:00")]
    assert platform.row
    assert media.row
    assert (platform.row.sources, platform.row.polls_failed, media.row.posts, own.tone) == (2, 6, 1, "")
    assert len(gaps_of_last_night(morning)) == 4


@pytest.mark.django_db
def test_counting_twice_changes_nothing_and_a_standstill_is_caught_up_with() -> None:
    source = SourceFactory()
    polled(source, at(DAY) - 30 * HOUR, at(DAY) - 26 * HOUR)
    coverage.count_days(at(DAY) - 26 * HOUR)
    now = at(DAY + timedelta(days=1)) + HOUR
    for _again in range(2):
        coverage.count_days(now)
        rows = CoverageDay.objects.filter(source_class="platform", day__gte=DAY - timedelta(days=2)).order_by("day")
        assert [(row.day, bool(row.gaps)) for row in rows] == [
            (DAY - timedelta(days=2), True),
            (DAY - timedelta(days=1), True),
            (DAY, True),
            (DAY + timedelta(days=1), True),
        ]


@pytest.mark.django_db
def test_a_gap_through_midnight_is_told_as_one() -> None:
    source = SourceFactory(name="微博")
    polled(source, at(DAY) - 4 * HOUR, at(DAY) - 2 * HOUR)
    polled(source, at(DAY) + 3 * HOUR, at(DAY) + 5 * HOUR)
    coverage.count_days(at(DAY) + 5 * HOUR)
    [gap] = gaps_of_last_night(at(DAY) + 5 * HOUR)
    assert (f"{gap.since:%d %H:%M}", f"{gap.until:%d %H:%M}") == ("17 21:50", "18 03:00")


@pytest.mark.django_db
def test_a_new_source_and_one_switched_off_are_not_missed() -> None:
    SourceFactory()
    newcomer, gone = SourceFactory(), SourceFactory(is_enabled=False, health="off")
    polled(newcomer, at(DAY) + 5 * HOUR, at(DAY) + 6 * HOUR)
    polled(gone, at(DAY), at(DAY) + 2 * HOUR)
    coverage.count_day(DAY, at(DAY) + 6 * HOUR)
    assert coverage_of(DAY)[0].gaps == []


@pytest.mark.django_db
def test_the_page_shows_the_gap_when_all_is_well_again(
    signed_in: Callable[[str], Client], time_machine: object
) -> None:
    source = SourceFactory(name="微博", health="ok", last_good_at=at(DAY) + 9 * HOUR)
    polled(source, at(DAY), at(DAY) + 2 * HOUR)
    polled(source, at(DAY) + 6 * HOUR, at(DAY) + 9 * HOUR)
    now = at(DAY) + 9 * HOUR
    coverage.count_days(now)
    time_machine.move_to(now)  # type: ignore[attr-defined]
    for who, address in (
        ("monitor", "monitoring:coverage-days"),
        ("spokesperson", "monitoring:coverage-days"),
        ("gm", "home"),
    ):
        page = signed_in(who).get(reverse(address))
        assert [gap.name for gap in page.context["night"]] == ["微博"]
        assert "01:50" in page.content.decode()
    assert signed_in("outsider").get(reverse("monitoring:coverage-days")).status_code == 403
