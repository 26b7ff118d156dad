"""What people type about holding texts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.dates import DayField
from response.forms.common import SeenForm
from response.models import CrisisCluster
from response.templates_of_statements import SLOT_LENGTH


class HoldingForm(SeenForm):
    name = forms.CharField(label=_("For which case"), max_length=80)
    cluster = forms.ChoiceField(
        label=_("Crisis cluster"), choices=[("", _("any")), *CrisisCluster.choices], required=False
    )
    expires_on = DayField(label=_("Valid until"))
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("Text"),
        help_text=_("What is not known yet stays a slot: a name between braces, like {事项}."),
        max_length=2000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class SignHoldingForm(forms.Form):
    text_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("approve", ""), ("return", "")], widget=forms.HiddenInput)
    note = forms.CharField(label=_("What should change"), max_length=900, required=False)


class FillForm(forms.Form):
    """The open slots of a holding text, one field each."""

    def __init__(self, *args: Any, slots: list[str], known: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = slots
        for place, slot in enumerate(slots):
            self.fields[f"slot_{place}"] = forms.CharField(
                label=slot, max_length=SLOT_LENGTH, initial=known.get(slot, "")
            )

    def words(self) -> dict[str, str]:
        """What was typed, by the slot's name."""
        return {slot: self.cleaned_data[f"slot_{place}"] for place, slot in enumerate(self.slots)}
