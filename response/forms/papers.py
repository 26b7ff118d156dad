"""What people type into papers: the sections, the division of work, the proof of filing; and who joins a group."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import OFFICERS
from audit.dates import MomentField
from response.forms.attachments import AttachmentsField
from response.forms.common import SeenForm
from response.models import Paper
from response.papers import sections

ROWS = 20  # of a division of work
SECTION_CHARS = 6000


def people_of_the_desk() -> Any:
    people = User.objects.filter(is_active=True, groups__isnull=False).exclude(groups__name__in=OFFICERS).distinct()
    return people.select_related("department").order_by("department__name", "name", "pk")


class PaperForm(SeenForm):
    """One field a section of this kind of paper. Empty ones may be saved, not submitted."""

    def __init__(self, *args: Any, paper: Paper, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [code for code, _heading, _help in sections(paper.kind)]
        for code, heading, help_text in sections(paper.kind):
            self.fields[code] = forms.CharField(
                label=str(heading),
                help_text=str(help_text),
                required=False,
                max_length=SECTION_CHARS,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def content(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code in self.codes}


class WorkForm(forms.Form):
    """A row of the division of work; an empty one is no row."""

    what = forms.CharField(label=_("what"), max_length=200, required=False)
    who = forms.TypedChoiceField(label=_("who"), required=False, empty_value=None)
    due_at = MomentField(label=_("by when"), required=False)

    def __init__(self, *args: Any, people: Mapping[str, User], **kwargs: Any) -> None:
        """people: who may be chosen by primary key, read once for all rows."""
        super().__init__(*args, **kwargs)
        choices = [(key, f"{person} · {person.department or ''}") for key, person in people.items()]
        self.fields["who"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]
        self.fields["who"].coerce = people.get  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = [bool(data.get(name)) for name in ("what", "who", "due_at")]
        if any(given) and not all(given) and not self.errors:
            raise forms.ValidationError(_("A row says what, who and by when."))
        return data


WorkFormSet = formset_factory(WorkForm, extra=3, max_num=ROWS, absolute_max=ROWS, validate_max=True)


def rows_of(formset: BaseFormSet) -> list[tuple[str, User, datetime]]:
    """The rows that say something, in order. Of a valid formset."""
    return [
        (row["what"], row["who"], row["due_at"])
        for form in formset.forms
        for row in [form.cleaned_data]
        if row.get("what")
    ]


class DecidePaperForm(forms.Form):
    text_hash = forms.CharField(max_length=64)
    decision = forms.ChoiceField(choices=[("sign", ""), ("return", "")])
    note = forms.CharField(label=_("What should change"), max_length=900, required=False)


class FileReportForm(SeenForm):
    filed_at = MomentField(label=_("When it was handed over"))
    receiver = forms.CharField(label=_("Who received it"), max_length=80)
    receipt_number = forms.CharField(
        label=_("Their number"),
        help_text=_("The number of the receipt or the register."),
        max_length=80,
        required=False,
    )
    proof_note = forms.CharField(
        label=_("How it was handed over"), help_text=_("By hand, fax, system, phone; who else knows."), max_length=500,
        required=False,
    )  # fmt: skip
    brought = AttachmentsField(label=_("File of the receipt"), most=1)


class AnswerForm(SeenForm):
    answer = forms.CharField(label=_("What they answered"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class GroupForm(forms.Form):
    """Everybody who may join an emergency working group, chosen or not, with what they do on it.

    offered  (person, function proposed, is chosen by default), in the order shown
    """

    def __init__(self, *args: Any, offered: Iterable[tuple[User, str, bool]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = []
        for person, function, is_chosen in offered:
            self.fields[f"join-{person.pk}"] = forms.BooleanField(label=str(person), required=False, initial=is_chosen)
            self.fields[f"does-{person.pk}"] = forms.CharField(
                label=_("What they do here"), required=False, max_length=60, initial=function
            )
            self.people.append(person)

    def rows(self) -> list[tuple[User, Any, Any]]:
        return [(person, self[f"join-{person.pk}"], self[f"does-{person.pk}"]) for person in self.people]

    def functions(self) -> dict[User, str]:
        """Those chosen, each with what they do here."""
        return {
            person: " ".join(self.cleaned_data[f"does-{person.pk}"].split())
            for person in self.people
            if self.cleaned_data[f"join-{person.pk}"]
        }
