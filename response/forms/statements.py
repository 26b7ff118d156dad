"""What people type about statements and signatures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from response.forms.common import SeenForm
from response.models import StatementKind


class StartStatementForm(forms.Form):
    kind = forms.ChoiceField(label=_("Template"), choices=StatementKind, widget=forms.RadioSelect)


class DraftForm(SeenForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text"), max_length=20000, strip=False, widget=forms.Textarea(attrs={"rows": 18}))
    change_note = forms.CharField(label=_("What changed and why (this is public)"), max_length=500, required=False)


REASONS = [
    ("facts", _("The facts are not right")),
    ("wording", _("The wording is not right")),
    ("law", _("A legal risk")),
    ("timing", _("Not now")),
    ("other", _("Something else")),
]


class DecideForm(forms.Form):
    """A signature or a return. `text_hash` is the text the person read."""

    text_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("approve", ""), ("return", "")], widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, required=False)
    note = forms.CharField(label=_("What should change"), max_length=900, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "return" and not data.get("reason"):
            self.add_error("reason", _("Choose a reason."))
        return data

    @property
    def words(self) -> str:
        """The reason and the note as one remark."""
        reason = str(dict(REASONS).get(self.cleaned_data.get("reason", ""), ""))
        return ": ".join(part for part in (reason, self.cleaned_data.get("note", "").strip()) if part)
