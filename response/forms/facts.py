"""What people type into the fact sheet."""

from django import forms
from django.utils.translation import gettext_lazy as _

from response.forms.common import SeenForm
from response.models import Fact


class FactForm(forms.Form):
    claim = forms.CharField(
        label=_("What is claimed"),
        help_text=_("One claim, in one sentence that can be true or untrue."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SignFactForm(SeenForm):
    state = forms.ChoiceField(label=_("What we know of it"), choices=Fact.State, widget=forms.RadioSelect)
    evidence = forms.CharField(label=_("What shows it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
