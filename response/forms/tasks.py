"""What people type about tasks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from accounts.roles import OFFICERS
from incidents.levels import LEVELS
from incidents.models import Incident
from response.forms.attachments import AttachmentsField
from response.forms.common import LinesField, PersonField, SeenForm
from response.models import Task
from response.selectors.tasks import tasks_for


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


class InSpiteForm(SeenForm):
    """For a task that waits for others, why it goes on in spite of them; the field is there only then."""

    in_spite = forms.CharField(label=_("Why it goes on before the tasks it waits for"), max_length=300)

    def __init__(self, *args: Any, waits: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not waits:
            del self.fields["in_spite"]


class StartForm(InSpiteForm):
    pass


class FinishForm(InSpiteForm):
    evidence = forms.CharField(
        label=_("What shows that it is done"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("A note, a link or a file: one of them at least."),
    )
    link = forms.URLField(label=_("Link"), max_length=500, assume_scheme="https", required=False)
    attached = AttachmentsField()
    field_order = ("version", "evidence", "link", "attached", "in_spite")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("evidence") or cleaned.get("link") or cleaned.get("attached")):
            self.add_error("evidence", _("Say what shows that it is done."))
        return cleaned


class WaiveForm(SeenForm):
    reason = forms.CharField(label=_("Why it is not needed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReassignForm(SeenForm):
    owner = PersonField(label=_("New owner"), queryset=User.objects.none())
    deputy = PersonField(label=_("Stands in"), queryset=User.objects.none(), required=False, empty_label=_("as before"))
    note = forms.CharField(label=_("A word for them"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in ("owner", "deputy"):
            self.fields[field].queryset = may_own_tasks()  # type: ignore[attr-defined]


class GiveTaskForm(forms.Form):
    """A task the plan did not think of."""

    title = forms.CharField(label=_("Task"), max_length=200)
    owner = PersonField(label=_("Owner"), queryset=User.objects.none())
    within_minutes = forms.IntegerField(label=_("Deadline in minutes"), min_value=1, max_value=525_600, initial=240)
    evidence_asked = forms.CharField(label=_("What shows that it is done"), max_length=200, required=False)
    checklist = LinesField(label=_("Checklist, one step a line"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = may_own_tasks()  # type: ignore[attr-defined]


def may_own_tasks() -> QuerySet[User]:
    people = User.objects.filter(is_active=True, groups__isnull=False).exclude(groups__name__in=OFFICERS).distinct()
    return people.select_related("department")
