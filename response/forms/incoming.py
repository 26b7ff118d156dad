"""What people type about letters and calls, and what the list is narrowed to."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from audit.dates import MomentField
from incidents.forms import ReasonField
from incidents.models import Incident
from opinion.text import clean
from response.forms.attachments import AttachmentsField
from response.forms.common import PersonField, SeenForm, filled_in
from response.forms.papers import people_of_the_desk
from response.models import Incoming


class IncomingFilters(forms.Form):
    """In the address. What cannot be read does nothing."""

    q = forms.CharField(required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("any kind")), *Incoming.Kind.choices], required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("to be answered")), ("all", _("all")), *Incoming.State.choices],
        required=False,
    )
    overdue = forms.BooleanField(label=_("overdue"), required=False)
    mine = forms.BooleanField(label=_("mine"), required=False)
    incident = forms.CharField(required=False, max_length=24, widget=forms.HiddenInput)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, letters: QuerySet[Incoming], person: User) -> QuerySet[Incoming]:
        chosen = self.chosen()
        state = chosen.get("state")
        if state is None:
            letters = letters.open()  # type: ignore[attr-defined]
        elif state != "all":
            letters = letters.filter(state=state)
        if "kind" in chosen:
            letters = letters.filter(kind=chosen["kind"])
        if "incident" in chosen:
            letters = letters.filter(incident__number=chosen["incident"])
        if "overdue" in chosen:
            letters = letters.filter(state__in=Incoming.OPEN, due_at__lt=clock.now())
        if "mine" in chosen:
            letters = letters.filter(owner=person)
        if "q" in chosen:
            words = chosen["q"].strip()
            letters = letters.filter(
                Q(number__icontains=words) | Q(sender__icontains=words) | Q(reference__icontains=words)
            )
        return letters


class IncomingForm(forms.ModelForm):
    """Entering, and correcting later. `version` makes a stale correction a 409."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    brought = AttachmentsField(label=_("The letter itself"), most=1)

    class Meta:
        model = Incoming
        fields = [
            "incident", "kind", "attention", "means", "sender", "contact", "reference", "asks", "received_at", "due_at",
            "owner",
        ]  # fmt: skip
        field_classes = {"received_at": MomentField, "due_at": MomentField}
        widgets = {"asks": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"attention": _("Only of a regulator's letter; it weighs in the severity of the incident.")}

    def __init__(self, *args: Any, person: User, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            for name in ("incident", "owner", "brought"):
                del self.fields[name]
            return
        seen = Incident.objects.visible_to(person).open()
        self.fields["incident"] = forms.ModelChoiceField(
            label=_("Incident"),
            queryset=seen,
            to_field_name="number",
            required=False,
            empty_label=_("none yet"),
        )
        self.fields["owner"] = PersonField(label=_("Who answers"), queryset=people_of_the_desk())

    def clean_sender(self) -> str:
        return " ".join(clean(self.cleaned_data["sender"], cap=400).split())[:120]


class LineForm(SeenForm):
    line = forms.CharField(
        label=_("Line"), help_text=_("What we answer, word for word."), max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}), validators=[filled_in],
    )  # fmt: skip


class DecideLineForm(SeenForm):
    decision = forms.ChoiceField(choices=[("approve", ""), ("return", "")])
    note = forms.CharField(label=_("What should change"), max_length=500, required=False)


class ReplyForm(SeenForm):
    note = forms.CharField(
        label=_("How it was answered"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    brought = AttachmentsField(label=_("Proof"), most=1)


class CloseForm(SeenForm):
    reason = ReasonField(label=_("Why it needs no answer"))


class HandOverForm(SeenForm):
    owner = PersonField(label=_("New owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of_the_desk()  # type: ignore[attr-defined]
