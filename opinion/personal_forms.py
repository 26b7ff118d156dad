"""The forms of people's requests, and of opening an original."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from audit.dates import DayField
from opinion.models import PersonalRequest
from opinion.text import AUTHOR_CAP, PLATFORM_CAP, clean

MOST_LINES = 50
SHORTEST_WORD = 2


class RequestForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was asked"), choices=PersonalRequest.Kind, widget=forms.RadioSelect
    )
    accounts = forms.CharField(
        label=gettext_lazy("Their accounts"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: the platform, a space, the name. 微博 小周爱喝茶"),
    )
    words = forms.CharField(
        label=gettext_lazy("Names and numbers"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: a name, a telephone number … as others would write it."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("The number of the letter or call, not a name."),
    )
    asked_on = DayField(label=gettext_lazy("Asked on"))

    def clean_accounts(self) -> list[tuple[str, str]]:
        found = []
        for line in _lines(self.cleaned_data["accounts"]):
            platform, _blank, name = line.partition(" ")
            if not name.strip() or len(platform) > PLATFORM_CAP or len(name) > AUTHOR_CAP:
                raise ValidationError(_("「%(line)s」: write the platform, a space, then the name.") % {"line": line})
            found.append((platform, name.strip()))
        return found

    def clean_words(self) -> list[str]:
        found = _lines(self.cleaned_data["words"])
        for word in found:
            if len(word) < SHORTEST_WORD:
                raise ValidationError(_("「%(word)s」 is too short to name a person.") % {"word": word})
        return found

    def clean_asked_on(self) -> date:
        day: date = self.cleaned_data["asked_on"]
        if day > localdate(clock.now()):
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given["accounts"] and not given["words"]:
            raise ValidationError(_("Write at least one account, name or number."))
        return given


def _lines(text: str) -> list[str]:
    """The lines of a text, each once, without blanks around them and with single ones inside."""
    lines = [" ".join(line.split()) for line in clean(text, 10_000).splitlines()]
    found = [*dict.fromkeys(line for line in lines if line)]
    if len(found) > MOST_LINES:
        raise ValidationError(_("More than %(most)s lines.") % {"most": MOST_LINES})
    return found


class OpenOriginalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why do you need it?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Written into the audit trail with your name."),
    )
