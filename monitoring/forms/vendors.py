"""The forms of vendors: their accounts, channels, keys, and the names they have for our fields."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from monitoring.api.items import FIELDS
from monitoring.models import Scope, Vendor
from opinion.models import Source


class VersionForm(forms.Form):
    """The version of the account that was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class VendorForm(forms.ModelForm):
    per_minute = forms.IntegerField(
        label=_("requests a minute"),
        min_value=1,
        max_value=6000,
        initial=60,
        help_text=_("1 to 6,000 in any sixty seconds. More are told when to come again."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Vendor
        fields = ("name", "contact", "per_minute", "is_enabled")
        help_texts = {
            "contact": _("Whom to call when their posts stop: a name, a phone, an address."),
            "is_enabled": _("Off, all its keys are refused until it is on again."),
        }


class ChannelForm(forms.ModelForm):
    """A stream of a vendor. The class and platform are those of all its posts that do not name another platform."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Source
        fields = ("source_class", "platform", "region", "tier")


class NewChannelForm(ChannelForm):
    code = forms.SlugField(
        label=_("code"), max_length=40, help_text=_("What items name it by. Items without one go to “default”.")
    )
    field_order = ("code",)


class KeyForm(VersionForm):
    scopes = forms.MultipleChoiceField(
        label=_("What it opens"),
        choices=Scope,
        initial=[Scope.PUSH, Scope.OUTCOME],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Reading posts and signals is for the company's own systems, on an account without a channel."),
    )


class RotateForm(VersionForm):
    days = forms.IntegerField(
        label=_("days the old key stays valid"), min_value=0, max_value=90, initial=7, help_text=_("0 to 90.")
    )


class MappingForm(VersionForm):
    """For each of our fields the name the vendor has for it; empty where it is the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name] = forms.CharField(
                label=format_html("<code>{}</code>", name),
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
            )

    @property
    def mapping(self) -> dict[str, str]:
        """Our field: theirs, of those that differ."""
        return {name: theirs for name in FIELDS if (theirs := self.cleaned_data[name]) and theirs != name}


class SettleForm(forms.Form):
    """Which quarantined items: one, or all of one reason in one field."""

    item = forms.UUIDField(required=False)
    reason = forms.CharField(required=False)
    where = forms.CharField(required=False)
