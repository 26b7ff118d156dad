"""What people type about the internal line of an incident."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.dates import MomentField
from response.forms.common import SeenForm, filled_in


class LineForm(SeenForm):
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    words = forms.CharField(
        label=_("What may be said"),
        max_length=2000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[filled_in],
    )
    questions = forms.CharField(
        label=_("Questions and answers"),
        help_text=_("A question on a line of its own, the answer below it; an empty line before the next question."),
        max_length=12000,
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        validators=[filled_in],
    )
    expires_at = MomentField(label=_("Valid until"))

    def clean_questions(self) -> list[dict[str, str]]:
        """As rows; raises a sentence for a question without an answer."""
        rows = []
        for block in re.split(r"\n\s*\n", self.cleaned_data["questions"].replace("\r\n", "\n").strip()):
            question, _newline, answer = block.strip().partition("\n")
            if question and not answer.strip():
                raise forms.ValidationError(_("This question has no answer: %(question)s") % {"question": question})
            if question:
                rows.append({"question": question.strip(), "answer": answer.strip()})
        return rows


def as_typed(questions: list[dict[str, str]]) -> str:
    return "\n\n".join(f"{one['question']}\n{one['answer']}" for one in questions)
