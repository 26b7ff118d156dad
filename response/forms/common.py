"""What forms share: the version of a row that two people may edit, the field for a person."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from response.services.statements import still_open


class SeenForm(forms.Form):
    """Base of every form on a row that two people may edit."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: User) -> str:
        return f"{person} · {person.department}" if person.department else str(person)


def filled_in(words: str) -> None:
    """For texts that leave the house: nothing of a template may be left open in them."""
    if says := still_open(words):
        raise forms.ValidationError(says)


class LinesField(forms.CharField):
    """Short texts, one a line. Its value is a list."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if len(value) > 20:
            raise forms.ValidationError(_("Twenty at most."))
        for line in value:
            MaxLengthValidator(200)(line)

    def run_validators(self, value: Any) -> None:
        """They look at one text; `validate` has looked at each."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value
