"""The filter of the trail."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.dates import DayField


class TrailFilter(forms.Form):
    event = forms.CharField(label=_("Event begins with"), max_length=80, required=False)
    actor = forms.CharField(label=pgettext_lazy("audit trail", "Who"), max_length=200, required=False)
    subject = forms.CharField(label=_("Subject begins with"), max_length=200, required=False)
    since = DayField(label=pgettext_lazy("first day", "From"), required=False)
    until = DayField(label=_("Until, including that day"), required=False)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """What `audit.selectors.entries` asks for; days are those of the company's calendar."""
        data = self.cleaned_data
        zone = timezone.get_default_timezone()
        since, until = data["since"], data["until"]
        return {
            "event": data["event"],
            "actor": data["actor"],
            "subject": data["subject"],
            "since": datetime.combine(since, time(), zone) if since else None,
            "until": datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        }
