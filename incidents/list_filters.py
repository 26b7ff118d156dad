"""What the list of incidents is narrowed to and sorted by, all in the address. What cannot be read does nothing."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, User
from audit.dates import DayField
from incidents.levels import OPEN_STAGES, Level, Stage
from incidents.models import AffectedKind, Incident, LevelRequest
from incidents.selectors.clocks import ticking

NEXT_DUE = Subquery(ticking().filter(incident=OuterRef("pk")).values("due_at")[:1])
GRAVEST_FIRST: list[Any] = [
    Case(When(stage__in=OPEN_STAGES, then=Value(0)), default=Value(1), output_field=IntegerField()),
    Case(When(level=Level.UNSET, then=Value(9)), default=F("level"), output_field=IntegerField()),
    NEXT_DUE.asc(nulls_last=True),
    "-opened_at",
    "-pk",
]
ORDERS: dict[str, list[Any]] = {
    "": GRAVEST_FIRST,
    "known": ["-first_known_at", "-pk"],
    "oldest": ["first_known_at", "pk"],
    "lead": [F("lead__name").asc(nulls_last=True), *GRAVEST_FIRST],
    "clock": [NEXT_DUE.asc(nulls_last=True), *GRAVEST_FIRST],
}


class ListFilters(forms.Form):
    """`person` is who looks: leads are offered as far as they may see what is led."""

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
    department = forms.ModelChoiceField(
        label=_("Owning department"),
        queryset=Department.objects.all(),
        to_field_name="code",
        empty_label=pgettext_lazy("department", "any"),
        required=False,
    )
    lead = forms.ModelChoiceField(
        label=_("Lead"), queryset=User.objects.none(), to_field_name="uuid", empty_label=_("anybody"), required=False
    )
    since = DayField(label=_("Known since"), required=False)
    until = DayField(label=pgettext_lazy("dates", "to"), required=False)
    mine = forms.BooleanField(label=_("led by me"), required=False)
    waiting = forms.BooleanField(label=_("waits for a decision"), required=False)
    overdue = forms.BooleanField(label=_("clock overdue"), required=False)
    confidential = forms.BooleanField(label=_("confidential"), required=False)
    sort = forms.ChoiceField(choices=[(name, name) for name in ORDERS], required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        leads = Incident.objects.visible_to(person).order_by().values("lead")
        self.fields["lead"].queryset = User.objects.filter(pk__in=leads).order_by("name")  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "") and value is not False
        }

    @property
    def is_narrow(self) -> bool:
        return bool(self.chosen().keys() - {"sort"})

    @property
    def is_detailed(self) -> bool:
        """Whether something is chosen that stands behind "more filters"."""
        return bool(self.chosen().keys() & {"department", "lead", "since", "until", "confidential"})

    def apply(self, incidents: QuerySet[Incident], now: datetime) -> QuerySet[Incident]:
        """Narrowed and sorted; overdue by the clocks at `now`, days in the company's zone."""
        chosen = self.chosen()
        zone = timezone.get_default_timezone()
        stage = chosen.get("stage")
        conditions = [] if stage == "all" else [Q(stage=stage) if stage else Q(stage__in=OPEN_STAGES)]
        conditions += [
            Q(**{name: chosen[name]}) for name in ("level", "affects", "department", "lead") if name in chosen
        ]
        if "mine" in chosen:
            conditions.append(Q(lead=self.person))
        if "confidential" in chosen:
            conditions.append(Q(is_confidential=True))
        if "waiting" in chosen:
            asked = LevelRequest.objects.filter(incident=OuterRef("pk"), state__in=LevelRequest.OPEN)
            conditions.append(Q(Exists(asked)))
        if "overdue" in chosen:
            conditions.append(Q(Exists(ticking().filter(incident=OuterRef("pk"), due_at__lt=now))))
        if "since" in chosen:
            conditions.append(Q(first_known_at__gte=datetime.combine(chosen["since"], time(), zone)))
        if "until" in chosen:
            after = chosen["until"] + timedelta(days=1)
            conditions.append(Q(first_known_at__lt=datetime.combine(after, time(), zone)))
        if "q" in chosen:
            conditions.append(Q(title__icontains=chosen["q"]) | Q(number__icontains=chosen["q"]))
        return incidents.filter(*conditions).order_by(*ORDERS[chosen.get("sort", "")])
