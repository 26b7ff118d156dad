"""The forms of stories: what to list, what to call one, which to put together."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from opinion.models import Topic, Watch


class TopicFilterForm(forms.Form):
    """What the list shows. A word of the address that cannot be read narrows nothing."""

    DAYS = [("1", _("24 hours")), ("7", _("7 days")), ("30", _("30 days")), ("0", _("any time"))]

    watch = forms.ModelChoiceField(
        Watch.objects.order_by("name"),
        to_field_name="uuid",
        required=False,
        label=_("Watch"),
        empty_label=pgettext_lazy("filter", "any"),
    )
    days = forms.ChoiceField(choices=DAYS, required=False, label=_("Spoken of within"))

    @property
    def filters(self) -> dict[str, Any]:
        self.is_valid()
        return {"watch": self.cleaned_data.get("watch"), "days": int(self.cleaned_data.get("days") or 7)}


class TitleForm(forms.ModelForm):
    """What a person calls a story, and what it was called when they read it."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=500)

    class Meta:
        model = Topic
        fields = ("title",)
        labels = {"title": _("Title")}


class OtherTopicForm(forms.Form):
    other = forms.ModelChoiceField(Topic.everywhere.all(), to_field_name="uuid")
