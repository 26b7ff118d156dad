"""What people fill in about an incident."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import DEPARTMENTS, LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import people_with
from incidents import severity, words
from incidents.levels import LEVELS, OPEN_STAGES, Level, Stage
from incidents.models import AffectedKind, Incident
from incidents.refusals import SHORTEST_REASON

WORKERS = (*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)


class ReasonField(forms.CharField):
    """A reason that is one: long enough to say something."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(min_length=SHORTEST_REASON, max_length=2000, **kwargs)


class IncidentForm(forms.ModelForm):
    """Opening, and correcting later. `version` makes a stale correction a 409."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Incident
        fields = ["title", "summary", "affects", "department", "lead", "is_confidential"]
        widgets = {"affects": forms.CheckboxSelectMultiple, "summary": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"is_confidential": _("Only its members and the leadership group know of it.")}

    def __init__(self, *args: Any, may_hide: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people_with(*TEAM, Role.DEPARTMENT_HEAD)  # type: ignore[attr-defined]
        self.fields["affects"].queryset = AffectedKind.objects.all()  # type: ignore[attr-defined]
        self.fields["affects"].required = True  # P3: an incident states what it harms
        for name in ("department", "lead"):
            self.fields[name].empty_label = _("to be settled")  # type: ignore[attr-defined]
        if not may_hide:
            del self.fields["is_confidential"]


class ListFilters(forms.Form):
    """The list's filters, all in the address. What cannot be read filters nothing."""

    STATES = [
        ("", _("not over")),
        *[(stage.value, stage.label) for stage in Stage],
        ("all", _("all stages")),
    ]
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    stage = forms.ChoiceField(label=_("Stage"), choices=STATES, required=False)
    level = forms.TypedChoiceField(
        label=_("Level"), choices=[("", _("any level")), *Level.choices], coerce=int, empty_value=None, required=False
    )
    affects = forms.ModelChoiceField(
        label=_("Affects"),
        queryset=AffectedKind.objects.all(),
        to_field_name="code",
        empty_label=_("anything"),
        required=False,
    )
    mine = forms.BooleanField(label=_("led by me"), required=False)

    def narrow(self, incidents: QuerySet[Incident], person: User) -> QuerySet[Incident]:
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("stage", "") == "":
            incidents = incidents.filter(stage__in=OPEN_STAGES)
        elif chosen["stage"] != "all":
            incidents = incidents.filter(stage=chosen["stage"])
        if chosen.get("level") is not None:
            incidents = incidents.filter(level=chosen["level"])
        if chosen.get("affects"):
            incidents = incidents.filter(affects=chosen["affects"])
        if chosen.get("mine"):
            incidents = incidents.filter(lead=person)
        if chosen.get("q"):
            word = chosen["q"].strip()
            incidents = incidents.filter(title__icontains=word) | incidents.filter(number__icontains=word)
        return incidents


class AssessForm(forms.Form):
    """What people know and no feed says. An empty answer is "unknown", or "as measured" where something was."""

    regulator = forms.ChoiceField(label=_("Attention of regulators"), required=False)
    fact_state = forms.ChoiceField(label=_("State of the facts"), required=False)
    nature = forms.ChoiceField(label=_("Nature of the matter"), required=False)
    hot_list = forms.ChoiceField(label=_("Hot lists"), required=False)
    red_lines = forms.MultipleChoiceField(
        label=_("Red lines that are crossed"),
        help_text=_("Each lifts the suggestion, whatever the index says. One that is crossed ends only with a reason."),
        widget=forms.CheckboxSelectMultiple,
        choices=list(words.RED_LINES.items()),
        required=False,
    )
    note = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed where you overrule something measured or clear a red line."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, measured: severity.Inputs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("regulator", "fact_state", "nature", "hot_list"):
            found = getattr(measured, name)
            nothing = _("as measured: %(what)s") % {"what": words.ANSWERS[name][found]} if found else _("unknown")
            self.fields[name].choices = [("", nothing), *words.ANSWERS[name].items()]  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    level = forms.TypedChoiceField(
        label=_("Level"), choices=[(level.value, level.label) for level in LEVELS], coerce=int, widget=forms.RadioSelect
    )
    reason = ReasonField(
        help_text=_("What happened, what was measured, why this level. The decider reads it on a phone.")
    )


class DecisionForm(forms.Form):
    """One tap of a decider: the version they saw; the level or reason printed on the button; words of their own."""

    version = forms.IntegerField()
    level = forms.TypedChoiceField(choices=[(level.value, "") for level in LEVELS], coerce=int, required=False)
    preset = forms.CharField(required=False, max_length=200)
    note = forms.CharField(required=False, max_length=500)

    def reason(self, printed: str) -> str:
        """Their own words if they say enough, else what was printed on the button, with their words behind it."""
        typed = self.cleaned_data["note"].strip()
        return typed if len(typed) >= SHORTEST_REASON else f"{printed} {typed}".strip()


class NoteForm(forms.Form):
    words = forms.CharField(
        label=_("Your note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )


class CorrectionForm(forms.Form):
    """What an entry got wrong: the right words, and how one knows."""

    words = forms.CharField(label=_("What is right"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    reason = ReasonField(help_text=_("How you know. The entry stays as it is; yours stands beside it."))


class StepForm(forms.Form):
    """A step of the stage with its reason."""

    note = ReasonField()


class MergeForm(StepForm):
    into = forms.ModelChoiceField(label=_("Merge into"), queryset=Incident.objects.none(), to_field_name="number")

    def __init__(self, *args: Any, others: QuerySet[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = incident.memberships.filter(removed_at=None).values("person")
        self.fields["person"].queryset = people_with(*WORKERS).exclude(pk__in=there)  # type: ignore[attr-defined]
