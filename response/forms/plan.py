"""What people type into the plan; a plan file is read through the same forms."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import validate_slug
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.levels import ClockKind
from response.forms.common import LinesField, SeenForm
from response.models import PlanTask, Wave, wave_of
from response.models.plan import ROLE_WORDS

LONGEST_MINUTES = 525_600  # a year
MOST_ROLES = 3
LARGEST_FILE = 1024 * 1024  # bytes: the default plan has twelve thousand


class RolesWidget(forms.MultiWidget):
    def __init__(self) -> None:
        choices = [("", "—"), *((letter, f"{words} ({letter})") for letter, words in ROLE_WORDS.items())]
        names = (_("Responsible"), _("Stands in"), _("Then"))
        super().__init__([forms.Select({"aria-label": name}, choices) for name in names])

    def decompress(self, value: Any) -> list[str]:
        return str(value).split("/") if value else []


class RolesField(forms.MultiValueField):
    """The plan's letters ("L/LEG") as up to three choices: who is responsible, and who comes next."""

    def __init__(self, **more: Any) -> None:
        choices = [("", "—"), *ROLE_WORDS.items()]
        places = [forms.ChoiceField(choices=choices, required=not place) for place in range(MOST_ROLES)]
        super().__init__(places, widget=RolesWidget(), require_all_fields=False, **more)

    def compress(self, data_list: list[str]) -> str:
        return "/".join(dict.fromkeys(letter for letter in data_list if letter))


class PlanLineForm(forms.ModelForm):
    """One line of the plan. `others` are the keys and titles of the other lines of its level."""

    roles = RolesField(label=_("Who does it, then who stands in"))
    within_minutes = forms.IntegerField(label=_("Deadline in minutes"), min_value=1, max_value=LONGEST_MINUTES)
    wave = forms.TypedChoiceField(
        label=_("Wave"),
        choices=[("", _("by its deadline")), *Wave.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    every_minutes = forms.IntegerField(
        label=_("Comes back after minutes"), min_value=10, max_value=LONGEST_MINUTES, required=False
    )
    later_every_minutes = forms.IntegerField(
        label=_("After the first 24 hours, after minutes"), min_value=10, max_value=LONGEST_MINUTES, required=False
    )
    waits_for = forms.MultipleChoiceField(
        label=_("Waits for"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    checklist = LinesField(label=_("Checklist, one step a line"), required=False)
    key = forms.CharField(
        label=pgettext_lazy("of a line of the plan", "Key"),
        max_length=40,
        required=False,
        validators=[validate_slug],
        help_text=_("Lines of two levels with the same key are the same work. Leave it empty for a new one."),
    )

    class Meta:
        model = PlanTask
        fields = (
            "title",
            "title_en",
            "roles",
            "within_minutes",
            "is_on_trigger",
            "wave",
            "is_starred",
            "article",
            "evidence",
            "evidence_en",
            "every_minutes",
            "later_every_minutes",
            "waits_for",
            "checklist",
            "key",
        )
        labels = {
            "title": _("Task"),
            "title_en": _("Task in English"),
            "is_on_trigger": _("the minutes run from an event, not from the level"),
            "is_starred": _("★ a step of the company’s own plan: it escalates to the leaders"),
            "article": _("Article of the company’s plan"),
            "evidence": _("What shows that it is done"),
            "evidence_en": _("The same in English"),
        }

    def __init__(self, *args: Any, others: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.within_minutes is None or self.instance.wave == wave_of(self.instance.within_minutes):
            self.initial["wave"] = ""  # it goes on following the deadline
        self.fields["waits_for"].choices = list(others)  # type: ignore[attr-defined]
        if not others:
            self.fields["waits_for"].help_text = _("There is no other task at this level.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("later_every_minutes") and not cleaned.get("every_minutes"):
            self.add_error("later_every_minutes", _("Only a task that comes back has a slower rhythm."))
        if cleaned.get("is_on_trigger") and cleaned.get("every_minutes"):
            self.add_error("every_minutes", _("A task that waits for an event does not come back."))
        if cleaned.get("wave") is None and cleaned.get("within_minutes"):
            cleaned["wave"] = wave_of(cleaned["within_minutes"])
        return cleaned


class PlanClocksForm(forms.Form):
    """The limits of the procedure at one level; an empty one does not run."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ClockKind:
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label, min_value=1, max_value=LONGEST_MINUTES, required=False
            )


class PlanHeadForm(forms.Form):
    name = forms.CharField(label=_("Name of the plan"), max_length=120)
    reason = forms.CharField(label=_("What changes and why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class PlanStepForm(SeenForm):
    """A button on a draft: the version that was looked at goes along."""


class ReturnPlanForm(SeenForm):
    reason = forms.CharField(label=_("Why it goes back"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class PlanFileForm(SeenForm):
    file = forms.FileField(
        label=_("Plan file"),
        help_text=_("YAML or XLSX, as it is exported here. It replaces every task and clock of this draft."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.xlsx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:  # before it is read into memory
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        return file


class CompareForm(forms.Form):
    """Which two versions are put side by side, in the address."""

    before = forms.IntegerField()
    after = forms.IntegerField()
