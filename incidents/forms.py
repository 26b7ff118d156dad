"""What people fill in about an incident."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from accounts.roles import DEPARTMENTS, LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import people_with
from audit.dates import MomentField
from incidents import severity, words
from incidents.figures import posts_of
from incidents.levels import LEVELS
from incidents.models import AffectedKind, Incident, OralApproval
from incidents.refusals import SHORTEST_REASON
from incidents.services.assessing import Entered
from incidents.timeline_words import SUGGESTIONS
from opinion.models import Post, Topic
from opinion.services.evidence import LARGEST, NotKept, Upload, check
from opinion.text import clean

LARGEST_PAGE = 50  # rows of the list that are handed over at once
WORKERS = (*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)


class ReasonField(forms.CharField):
    """A reason that is one: long enough to say something."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(min_length=SHORTEST_REASON, max_length=2000, **kwargs)


class TitleField(forms.CharField):
    """A title as it may stand in lists and notices: one line, nothing that cannot be seen or that turns the reading."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)

    def to_python(self, value: Any) -> str:
        return " ".join(clean(super().to_python(value) or "", cap=1000).split())


class IncidentForm(forms.ModelForm):
    """Opening, and correcting later. `version` makes a stale correction a 409."""

    title = TitleField(label=_("title"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Incident
        fields = ["title", "summary", "affects", "department", "lead", "is_confidential"]
        widgets = {"affects": forms.CheckboxSelectMultiple, "summary": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"is_confidential": _("Only its members and the leadership group know of it.")}

    def __init__(self, *args: Any, may_hide: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people_with(*TEAM, Role.DEPARTMENT_HEAD)  # type: ignore[attr-defined]
        kept = self.instance.affects.values("pk") if self.instance.pk else []
        offered = AffectedKind.objects.filter(Q(retired_at=None) | Q(pk__in=kept))
        self.fields["affects"].queryset = offered  # type: ignore[attr-defined]
        self.fields["affects"].required = True  # P3: an incident states what it harms
        for name in ("department", "lead"):
            self.fields[name].empty_label = _("to be settled")  # type: ignore[attr-defined]
        if not may_hide:
            del self.fields["is_confidential"]


class HandOverForm(forms.Form):
    """Another lead or owning department for incidents chosen in the list; what is left empty stays.

    chosen  `number:version` each, at most a page of the list; cleaned: the version by the number
    """

    lead = forms.ModelChoiceField(User.objects.none(), label=_("Lead"), required=False, to_field_name="uuid")
    department = forms.ModelChoiceField(
        Department.objects.all(), label=_("Owning department"), required=False, to_field_name="code"
    )
    chosen = forms.Field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people_with(*TEAM, Role.DEPARTMENT_HEAD)  # type: ignore[attr-defined]
        self.fields["chosen"].widget = forms.MultipleHiddenInput()
        for name in ("lead", "department"):
            self.fields[name].empty_label = _("stays as it is")  # type: ignore[attr-defined]

    def clean_chosen(self) -> dict[str, int]:
        pairs = [str(each).rpartition(":") for each in self.cleaned_data["chosen"]]
        if len(pairs) > LARGEST_PAGE or not all(number and version.isdecimal() for number, _colon, version in pairs):
            raise forms.ValidationError(_("This choice cannot be read."))
        return {number: int(version[:9]) for number, _colon, version in pairs}

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.values():
            raise forms.ValidationError(_("Choose a lead or a department."))
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("lead", "department") if self.cleaned_data.get(name)}


class KindForm(forms.Form):
    """A kind of harm. `version` makes a stale renaming a 409."""

    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class OverruledField(forms.FloatField):
    """A factor's score in a person's word; empty: as measured."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0, max_value=100, required=False, help_text=_("0 to 100; empty is as measured"), **kwargs
        )


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
    spread = OverruledField(label=words.FACTORS["spread"])
    influence = OverruledField(label=words.FACTORS["influence"])
    harm = OverruledField(label=words.FACTORS["harm"])
    suggestion = forms.ChoiceField(
        label=_("Suggested level"),
        choices=[("", _("as the formula says")), *SUGGESTIONS.items()],
        help_text=_("Say another where the formula is wrong; the leadership sees both."),
        required=False,
    )
    note = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed where you overrule something measured, a factor or the suggestion, or clear a red line."),
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

    def entered(self) -> Entered:
        said = self.cleaned_data
        scores = {name: said[name] for name in words.FACTORS if said[name] is not None}
        answers = {name: said[name] or None for name in ("regulator", "fact_state", "nature", "hot_list", "suggestion")}
        return Entered(**answers, red_lines=tuple(said["red_lines"]), overruled=scores)


class Slider(forms.NumberInput):
    input_type = "range"


class WhatIfForm(forms.Form):
    """The inputs of the formula, as sliders where a number is known and as an empty field where none is.

    known  stored inputs of an assessment; what no field here shows is taken from them
    """

    NUMBERS = {  # name: label, the end of the slider, its step
        "posts": (_("Posts in 24 hours, reposts folded"), 2_000, 1),
        "reposts": (_("Reposts"), 20_000, 10),
        "reads": (_("Reads"), 200_000, 100),
        "plays": (_("Plays"), 200_000, 100),
        "platforms": (_("Platforms"), 10, 1),
        "last_hour": (_("Posts in the last hour"), 1_000, 1),
        "previous_hourly": (_("Posts an hour before"), 1_000, 0.1),
        "negative_share": (_("Negative share (%)"), 100, 1),
    }

    def __init__(self, *args: Any, known: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        for name, (label, end, step) in self.NUMBERS.items():
            value = known[name]
            if value is not None and name == "negative_share":
                value = round(value * 100)
            attrs = {"min": 0, "max": max(end, value or 0), "step": step}
            self.fields[name] = forms.FloatField(
                label=label,
                min_value=0,
                max_value=100 if name == "negative_share" else None,
                initial=None if value is None else round(value, 1),
                required=False,
                widget=Slider(attrs) if value is not None else forms.NumberInput(attrs),
            )
        for name, answers in words.ANSWERS.items():
            self.fields[name] = forms.ChoiceField(
                label=str(words.ITEMS[name]),
                choices=[("", _("unknown")), *answers.items()],
                initial=known[name] or "",
                required=False,
            )
        self.fields["red_lines"] = forms.MultipleChoiceField(
            label=_("Red lines"),
            choices=list(words.RED_LINES.items()),
            initial=known["red_lines"],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def inputs(self) -> severity.Inputs:
        said = {**self.known, **self.cleaned_data}
        said |= {name: said[name] or None for name in words.ANSWERS}
        if said["negative_share"] is not None:
            said["negative_share"] /= 100
        return self.as_inputs(said)

    def shown(self, inputs: severity.Inputs) -> list[tuple[str, float | None]]:
        """Where each slider stands, in words and numbers: a slider shows none by itself."""
        values = {name: getattr(inputs, name) for name in self.NUMBERS}
        if values["negative_share"] is not None:
            values["negative_share"] *= 100
        return [(str(label), values[name]) for name, (label, _end, _step) in self.NUMBERS.items()]

    @staticmethod
    def as_inputs(stored: Mapping[str, Any]) -> severity.Inputs:
        return severity.Inputs(**{**stored, "red_lines": tuple(stored["red_lines"])})


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


class FunctionForm(forms.Form):
    function = forms.CharField(label=_("What they do here"), max_length=60, required=False)


class SplitForm(forms.Form):
    """What becomes an incident of its own. The newest posts are offered; older ones go with their topic."""

    OFFERED = 100

    title = TitleField(label=_("Title of the new incident"))
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics, with all their posts"),
        queryset=Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    posts = forms.ModelMultipleChoiceField(
        label=_("Single posts"),
        queryset=Post.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = posts_of(incident).order_by("-published_at", "-pk").values_list("pk", flat=True)[: self.OFFERED]
        posts = Post.everywhere.filter(pk__in=list(newest)).order_by("-published_at", "-pk")
        self.fields["topics"].queryset = incident.topics.order_by("-size", "pk")  # type: ignore[attr-defined]
        self.fields["posts"].queryset = posts  # type: ignore[attr-defined]


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = incident.memberships.filter(removed_at=None).values("person")
        self.fields["person"].queryset = people_with(*WORKERS).exclude(pk__in=there)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """An act that takes a reason and nothing else."""

    reason = ReasonField()


class OralApprovalForm(forms.Form):
    """What a leader said about a waiting request, and how we know."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    given_by = forms.ModelChoiceField(label=_("Who approved"), queryset=User.objects.none(), to_field_name="username")
    given_at = MomentField(label=_("When it was said"))
    means = forms.ChoiceField(label=_("By which means"), choices=OralApproval.Means.choices, widget=forms.RadioSelect)
    words = ReasonField(
        label=_("What was said"), help_text=_("As close to the words as you can; who else heard it, what shows it.")
    )
    file = forms.FileField(
        label=_("Picture of the chat"), help_text=_("If there is one. Kept by its hash, never changed."), required=False
    )

    def __init__(self, *args: Any, deciders: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given_by"].queryset = deciders  # type: ignore[attr-defined]

    def clean_file(self) -> Upload | None:
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        upload = Upload(file.name, file.read())
        try:
            check([upload])
        except NotKept as refused:
            raise forms.ValidationError(_("Only pictures and PDF files are kept.")) from refused
        return upload
