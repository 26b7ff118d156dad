"""What people type about statements and signatures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.dates import MomentField
from response.forms.common import PersonField, SeenForm
from response.models import CrisisCluster, StatementKind
from response.templates_of_statements import intensifiers


class StartStatementForm(forms.Form):
    cluster = forms.ChoiceField(
        label=_("Who is held responsible?"), choices=CrisisCluster, required=False, widget=forms.RadioSelect
    )
    intensifiers = forms.MultipleChoiceField(choices=[(one.code, one.code) for one in intensifiers()], required=False)
    kind = forms.ChoiceField(label=_("Template"), choices=StatementKind, widget=forms.RadioSelect)


class DraftForm(SeenForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text"), max_length=20000, strip=False, widget=forms.Textarea(attrs={"rows": 18}))
    change_note = forms.CharField(label=_("What changed and why (this is public)"), max_length=500, required=False)
    words_wechat = forms.CharField(
        label=_("WeChat official account"), max_length=20000, strip=False, required=False, widget=forms.Textarea
    )
    words_weibo = forms.CharField(
        label=_("Weibo"), max_length=2000, strip=False, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    @property
    def channel_words(self) -> dict[str, str] | None:
        """The texts by channel; None when the page did not ask for them."""
        if "words_weibo" not in self.data:
            return None
        return {name: self.cleaned_data[f"words_{name}"] for name in ("wechat", "weibo")}


class CommentForm(forms.Form):
    words = forms.CharField(label=_("Your comment"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class OverrideForm(forms.Form):
    """`text_hash` is the text the person read. Whoever is second confirms the reason of the first."""

    text_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why it may leave like this"), max_length=500, required=False)


class PromiseForm(forms.Form):
    sentence = forms.CharField(
        label=_("The promise, in the words of the text"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = PersonField(label=_("Who keeps it"), queryset=User.objects.filter(is_active=True))
    due_at = MomentField(label=_("Until when (this is public)"))


REASONS = [
    ("facts", _("The facts are not right")),
    ("wording", _("The wording is not right")),
    ("law", _("A legal risk")),
    ("timing", _("Not now")),
    ("other", _("Something else")),
]


class DecideForm(forms.Form):
    """A signature or a return. `text_hash` is the text the person read."""

    text_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("approve", ""), ("return", "")], widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, required=False)
    note = forms.CharField(label=_("What should change"), max_length=900, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "return" and not data.get("reason"):
            self.add_error("reason", _("Choose a reason."))
        return data

    @property
    def words(self) -> str:
        """The reason and the note as one remark."""
        reason = str(dict(REASONS).get(self.cleaned_data.get("reason", ""), ""))
        return ": ".join(part for part in (reason, self.cleaned_data.get("note", "").strip()) if part)
