"""What people type about guidance and events."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.dates import MomentField
from response.forms.common import PersonField, SeenForm
from response.forms.outreach import colleagues
from response.models import Contact, GuidanceItem, PressEvent


class GuidanceForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    aim = forms.CharField(
        label=_("Aim"), help_text=_("What people are to understand, in one sentence."), max_length=300
    )
    messages = forms.CharField(
        label=_("Messages"),
        help_text=_("One a line. Each must be true and shown by the fact sheet."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ItemForm(forms.ModelForm):
    due_at = MomentField(label=pgettext_lazy("clock", "Due"))

    class Meta:
        model = GuidanceItem
        fields = ("title", "message", "channel", "partner", "owner", "due_at")
        widgets = {"message": forms.Textarea(attrs={"rows": 2})}
        field_classes = {"owner": PersonField}
        labels = {"partner": _("Partner"), "owner": _("Owner"), "channel": _("Where")}
        help_texts = {"partner": _("Who publishes it in their own name. Leave empty for a channel of ours.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Contact.objects.in_use()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = colleagues()  # type: ignore[attr-defined]


class OutForm(SeenForm):
    url = forms.URLField(label=_("Web address"), max_length=2000, assume_scheme="https")


class DropForm(SeenForm):
    reason = forms.CharField(label=_("Why not"), max_length=300)


class EventForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    at = MomentField(label=_("When"))

    class Meta:
        model = PressEvent
        fields = ("kind", "title", "at", "place", "host", "partners", "run_sheet", "questions")
        widgets = {
            "run_sheet": forms.Textarea(attrs={"rows": 5}),
            "questions": forms.Textarea(attrs={"rows": 8}),
            "partners": forms.CheckboxSelectMultiple,
        }
        field_classes = {"host": PersonField}
        labels = {"host": _("Host"), "partners": _("Partners")}
        help_texts = {
            "run_sheet": _("One step a line, with its time: 14:00 welcome."),
            "questions": _("A question on one line, its answer below it, then an empty line."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partners"].queryset = Contact.objects.in_use()  # type: ignore[attr-defined]
        self.fields["host"].queryset = colleagues()  # type: ignore[attr-defined]


class HeldForm(SeenForm):
    held_at = MomentField(label=_("When it was held"))
    outcome = forms.CharField(label=_("Outcome"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class CancelForm(SeenForm):
    reason = forms.CharField(label=_("Why not"), max_length=500)
