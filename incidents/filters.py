"""What the timeline and the on-time rate are narrowed to, all in the address. What cannot be read filters nothing."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from audit.dates import DayField, MomentField
from incidents.levels import LEVELS, ClockKind
from incidents.timeline_words import KINDS


class TimelinessFilters(forms.Form):
    """Which clocks the on-time rate counts and lists."""

    since = DayField(label=pgettext_lazy("dates", "From"), required=False)
    until = DayField(label=pgettext_lazy("dates", "to"), required=False)
    kind = forms.ChoiceField(label=_("Clock"), choices=[("", _("any clock")), *ClockKind.choices], required=False)
    level = forms.TypedChoiceField(
        label=_("Level"),
        choices=[("", _("any level")), *[(level.value, level.label) for level in LEVELS]],
        coerce=int,
        empty_value=None,
        required=False,
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", pgettext_lazy("clocks", "any")),
            ("kept", _("in time")),
            ("late", pgettext_lazy("clocks", "late")),
            ("running", _("under way")),
        ],
        required=False,
    )

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in ("kind", "level", "state")}

    def dates(self) -> tuple[date | None, date | None]:
        self.is_valid()
        return self.cleaned_data.get("since"), self.cleaned_data.get("until")


class TimelineFilters(forms.Form):
    """Which entries of a timeline are shown, in its chronicle and export too."""

    show = forms.MultipleChoiceField(
        label=_("Kinds"),
        choices=[(code, kind.label) for code, kind in KINDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    who = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), to_field_name="uuid", empty_label=_("anybody"), required=False
    )
    since = MomentField(label=pgettext_lazy("dates", "From"), required=False)
    until = MomentField(label=pgettext_lazy("dates", "to"), required=False)
    q = forms.CharField(label=_("Words"), max_length=100, required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = people  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether anything but kinds is chosen."""
        return bool(self.chosen().keys() - {"show"})

    def said(self) -> list[str]:
        """What it is narrowed to, for paper; empty when everything is shown."""
        chosen = self.chosen()
        kinds = [str(KINDS[code].label) for code in chosen.get("show", [])]
        person = [str(chosen["who"])] if "who" in chosen else []
        words = [str(_("with the words “%(words)s”")) % {"words": chosen["q"]}] if "q" in chosen else []
        since = (
            [str(_("from %(at)s")) % {"at": f"{localtime(chosen['since']):%Y-%m-%d %H:%M}"}]
            if "since" in chosen
            else []
        )
        return [*kinds, *person, *since, *words]
