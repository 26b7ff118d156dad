"""The address of the search page: words, and what narrows them."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import dates
from incidents.levels import Level
from opinion.models import SavedSearch, Sentiment, SourceClass, Watch
from opinion.rules import LONGEST_RULE

ANY = [("", pgettext_lazy("filter", "any"))]
SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}


class MomentField(dates.MomentField):
    """A time, in the company's zone where the address names none."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the box shows: the time of the address as the company's clock had it."""
        try:
            return self.to_python(data)
        except forms.ValidationError:
            return data


class SearchForm(forms.Form):
    """A value that means nothing is left out, so an old link still opens. `q` is read by opinion.rules."""

    q = forms.CharField(label=_("Words"), max_length=LONGEST_RULE, required=False, strip=False)
    span = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[
            ("", _("since the beginning")),
            ("24h", _("the last 24 hours")),
            ("7d", _("the last 7 days")),
            ("30d", _("the last 30 days")),
        ],
    )
    since = MomentField(label=_("From"), required=False)
    until = MomentField(label=_("Before"), required=False)
    platform = forms.CharField(label=_("Platform"), max_length=40, required=False)
    sentiment = forms.ChoiceField(label=_("Sentiment"), choices=[*ANY, *Sentiment.choices], required=False)
    level = forms.TypedChoiceField(
        label=_("Level"), choices=[*ANY, *Level.choices], coerce=int, empty_value=None, required=False
    )
    source_class = forms.ChoiceField(label=_("Source class"), choices=[*ANY, *SourceClass.choices], required=False)
    region = forms.CharField(label=_("Region"), max_length=20, required=False)
    watch = forms.ModelChoiceField(
        Watch.objects.all(), to_field_name="uuid", label=_("Watch"), required=False, empty_label=ANY[0][1]
    )
    topic = forms.UUIDField(widget=forms.HiddenInput, required=False)
    copies = forms.BooleanField(label=_("List reposts too"), required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="search_%s")
        self.is_valid()

    @property
    def rule(self) -> str:
        """The words as they were typed; too many of them are for opinion.rules to refuse."""
        return str(self.cleaned_data.get("q", self.data.get("q", "")))

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that mean something, as they were chosen. Level 0 means something: nobody decided yet."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "q"}
        return {name: value for name, value in values.items() if value or (name == "level" and value == 0)}

    def filters(self, now: datetime) -> dict[str, Any]:
        """The filters as the searches take them: a span ends now."""
        chosen = self.chosen
        if "span" in chosen:
            chosen.setdefault("since", now - SPANS[chosen.pop("span")])
        return chosen

    @property
    def as_words(self) -> dict[str, str]:
        """The filters as they stand in an address, to be kept with a search."""
        words = {}
        for name, value in self.chosen.items():
            if isinstance(value, Watch):
                words[name] = str(value.uuid)
            elif isinstance(value, datetime):
                words[name] = value.isoformat()
            else:
                words[name] = "1" if value is True else str(value)
        return words

    def address(self, **more: str) -> str:
        """All of it as the part of an address behind the question mark."""
        values = QueryDict(mutable=True)
        values.update({**({"q": self.rule} if self.rule.strip() else {}), **self.as_words, **more})
        return values.urlencode()


class NameForm(forms.ModelForm):
    class Meta:
        model = SavedSearch
        fields = ["name"]
