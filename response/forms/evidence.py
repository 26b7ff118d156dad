"""What people type about evidence and legal steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import TEAM, Role
from audit.dates import DayField, MomentField
from incidents.models import Incident
from response.forms.attachments import AttachmentsField
from response.forms.common import PersonField, SeenForm
from response.models import EvidenceNumber, LegalAction, Preservation


class PreserveForm(forms.Form):
    uploads = AttachmentsField(label=_("Screenshots and recordings"))
    captures = forms.BooleanField(
        label=_("Have the desk render the page as well"),
        help_text=_("Many platforms show a machine a sign-in; then the desk says so, and your screenshot counts."),
        required=False,
    )
    note = forms.CharField(label=_("A note"), max_length=500, required=False)


class ExhibitForm(forms.Form):
    uploads = AttachmentsField(label=_("Screenshots and recordings"), required=True)


class NumberForm(forms.Form):
    kind = forms.ChoiceField(label=_("What it is"), choices=EvidenceNumber.Kind)
    number = forms.CharField(label=_("Number"), max_length=120)
    issuer = forms.CharField(label=_("Given by"), max_length=120)
    issued_on = DayField(label=_("On which day"))


def owners() -> Any:
    """Who may be given a legal step: the working group and heads of departments."""
    people = User.objects.filter(is_active=True, groups__name__in=[*TEAM, Role.DEPARTMENT_HEAD]).distinct()
    return people.select_related("department").order_by("name")


class PreservedField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, row: Preservation) -> str:
        return f"{row.number} {row.record['title'] or row.record['text']}"[:80]


class LegalForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=LegalAction.Kind)
    title = forms.CharField(label=_("What it is about"), max_length=200)
    counterpart = forms.CharField(
        label=_("Against or before whom"),
        help_text=_("An account, a platform, an authority, a court, a notary."),
        max_length=200,
    )
    owner = PersonField(label=_("Owner"), queryset=User.objects.none())
    due_at = MomentField(label=_("Deadline of the first step"))
    preservations = PreservedField(
        label=_("Evidence it rests on"),
        queryset=Preservation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    documents = AttachmentsField(label=_("Papers"))

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()  # type: ignore[attr-defined]
        self.fields["preservations"].queryset = incident.preservations.all()  # type: ignore[attr-defined]
        if not incident.preservations.exists():
            del self.fields["preservations"]


class MoveLegalForm(SeenForm):
    state = forms.ChoiceField(label=_("Where it stands now"), widget=forms.RadioSelect)
    due_at = MomentField(label=_("Next deadline"), required=False)
    owner = PersonField(label=_("Owner"), queryset=User.objects.none())
    reference = forms.CharField(
        label=_("Their number"),
        help_text=_("Of the receipt, the case, the certificate."),
        max_length=120,
        required=False,
    )
    outcome = forms.CharField(
        label=_("How it ended"),
        help_text=_("Needed when it is concluded or dropped."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(label=_("A note"), max_length=500, required=False)
    documents = AttachmentsField(label=_("Papers"))

    def __init__(self, *args: Any, states: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners()  # type: ignore[attr-defined]
        self.fields["state"].choices = [(state, LegalAction.State(state).label) for state in states]  # type: ignore[attr-defined]
