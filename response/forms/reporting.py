"""What people type about the table of reports and the duties of an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.forms import ReasonField
from incidents.levels import LEVELS
from incidents.models import AffectedKind
from incidents.words import RED_LINES
from response.forms.common import SeenForm
from response.models import ReportRule


class RuleForm(forms.ModelForm):
    """A line of the table. `version` makes a stale change a 409."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    from_level = forms.TypedChoiceField(
        label=_("from this level on"),
        choices=[("0", _("any level")), *[(level.value, level.label) for level in LEVELS]],
        coerce=int,
        required=False,
        empty_value=0,  # type: ignore[arg-type]
    )
    affects = forms.MultipleChoiceField(
        label=_("proposed where it affects"), required=False, widget=forms.CheckboxSelectMultiple
    )
    red_lines = forms.MultipleChoiceField(
        label=_("proposed where a red line is crossed"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ReportRule
        fields = [
            "event", "authority", "within_minutes", "calendar", "counted_from", "follow_minutes", "law", "note",
            "check_first", "from_level", "affects", "red_lines",
        ]  # fmt: skip
        help_texts = {
            "within_minutes": _("Empty: the law names no time; the plan's own clock counts."),
            "follow_minutes": _("Empty: whenever there is something new."),
            "check_first": _("The article or its time was not looked up yet."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["affects"].choices = [(k.code, str(k)) for k in AffectedKind.objects.all()]  # type: ignore[attr-defined]
        self.fields["red_lines"].choices = list(RED_LINES.items())  # type: ignore[attr-defined]


class WaiveDutyForm(SeenForm):
    reason = ReasonField(label=_("Why it need not be reported"))


class AddDutyForm(forms.Form):
    rule = forms.ModelChoiceField(
        label=_("Line of the table"), queryset=ReportRule.objects.none(), to_field_name="uuid"
    )

    def __init__(self, *args: Any, rules: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = rules  # type: ignore[attr-defined]
