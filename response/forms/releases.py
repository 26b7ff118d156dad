"""What people type about publications."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from response.channels import CHANNELS, label_of


class PublishForm(forms.Form):
    channels = forms.MultipleChoiceField(label=_("Channels"), widget=forms.CheckboxSelectMultiple)

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
    note = forms.CharField(label=_("Why (this is public)"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
