"""What forms share: the version of a row that two people may edit, the field for a person."""

from typing import Any

from django import forms

from accounts.models import User


class SeenForm(forms.Form):
    """Base of every form on a row that two people may edit."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: User) -> str:
        return f"{person} · {person.department}" if person.department else str(person)


def at_field(label: Any, **kwargs: Any) -> forms.DateTimeField:
    """A moment, typed in the company's time zone."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **kwargs)
