"""What people type: each form carries the version of the row it was made from where the row can be changed by two."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from accounts.roles import OFFICERS
from incidents.levels import LEVELS
from incidents.models import Incident
from response.channels import CHANNELS, label_of
from response.models import Fact, StatementKind, Task
from response.selectors import tasks_for


class TaskFilters(forms.Form):
    """What my tasks are narrowed to, in the address. What cannot be read does nothing."""

    incident = forms.ModelChoiceField(
        label=_("Incident"),
        queryset=Incident.everywhere.none(),
        to_field_name="uuid",
        empty_label=_("any"),
        required=False,
    )
    level = forms.TypedChoiceField(
        label=_("Level"),
        choices=[("", _("any level")), *[(level.value, level.label) for level in LEVELS]],
        coerce=int,
        empty_value=None,
        required=False,
    )
    overdue = forms.BooleanField(label=_("overdue"), required=False)
    deputy = forms.BooleanField(label=_("only where I stand in"), required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        theirs = tasks_for(person).order_by().values("incident")
        self.fields["incident"].queryset = Incident.everywhere.filter(pk__in=theirs)  # type: ignore[attr-defined]
        self.fields["incident"].label_from_instance = lambda incident: incident.public_name  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, tasks: Iterable[Task]) -> list[Task]:
        """Those that fit; a drill's by its own clock."""
        chosen = self.chosen()
        return [
            task
            for task in tasks
            if chosen.get("incident") in (None, task.incident)
            and chosen.get("level") in (None, task.incident.level)
            and ("overdue" not in chosen or task.due_at < clock.now(task.incident.exercise))
            and ("deputy" not in chosen or task.owner_id != self.person.pk)
        ]


class SeenForm(forms.Form):
    """Base of every form on a row that two people may edit."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class StartForm(SeenForm):
    pass


class FinishForm(SeenForm):
    evidence = forms.CharField(
        label=_("What shows that it is done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class WaiveForm(SeenForm):
    reason = forms.CharField(label=_("Why it is not needed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person: User) -> str:
        return f"{person} · {person.department}" if person.department else str(person)


class ReassignForm(SeenForm):
    owner = PersonField(label=_("New owner"), queryset=User.objects.none())
    note = forms.CharField(label=_("A word for them"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, groups__isnull=False).exclude(groups__name__in=OFFICERS).distinct()
        self.fields["owner"].queryset = people.select_related("department")  # type: ignore[attr-defined]


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


class PublishForm(forms.Form):
    channels = forms.MultipleChoiceField(label=_("Channels"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = [(name, label_of(name)) for name in CHANNELS]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    url = forms.URLField(
        label=_("Web address of the publication"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )


class WithdrawForm(forms.Form):
    note = forms.CharField(label=_("Why (this is public)"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
