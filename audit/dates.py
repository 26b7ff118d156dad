"""Days and moments as people type them: picked with the browser's own calendar, in the company's zone, within reason.

A year like 0206 or 20026 is a slip of the hand, and what is at the very end of the calendar cannot be reckoned with.
"""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

FIRST_YEAR, LAST_YEAR = 1990, 2099


def is_within_reason(day: date) -> bool:
    """For a day or a moment."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


class _WithinReason(forms.Field):
    default_error_messages = {"year": _("The year must lie between 1990 and 2099.")}

    def validate(self, value: Any) -> None:
        super().validate(value)
        if isinstance(value, date) and not is_within_reason(value):
            raise forms.ValidationError(self.error_messages["year"], code="year")


class DayField(_WithinReason, forms.DateField):
    """A day of the company's calendar."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MomentField(_WithinReason, forms.DateTimeField):
    """A moment, typed in the company's time zone."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
