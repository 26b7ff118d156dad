"""Days and moments that somebody types: within reason, or refused in words."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.utils import timezone, translation

from audit.dates import DayField, MomentField


class Typed(forms.Form):
    day = DayField(required=False)
    at = MomentField(required=False)


@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("0001-01-01", "0001-01-01T00:00"),
        ("0206-11-18", "0206-11-18T12:00"),
        ("1989-12-31", "1989-12-31T23:59"),
        ("2100-01-01", "2100-01-01T00:00"),
        ("9999-12-31", "9999-12-31T23:59"),
    ],
)
def test_what_no_calendar_of_ours_holds_is_refused_in_words(day: str, at: str) -> None:
    form = Typed({"day": day, "at": at})
    with translation.override("en"):
        assert form.errors == {name: ["The year must lie between 1990 and 2099."] for name in ("day", "at")}
    assert f'value="{day}"' in str(form["day"])  # what was typed stays


def test_the_first_and_the_last_day_are_taken() -> None:
    for day in ("1990-01-01", "2099-12-31"):
        assert Typed({"day": day, "at": f"{day}T12:00"}).is_valid()


def test_a_moment_is_the_companys_unless_it_names_a_zone() -> None:
    form = Typed({"day": "2026-11-18", "at": "2026-11-18T12:00"})
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2026, 11, 18)
    assert form.cleaned_data["at"] == datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
    abroad = Typed({"at": "2026-11-18T12:00-05:00"})
    assert abroad.is_valid()
    assert timezone.localtime(abroad.cleaned_data["at"]).hour == 1


@pytest.mark.parametrize(
    "typed", ["2026-02-30", "18.11.", "soon", "2026-11-18T25:00", "2" * 5000, "2026-11-18\0", "２０２６-１１-１８"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    form = Typed({"day": typed, "at": typed})
    assert set(form.errors) == {"day", "at"}
