"""What people type about contacts, and about advisers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from accounts.roles import LEADERS, SPEAKERS, TEAM
from accounts.selectors import people_with
from audit.dates import DayField, MomentField
from incidents.models import Incident
from response.forms.common import PersonField, SeenForm
from response.models import Contact, ContactEntry, ContactKind, Engagement
from response.models.outreach import ADVISERS


def colleagues() -> QuerySet[User]:
    """Those who speak with the outside."""
    return people_with(*TEAM, *LEADERS, *SPEAKERS).select_related("department")


class DirectoryFilters(forms.Form):
    """What the directory is narrowed to, in the address. What cannot be read does nothing."""

    q = forms.CharField(
        label=_("Name or organisation"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("any kind")), *ContactKind.choices], required=False)
    mine = forms.BooleanField(label=_("mine"), required=False)
    check = forms.BooleanField(label=_("to check"), required=False)
    retired = forms.BooleanField(label=_("retired too"), required=False)

    def chosen(self, person: User) -> dict[str, Any]:
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        return {**found, "mine": person} if "mine" in found else found


class ContactForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Contact
        fields = ("kind", "organisation", "name", "position", "phone", "email", "owner", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        field_classes = {"owner": PersonField}
        labels = {"owner": _("Who keeps up with them")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues()  # type: ignore[attr-defined]


class ContactLogForm(forms.ModelForm):
    at = MomentField(label=_("When"))
    next_step_at = MomentField(label=_("Next step by"), required=False)

    class Meta:
        model = ContactEntry
        fields = ("contact", "way", "at", "said", "outcome", "next_step", "next_step_at", "next_step_owner")
        widgets = {"said": forms.Textarea(attrs={"rows": 3})}
        field_classes = {"next_step_owner": PersonField}
        labels = {"contact": _("With whom"), "next_step_owner": _("Whose next step")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.in_use()  # type: ignore[attr-defined]
        self.fields["next_step_owner"].queryset = colleagues()  # type: ignore[attr-defined]
        self.fields["next_step_owner"].empty_label = _("me")  # type: ignore[attr-defined]


class EngagementForm(forms.ModelForm):
    """`person` sees only their incidents among the choices."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Engagement
        fields = ("contact", "incident", "scope", "starts_on", "ends_on", "fee", "currency")
        field_classes = {"starts_on": DayField, "ends_on": DayField}
        widgets = {"scope": forms.Textarea(attrs={"rows": 6})}
        labels = {"contact": _("Adviser"), "incident": _("For the incident")}

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.in_use().filter(kind__in=ADVISERS)  # type: ignore[attr-defined]
        incident: Any = self.fields["incident"]
        incident.queryset = Incident.objects.visible_to(person).order_by("-opened_at")
        incident.label_from_instance = lambda each: each.public_name
        incident.empty_label = _("none: for whatever comes")
        if not self.instance.pk:
            today = clock.now().date()
            self.initial.setdefault("starts_on", today)
            self.initial.setdefault("ends_on", today + timedelta(days=365))


class AdviceForm(forms.Form):
    text = forms.CharField(label=_("The advice"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class CostForm(forms.Form):
    spent_on = DayField(label=_("On"))
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("-9999999999"),
        help_text=_("Below zero takes a wrong line back."),
    )
    what = forms.CharField(label=_("For what"), max_length=200)


class EndForm(SeenForm):
    """Agreeing to an engagement, or ending it: only the version that was read."""
