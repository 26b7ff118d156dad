"""The forms of duty: a shift, the log of a day, the rule."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.dates import DayField
from monitoring.duty.days import at
from monitoring.models import DutyLog, DutyRule, DutyShift
from monitoring.selectors.duty import candidates
from monitoring.services.duty import Refused, check

TIME = "%H:%M"


class ShiftForm(forms.Form):
    """Who, on which day, from when until when. An end that is not after the beginning is on the next day."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("on duty"))
    day = DayField(label=_("day"))
    begins = forms.TimeField(label=_("from"), widget=forms.TimeInput(format=TIME, attrs={"type": "time"}))
    ends = forms.TimeField(
        label=_("until"),
        widget=forms.TimeInput(format=TIME, attrs={"type": "time"}),
        help_text=_("Not later than the beginning: on the next day."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.fields["person"]
        assert isinstance(people, forms.ModelChoiceField)
        people.queryset = candidates()

    @staticmethod
    def initial_of(shift: DutyShift) -> dict[str, Any]:
        begins, ends = localtime(shift.starts_at), localtime(shift.ends_at)
        return {
            "person": shift.person_id,
            "day": begins.date(),
            "begins": begins.time(),
            "ends": ends.time(),
            "version": shift.version,
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            starts_at = at(data["day"], data["begins"])
            next_day = data["ends"] <= data["begins"]
            data["starts_at"] = starts_at
            data["ends_at"] = at(data["day"] + timedelta(days=next_day), data["ends"])
            try:
                check(data["person"], starts_at, data["ends_at"])
            except Refused as refused:
                raise ValidationError(str(refused)) from None
        return data

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]


class VersionForm(forms.Form):
    """The version that was looked at."""

    version = forms.IntegerField(min_value=0)


class LogForm(forms.ModelForm):
    """What a person adds to the figures of a day."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = DutyLog
        fields = ("remarks", "handover")
        widgets = {"remarks": forms.Textarea(attrs={"rows": 4}), "handover": forms.Textarea(attrs={"rows": 4})}


class RuleForm(forms.ModelForm):
    """By when a log is due, and when trouble is told of."""

    tell_after_minutes = forms.IntegerField(
        label=_("tell of a source in trouble after (minutes)"), min_value=5, max_value=1440
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = DutyRule
        fields = ("log_due", "tell_after_minutes")
        widgets = {"log_due": forms.TimeInput(format=TIME, attrs={"type": "time"})}
        help_texts = {"log_due": _("A time before noon means the morning after.")}
