"""The forms of listening."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opinion import rules
from opinion.models import Watch

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
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Watch
        fields = ["name", "rule", "department", "is_enabled"]


class TrialForm(forms.Form):
    rule = RuleField(max_length=rules.LONGEST_RULE, strip=False)
