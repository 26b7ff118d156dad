"""What a department types while it runs a 三级 incident, and what the leaders answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from response.forms.attachments import AttachmentsField
from response.models import ClosingForm, Handling


class HandlingForm(forms.Form):
    way = forms.ChoiceField(label=_("Way of handling"), choices=Handling.Way.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why this way"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ReportForm(forms.Form):
    text = forms.CharField(
        label=_("How it stands"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happened, what was done, what comes next. The leadership group reads it at once."),
    )
    attached = AttachmentsField()


class AnswerForm(forms.Form):
    """已阅, or a word with it."""

    words = forms.CharField(label=_("A word on it"), max_length=1000, required=False)


class ClosingFormForm(forms.ModelForm):
    outcome = forms.CharField(
        label=_("how it stands with the person concerned"),
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least 10 characters: the response ends for this reason."),
    )

    class Meta:
        model = ClosingForm
        fields = ("cause", "done", "outcome", "lesson")
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in fields}


class ClosingAnswerForm(forms.Form):
    """Empty where the form is accepted."""

    reason = forms.CharField(label=_("Why it goes back"), max_length=500, required=False)
