"""The forms of listening."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from opinion import rules
from opinion.languages import Language
from opinion.models import CompanyTerm, Sentiment, SourceClass, TermKind, Watch
from opinion.permissions import LISTENERS
from opinion.services.terms import can_be_whole
from opinion.services.watches import EDITABLE
from opinion.trends import SPANS

WRONG = {
    "empty": gettext_lazy("the rule is empty"),
    "too_long": gettext_lazy("the rule is too long"),
    "too_many": gettext_lazy("there are too many words"),
    "too_deep": gettext_lazy("the brackets are too deep"),
    "quote_open": gettext_lazy("this quotation mark is not closed"),
    "bracket_open": gettext_lazy("this bracket is not closed"),
    "bracket_stray": gettext_lazy("this does not belong here"),
    "guard_open": gettext_lazy("this brace is not closed"),
    "guard_stray": gettext_lazy("a guard stands right behind its word: 荣耀{-王者荣耀}"),
    "guard_form": gettext_lazy("inside braces every word begins with a minus: 荣耀{-王者荣耀 -荣耀战队}"),
    "guard_without_word": gettext_lazy("a guard contains its word and something more"),
    "near_reach": gettext_lazy("NEAR needs a number of characters from 1 to 500: A NEAR/20 B"),
    "near_chain": gettext_lazy("NEAR joins two words; use AND between two of them"),
    "near_side": gettext_lazy("NEAR joins words, or words with OR in brackets"),
    "no_letters": gettext_lazy("there is no letter in this word"),
    "comma": gettext_lazy("write a space where both must occur, OR where one is enough; or put it in quotation marks"),
    "word_missing": gettext_lazy("a word is missing here"),
    "only_not": gettext_lazy("it would want every post: at least one word must have to occur"),
}


def rule_error(error: rules.RuleError) -> str:
    """What is wrong with a rule, where, in a sentence."""
    where = _("At character %(at)s") % {"at": error.position + 1}
    what = f"「{error.word}」 " if error.word else ""
    return f"{where}: {what}{WRONG[error.reason]}"


class RuleField(forms.CharField):
    """A rule that can be read, or a sentence that says where it cannot."""

    def clean(self, value: Any) -> str:
        rule: str = super().clean(value)
        try:
            rules.read(rule)
        except rules.RuleError as error:
            raise ValidationError(rule_error(error), code=error.reason) from error
        return rule


def languages_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        choices=Language,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )


def source_classes_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Classes of sources"),
        choices=SourceClass,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )


class WatchForm(forms.ModelForm):
    rule = RuleField(
        label=gettext_lazy("Rule"),
        max_length=rules.LONGEST_RULE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "code", "spellcheck": "false"}),
        help_text=gettext_lazy(
            'A space means AND. OR, NOT, brackets, "exact phrase", A NEAR/20 B; '
            "荣耀{-王者荣耀} does not count 荣耀 inside 王者荣耀."
        ),
    )
    languages = languages_field()
    source_classes = source_classes_field()
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Owner"),
        required=False,
        help_text=gettext_lazy("Answers for the rule: whether it hears enough and not too much."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Watch
        fields = EDITABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = User.objects.holding(*LISTENERS)  # type: ignore[attr-defined]

    def clean_burst_from(self) -> int | None:
        fewest: int | None = self.cleaned_data["burst_from"]
        if fewest is not None and not 2 <= fewest <= 1000:
            raise ValidationError(_("A burst has from 2 to 1,000 posts."))
        return fewest


class TrialForm(forms.Form):
    """What of a watch decides which texts it wants."""

    rule = RuleField(max_length=rules.LONGEST_RULE, strip=False)
    languages = languages_field()
    source_classes = source_classes_field()


class SignalTrialForm(TrialForm):
    """What decides which signals it raises as well."""

    burst_from = forms.IntegerField(min_value=2, max_value=1000, required=False)


class TermForm(forms.ModelForm):
    """A word of the company's own. Only a crisis term has a category and a severity, and it needs both."""

    severity = forms.TypedChoiceField(
        label=gettext_lazy("Severity"),
        choices=[("", "—"), (2, gettext_lazy("serious")), (3, gettext_lazy("grave"))],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=gettext_lazy("For a crisis term. A grave one is never called neutral, whatever else is said."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CompanyTerm
        fields = ["text", "kind", "category", "severity", "watch", "is_enabled"]
        help_texts = {
            "text": gettext_lazy("It stands before a shipped word of the same text."),
            "category": gettext_lazy("For a crisis term."),
            "watch": gettext_lazy("Leave it empty and the word counts in every post."),
        }

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        if len(text) < 2 or not any(char.isalnum() for char in text):
            raise ValidationError(_("A word has at least two characters."))
        return text

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        text, kind = said.get("text"), said.get("kind")
        if kind == TermKind.CRISIS:
            for name in ("category", "severity"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("A crisis term needs this."))
        else:
            said["category"], said["severity"] = "", None
        if text and kind == TermKind.NAME and not can_be_whole(text):
            self.add_error("text", _("A name has 2 to 20 letters or digits, without blanks."))
        others = CompanyTerm.objects.exclude(pk=self.instance.pk).filter(text=text, watch=said.get("watch"))
        if text and others.exists():
            self.add_error("text", _("This word is there already."))
        return said


class SwitchForm(forms.Form):
    """Whether something is to be on, and the version of it that was looked at."""

    on = forms.BooleanField(required=False)
    version = forms.IntegerField()


class ToneForm(forms.Form):
    """What a person says a post sounds like, and the version of the post they looked at."""

    label = forms.ChoiceField(choices=Sentiment)
    version = forms.IntegerField()


class TrendsForm(forms.Form):
    """What a trend page shows: the UUID of a watch, "all", or nothing; how far back."""

    watch = forms.CharField(required=False, max_length=36)
    range = forms.ChoiceField(required=False, choices=[(code, code) for code in SPANS])

    def clean_range(self) -> str:
        return self.cleaned_data["range"] or "7d"
