"""What people ask of the inbox and tell it: filters, versions, how long to put something aside, a lead by hand."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import clock
from audit.dates import MomentField
from monitoring.models import Verdict
from monitoring.reading.dates import AHEAD
from opinion.evidence_forms import EvidenceField
from opinion.models import Sentiment, SourceClass, Triage, Watch

ANY = [("", pgettext_lazy("filter", "any"))]


class FilterForm(forms.Form):
    """The address of the inbox. A value that means nothing is left out, so an old link still opens."""

    state = forms.ChoiceField(choices=Triage, required=False)
    watch = forms.ModelChoiceField(
        Watch.objects.all(), to_field_name="uuid", required=False, label=gettext_lazy("Watch"), empty_label=ANY[0][1]
    )
    sentiment = forms.ChoiceField(choices=[*ANY, *Sentiment.choices], required=False, label=gettext_lazy("Sentiment"))
    source_class = forms.ChoiceField(
        choices=[*ANY, *SourceClass.choices], required=False, label=gettext_lazy("Source class")
    )
    platform = forms.CharField(max_length=40, required=False, label=gettext_lazy("Platform"))
    q = forms.CharField(max_length=60, required=False, label=gettext_lazy("Search"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter_%s")

    @property
    def filters(self) -> dict[str, Any]:
        """The values that mean something; `state` is always there."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return {"state": Triage.WAITING.value, **chosen}

    @property
    def query(self) -> str:
        """The filters as they stand in an address: "?state=snoozed&watch=…", or nothing."""
        values = QueryDict(mutable=True)
        for name, value in self.filters.items():
            if (name, value) != ("state", Triage.WAITING):
                values[name] = str(value.uuid) if isinstance(value, Watch) else value
        return f"?{values.urlencode()}" if values else ""


class VersionForm(forms.Form):
    """The version somebody saw when they pressed a button."""

    version = forms.IntegerField(min_value=1)


class SnoozeForm(VersionForm):
    UNTIL = [
        ("heat", gettext_lazy("until it heats up")),
        ("1", gettext_lazy("for an hour")),
        ("4", gettext_lazy("for four hours")),
        ("morning", gettext_lazy("until tomorrow, 9:00")),
    ]
    until = forms.ChoiceField(choices=UNTIL, required=False)


class JudgeForm(VersionForm):
    """What somebody makes of a signal: a verdict, or that it was a false alarm."""

    FALSE_ALARM = "false_alarm"
    verdict = forms.ChoiceField(
        choices=[*Verdict.choices, (FALSE_ALARM, gettext_lazy("false alarm"))], label=gettext_lazy("Verdict")
    )


class BurstForm(VersionForm):
    """From how many posts a burst counts for a watch; empty: worked out from its past."""

    burst_from = forms.IntegerField(min_value=2, max_value=1000, required=False)


class SignalFilterForm(forms.Form):
    """The address of the list of signals. A value that means nothing narrows nothing."""

    STATES = [
        ("open", pgettext_lazy("signals", "open")),
        ("snoozed", pgettext_lazy("signals", "put aside")),
        ("judged", pgettext_lazy("signals", "judged")),
        ("went_on", pgettext_lazy("signals", "went on in another")),
    ]
    state = forms.ChoiceField(choices=STATES, required=False)
    watch = forms.ModelChoiceField(
        Watch.objects.all(), to_field_name="uuid", required=False, label=gettext_lazy("Watch"), empty_label=ANY[0][1]
    )

    @property
    def filters(self) -> dict[str, Any]:
        self.is_valid()
        return {"state": self.cleaned_data.get("state") or "open", "watch": self.cleaned_data.get("watch")}


class LeadForm(forms.Form):
    """录入线索: something a person saw that no source brought. Words or an address are needed."""

    text = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("The words themselves, copied or typed. Private numbers are masked before it is kept."),
    )
    url = forms.URLField(label=gettext_lazy("Address"), max_length=2000, required=False, assume_scheme="https")
    platform = forms.CharField(
        label=gettext_lazy("Platform"),
        max_length=40,
        help_text=gettext_lazy("As people call it: 微信群, 小红书, 电话 …"),
    )
    author = forms.CharField(label=gettext_lazy("Account"), max_length=200, required=False)
    said_at = MomentField(
        label=gettext_lazy("Said at"),
        required=False,
        help_text=gettext_lazy("Empty: now."),
    )
    watch = forms.ModelChoiceField(
        Watch.objects.filter(is_enabled=True),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("Watch"),
        empty_label=gettext_lazy("by its words"),
        help_text=gettext_lazy("Only needed where the words of no watch occur in it."),
    )
    screenshots = EvidenceField(required=False)

    def clean_said_at(self) -> datetime | None:
        said_at: datetime | None = self.cleaned_data["said_at"]
        if said_at and said_at > clock.now() + AHEAD:
            raise forms.ValidationError(_("This is in the future."))
        return said_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("text") or cleaned.get("url")):
            self.add_error("text", _("Give the words or the address."))
        return cleaned
