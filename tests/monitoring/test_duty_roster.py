"""值班: the roster of a week, who may change it, what overlaps, and when nobody is there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from monitoring.duty.days import at
from monitoring.duty.ics import calendar
from monitoring.models import DutyRule, DutyShift
from monitoring.permissions import may
from monitoring.selectors import duty as selectors
from monitoring.services import duty as services
from notices.models import Notice

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
MONDAY = date(2026, 11, 16)


def shift(person: User, head: User, day: int, hours: tuple[int, int]) -> DutyShift:
    start = at(MONDAY + timedelta(days=day)) + timedelta(hours=hours[0])
    end = at(MONDAY + timedelta(days=day)) + timedelta(hours=hours[1])
    return services.add_shift(person, start, end, actor=head)


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("monitor", True, False),
        ("pr", True, True),
        ("legal", True, False),
        ("gm", True, False),
        ("auditor", True, False),
        ("spokesperson", False, False),
        ("dept", False, False),
        ("admin", False, False),
        ("outsider", False, False),
    ],
)
def test_who_may_see_and_change_the_roster(
    cast: dict[str, User], signed_in: SignedIn, who: str, sees: bool, edits: bool
) -> None:
    assert (may(cast[who], "see_duty"), may(cast[who], "edit_roster")) == (sees, edits)
    client = signed_in(who)
    for name in ("duty", "my-shifts", "my-calendar", "duty-logs"):
        assert client.get(reverse(f"monitoring:{name}")).status_code == (200 if sees else 403), name
    assert client.get(reverse("monitoring:add-shift")).status_code == (200 if edits else 403)
    assert client.get(reverse("monitoring:duty-rule")).status_code == (200 if edits else 403)
    assert client.post(reverse("monitoring:copy-week"), {"day": "2026-11-16"}).status_code == (302 if edits else 403)


def test_a_week_says_in_words_when_nobody_is_on_duty(cast: dict[str, User], noon: datetime) -> None:
    for day in range(7):
        shift(cast["monitor"], cast["pr"], day, (0, 24) if day != 5 else (0, 18))
    with translation.override("en"):
        week = selectors.week(MONDAY, noon)
    assert [day.gaps for day in week.days if day.gaps] == [
        ["Nobody is on duty from Sat 21 Nov 18:00 until Sun 22 Nov 00:00."]
    ]
    assert [len(day.shifts) for day in week.days] == [1] * 7


def test_a_night_shift_covers_the_morning_after(cast: dict[str, User], noon: datetime) -> None:
    shift(cast["monitor"], cast["pr"], -1, (18, 33))  # Sunday evening until Monday 09:00
    week = selectors.week(MONDAY, noon)
    assert [row.shift.person for row in week.days[0].shifts] == [cast["monitor"]]
    assert selectors.gaps_between(
        at(MONDAY),
        at(MONDAY + timedelta(days=1)),
        noon,
        selectors.shifts_between(at(MONDAY), at(MONDAY + timedelta(days=1))),
    ) == [(at(MONDAY) + timedelta(hours=9), at(MONDAY + timedelta(days=1)))]


def test_overlaps_are_allowed_and_shown(cast: dict[str, User], signed_in: SignedIn, noon: datetime) -> None:
    shift(cast["monitor"], cast["pr"], 2, (9, 18))
    typed = {"person": cast["legal"].pk, "day": "2026-11-18", "begins": "17:00", "ends": "22:00"}
    with translation.override("en"):
        page = signed_in("pr").post(
            reverse("monitoring:add-shift"), typed, follow=True, headers={"accept-language": "en"}
        )
    assert "It overlaps with the shift of 孟听" in page.content.decode()
    assert [len(row.overlaps) for row in selectors.week(MONDAY, noon).days[2].shifts] == [1, 1]


def test_who_is_on_duty_now(cast: dict[str, User], noon: datetime) -> None:
    shift(cast["monitor"], cast["pr"], 2, (9, 12))  # noon is its end, and half-open
    assert selectors.on_duty(noon) == []
    shift(cast["legal"], cast["pr"], 2, (12, 18))
    assert selectors.on_duty(noon) == [cast["legal"]]
    assert selectors.on_duty(noon - timedelta(seconds=1)) == [cast["monitor"]]


def test_who_leaves_leaves_a_gap_that_shows(cast: dict[str, User], noon: datetime) -> None:
    for day in range(7):
        shift(cast["monitor"], cast["pr"], day, (0, 24))
    User.objects.filter(pk=cast["monitor"].pk).update(is_active=False)
    week = selectors.week(MONDAY, noon)
    assert [[row.is_empty for row in day.shifts] for day in week.days] == [[False]] * 2 + [[True]] * 5
    assert [bool(day.gaps) for day in week.days] == [False, False, True, False, False, False, False]
    assert selectors.on_duty(noon) == []


@pytest.mark.parametrize("who", ["gm", "spokesperson", "dept", "auditor", "admin", "outsider"])
def test_only_monitors_and_the_team_are_put_on_duty(cast: dict[str, User], who: str) -> None:
    with pytest.raises(services.Refused):
        shift(cast[who], cast["pr"], 0, (9, 18))
    assert (DutyShift.objects.count(), Notice.objects.count()) == (0, 0)


@pytest.mark.parametrize("hours", [(9, 9), (9, 8), (0, 49)])
def test_a_shift_has_a_length_and_two_days_at_most(cast: dict[str, User], hours: tuple[int, int]) -> None:
    with pytest.raises(services.Refused):
        shift(cast["monitor"], cast["pr"], 0, hours)


def test_an_end_before_the_beginning_is_on_the_next_day(cast: dict[str, User], signed_in: SignedIn) -> None:
    typed = {"person": cast["monitor"].pk, "day": "2026-11-18", "begins": "22:00", "ends": "06:00"}
    assert signed_in("pr").post(reverse("monitoring:add-shift"), typed).status_code == 302
    made = DutyShift.objects.get()
    assert (made.starts_at, made.ends_at) == (
        datetime(2026, 11, 18, 14, tzinfo=UTC),
        datetime(2026, 11, 18, 22, tzinfo=UTC),
    )


def test_the_person_is_told_and_the_act_recorded(cast: dict[str, User], noon: datetime) -> None:
    made = shift(cast["monitor"], cast["pr"], 2, (9, 18))
    services.change_shift(made, cast["legal"], made.starts_at, made.ends_at, seen_version=1, actor=cast["pr"])
    services.cancel_shift(made, seen_version=2, actor=cast["pr"], now=noon)
    assert [(notice.person, notice.event) for notice in Notice.objects.order_by("pk")] == [
        (cast["monitor"], "monitoring.roster"),
        (cast["monitor"], "monitoring.roster"),
        (cast["legal"], "monitoring.roster"),
        (cast["legal"], "monitoring.roster"),
    ]
    assert [entry.event for entry in Entry.objects.order_by("seq")] == [
        "monitoring.shift_added",
        "monitoring.shift_changed",
        "monitoring.shift_cancelled",
    ]


def test_of_two_who_change_a_shift_the_second_is_told(cast: dict[str, User], signed_in: SignedIn) -> None:
    made = shift(cast["monitor"], cast["pr"], 2, (9, 18))
    address = reverse("monitoring:change-shift", args=[made.uuid])
    typed = {"person": cast["legal"].pk, "day": "2026-11-18", "begins": "09:00", "ends": "18:00", "version": 1}
    assert signed_in("pr").post(address, typed).status_code == 302
    assert signed_in("pr").post(address, {**typed, "person": cast["tech"].pk}).status_code == 409
    assert DutyShift.objects.get().person == cast["legal"]


def test_taking_off_is_undone_from_the_toast(cast: dict[str, User], signed_in: SignedIn, noon: datetime) -> None:
    made = shift(cast["monitor"], cast["pr"], 2, (9, 18))
    client = signed_in("pr")
    page = client.post(reverse("monitoring:cancel-shift", args=[made.uuid]), {"version": 1}, follow=True)
    assert [row.shift for day in page.context["week"].days for row in day.shifts] == []
    undo = reverse("monitoring:restore-shift", args=[made.uuid]) + "?version=2"
    assert undo in page.content.decode()
    assert client.post(undo).status_code == 302
    assert client.post(undo).status_code == 409
    made.refresh_from_db()
    assert (made.cancelled_at, made.version) == (None, 3)


def test_last_week_is_copied_once_without_who_has_left_and_taken_back(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime
) -> None:
    head = cast["pr"]
    for person, day in (("monitor", 0), ("legal", 1), ("tech", 5)):
        shift(cast[person], head, day, (18, 33))
    User.objects.filter(pk=cast["tech"].pk).update(is_active=False)
    following = MONDAY + timedelta(days=7)
    made = services.copy_week(following, actor=head, now=noon)
    assert [(each.person.username, each.starts_at - timedelta(days=7)) for each in made] == [
        ("monitor", at(MONDAY) + timedelta(hours=18)),
        ("legal", at(MONDAY + timedelta(days=1)) + timedelta(hours=18)),
    ]
    assert services.copy_week(following, actor=head, now=noon) == []
    services.change_shift(made[0], cast["market"], made[0].starts_at, made[0].ends_at, seen_version=1, actor=head)
    assert services.take_back_copy([each.pk for each in made], actor=head, now=noon) == 1
    assert [row.shift.person.username for day in selectors.week(following, noon).days[:2] for row in day.shifts] == [
        "market"
    ]


def test_a_refused_act_changes_nothing(cast: dict[str, User], noon: datetime) -> None:
    made = shift(cast["monitor"], cast["pr"], 2, (9, 18))
    with pytest.raises(PermissionDenied):
        services.cancel_shift(made, seen_version=1, actor=cast["monitor"], now=noon)
    with pytest.raises(PermissionDenied):
        services.take_back_copy([made.pk], actor=cast["legal"], now=noon)
    with pytest.raises(Stale):
        services.cancel_shift(made, seen_version=7, actor=cast["pr"], now=noon)
    assert DutyShift.objects.get().cancelled_at is None


def test_the_calendar_holds_ones_own_shifts_and_nobody_elses(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    time_machine.move_to(noon)
    mine, _other = shift(cast["monitor"], cast["pr"], 3, (9, 18)), shift(cast["legal"], cast["pr"], 3, (9, 18))
    answer = signed_in("monitor").get(reverse("monitoring:my-calendar"))
    lines = answer.content.decode().split("\r\n")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert [line for line in lines if line.startswith(("UID", "DTSTART", "DTEND"))] == [
        f"UID:{mine.uuid}@tinglan",
        "DTSTART:20261119T010000Z",
        "DTEND:20261119T100000Z",
    ]


def test_long_calendar_lines_are_folded_between_characters() -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    text = calendar([("1", now, now, "值班；, 夜" * 20)], now=now)
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "值班；\\, 夜" * 20 in text.replace("\r\n ", "")


def test_the_rule_is_kept_and_versioned(cast: dict[str, User], signed_in: SignedIn) -> None:
    client, address = signed_in("pr"), reverse("monitoring:duty-rule")
    typed = {"log_due": "09:30", "tell_after_minutes": 45, "version": 1}
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 409
    rule = DutyRule.objects.get()
    assert (f"{rule.log_due:%H:%M}", rule.tell_after_minutes, rule.version) == ("09:30", 45, 2)


def test_the_number_of_queries_does_not_grow_with_the_roster(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    time_machine.move_to(noon)
    client = signed_in("pr")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("monitoring:duty"))
        return len(caught)

    shift(cast["monitor"], cast["pr"], 2, (9, 18))
    queries()
    few = queries()
    for day, person in ((0, "legal"), (2, "tech"), (4, "market")):
        shift(cast[person], cast["pr"], day, (8, 20))
    assert queries() == few


def test_an_address_that_is_no_day_is_not_found(signed_in: SignedIn) -> None:
    client = signed_in("pr")
    for day in ("yesterday", "0001-01-01", "2026-13-01"):
        assert client.get(reverse("monitoring:duty"), {"day": day}).status_code == 404
        assert client.get(reverse("monitoring:duty-log", args=[day])).status_code == 404
