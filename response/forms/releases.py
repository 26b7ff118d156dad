"""What people type about publications, and about the accounts they go out from."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.dates import DayField, MomentField
from response.channels import CHANNELS, account_named, label_of
from response.forms.common import filled_in
from response.models import ChannelAccount


class PublishForm(forms.Form):
    channels = forms.MultipleChoiceField(label=_("Channels"), widget=forms.CheckboxSelectMultiple)
    at = MomentField(
        label=_("Not before"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=_("Empty: at once. It can be cancelled until it leaves."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = [(name, label_of(name)) for name in CHANNELS]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    url = forms.URLField(
        label=_("Web address of the publication"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )


class WithdrawForm(forms.Form):
    note = forms.CharField(
        label=_("Why (this is public)"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[filled_in],
    )


class AccountForm(forms.Form):
    """The settings its kind asks for. A secret is never shown; left empty, it stays."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    expires_on = DayField(
        label=_("Authorisation ends on"),
        required=False,
        help_text=_("Those who publish are warned 7, 3 and 1 day before."),
    )

    def __init__(self, data: Any, *, kind: str, account: ChannelAccount | None) -> None:
        kept = account.readable_settings if account else {}
        self.settings_fields = account_named(kind).FIELDS
        initial = {"version": account.version, "expires_on": account.expires_on} if account else {}
        super().__init__(data, initial=initial)
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
        self.order_fields(["version", *(f"set_{field.name}" for field in self.settings_fields), "expires_on"])

    @property
    def values(self) -> dict[str, str]:
        """The settings by the names the adapter knows."""
        return {field.name: self.cleaned_data[f"set_{field.name}"].strip() for field in self.settings_fields}
