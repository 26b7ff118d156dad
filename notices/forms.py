"""The forms of channels, routes, quiet hours and the ledger's filter."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Role
from audit.dates import DayField
from notices.channels import CHANNELS, channel_named
from notices.models import DeliveryAttempt, NoticeChannel, NoticeRoute, NoticeRule, QuietHours
from notices.selectors.told import told_with

CLOCK = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
ROUTE_FIELDS = ("role", "person", "least", "since", "until", "position")


class ChannelForm(forms.ModelForm):
    """A channel's name and the settings its kind asks for. A secret is never shown; left empty, it stays."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = NoticeChannel
        fields = ("name",)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.readable_settings
        self.settings_fields = channel_named(kind).FIELDS
        for field in self.settings_fields:
            is_kept = field.is_secret and bool(kept.get(field.name))
            self.fields[f"set_{field.name}"] = forms.CharField(
                label=str(field.label),
                required=field.is_required and not is_kept,
                initial="" if field.is_secret else kept.get(field.name, ""),
                help_text=_("It is set. Leave it empty to keep it.") if is_kept else str(field.help),
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
                if field.is_secret
                else forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                max_length=2000,
            )

    @property
    def values(self) -> dict[str, str]:
        """The settings by the names the adapter knows."""
        return {field.name: self.cleaned_data[f"set_{field.name}"].strip() for field in self.settings_fields}


def kinds() -> list[tuple[str, Any, bool]]:
    """(kind, name, is a group chat) of every kind a channel may be of."""
    return [(kind, channel_named(kind).NAME, channel_named(kind).IS_GROUP) for kind in CHANNELS]


class RouteForm(forms.ModelForm):
    """Whose notices, how urgent at least, in which hours, at which place in the order."""

    class Meta:
        model = NoticeRoute
        fields = ROUTE_FIELDS
        widgets = {"since": CLOCK, "until": CLOCK}

    def __init__(self, *args: Any, is_group: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_group:
            del self.fields["role"], self.fields["person"]
        else:
            people = self.fields["person"]
            assert isinstance(people, forms.ModelChoiceField)
            people.queryset = User.objects.filter(is_active=True)
            people.empty_label = _("everybody")
            role = self.fields["role"]
            assert isinstance(role, forms.TypedChoiceField)
            role.choices = [("", _("everybody")), *Role.choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") and data.get("person"):
            raise ValidationError(_("A route is for a role or for a person, not for both."))
        if (data.get("since") is None) != (data.get("until") is None):
            raise ValidationError(_("Hours have a beginning and an end; leave both empty for the whole day."))
        return data


class RouteFormSet(forms.BaseFormSet):
    """The routes of one channel; an empty last line adds one."""

    @property
    def rows(self) -> list[NoticeRoute]:
        return [
            form.instance
            for form in self.forms
            if form.has_changed() or form.initial
            if not form.cleaned_data.get(DELETION_FIELD_NAME)
        ]


def routes_form(data: Any, channel: NoticeChannel, *, is_group: bool) -> Any:
    """The formset over a channel's routes."""
    factory = forms.formset_factory(RouteForm, formset=RouteFormSet, extra=1, can_delete=True)
    initial = [forms.model_to_dict(route, ROUTE_FIELDS) for route in channel.routes.all()]
    return factory(data, initial=initial, form_kwargs={"is_group": is_group})


class RuleForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = NoticeRule
        fields = ("quiet_from", "quiet_until", "now_minutes", "soon_minutes", "calm_minutes")
        widgets = {"quiet_from": CLOCK, "quiet_until": CLOCK}
        help_texts = {
            "quiet_from": _("Only what can wait (level three) is held until the quiet hours are over."),
            "now_minutes": _(
                "Who has not said “got it” by then is told again on another channel, then the next person is."
            ),
        }


class QuietForm(forms.ModelForm):
    class Meta:
        model = QuietHours
        fields = ("quiet_from", "quiet_until")
        widgets = {"quiet_from": CLOCK, "quiet_until": CLOCK}
        help_texts = {"quiet_until": _("The same time twice: no quiet hours.")}


class LedgerFilter(forms.Form):
    """Of all attempts: whose, on which channel, how they ended, and when."""

    person = forms.ModelChoiceField(
        User.objects.all(), label=pgettext_lazy("ledger of notices", "Who"), required=False, empty_label=_("everybody")
    )
    channel = forms.ModelChoiceField(
        NoticeChannel.objects.all(), label=_("Channel"), required=False, empty_label=_("all channels")
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("all outcomes")), *DeliveryAttempt.Outcome.choices]
    )
    since = DayField(label=pgettext_lazy("first day", "From"), required=False)
    until = DayField(label=_("Until, including that day"), required=False)
    told = forms.UUIDField(required=False, widget=forms.HiddenInput)  # a notice: with all that were told with it

    def wanted(self) -> dict[str, Any]:
        """As filters of DeliveryAttempt; days are those of the company's calendar."""
        data, zone = self.cleaned_data, get_default_timezone()
        since, until = data["since"], data["until"]
        found = {
            "person": data["person"],
            "channel": data["channel"],
            "outcome": data["outcome"],
            "began_at__gte": datetime.combine(since, time(), zone) if since else None,
            "began_at__lt": datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
            "deliveries__notice__in": told_with(data["told"]) if data["told"] else None,
        }
        return {name: value for name, value in found.items() if value is not None and value != ""}
