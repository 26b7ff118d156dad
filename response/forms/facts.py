"""What people type about facts, what the public asks, and pairs of an untrue claim and what is so."""

import re
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from audit.dates import DayField
from incidents.models import Incident
from opinion.models import Post, Topic
from response.addresses_of_posts import posts_at
from response.forms.attachments import AttachmentsField
from response.forms.common import SeenForm
from response.models import Fact, Rumour, Statement, StatementVersion
from response.selectors.rumours import topics_offered

MOST_ADDRESSES = 30
LINK = re.compile(r"(.*?)\s*(https?://\S+)$")
is_address = URLValidator(schemes=["http", "https"])


class FactForm(forms.Form):
    claim = forms.CharField(
        label=_("What is claimed"),
        help_text=_("One claim, in one sentence that can be true or untrue."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SignFactForm(SeenForm):
    """`was_signed` asks for the reason of a correction."""

    claim = forms.CharField(label=_("What is claimed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    state = forms.ChoiceField(label=_("What we know of it"), choices=Fact.State, widget=forms.RadioSelect)
    evidence = forms.CharField(label=_("What shows it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(
        label=_("Why it is corrected"),
        help_text=_("It was signed before. The earlier version stays on record."),
        max_length=500,
    )

    def __init__(self, *args: Any, was_signed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not was_signed:
            del self.fields["reason"]


class AddressesField(forms.CharField):
    """Addresses of posts that were heard, one a line; its value is a list of originals."""

    widget = forms.Textarea(attrs={"rows": 2})

    def __init__(self, *, label: Any) -> None:
        help_text = _("Addresses of posts, one a line: where they were published, or their page on this desk.")
        super().__init__(label=label, help_text=help_text, required=False, max_length=20000)
        self.incident: Incident | None = None

    def clean(self, value: Any) -> list[Post]:
        lines = super().clean(value).split()
        if not lines:
            return []
        if len(lines) > MOST_ADDRESSES:
            raise forms.ValidationError(_g("%(n)s addresses at most at once.") % {"n": MOST_ADDRESSES})
        assert self.incident is not None
        posts, unknown = posts_at(self.incident, lines)
        if unknown:
            words = _g("Nothing was heard at %(address)s. Enter it as a lead first, then put it here.")
            raise forms.ValidationError([words % {"address": address} for address in unknown[:5]])
        return posts


class OfIncident(forms.Form):
    """Whose fields offer rows of one incident: its facts, statements, stories, posts."""

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident = incident
        offered: dict[str, Any] = {
            "fact": incident.facts.all(),
            "statement": Statement.everywhere.filter(incident=incident),
            "topic": topics_offered(incident),
            "clarification_topic": topics_offered(incident),
        }
        for name, field in self.fields.items():
            if isinstance(field, AddressesField):
                field.incident = incident
            elif name in offered:
                field.queryset = offered[name]  # type: ignore[attr-defined]


class FactChoice(forms.ModelChoiceField):
    def __init__(self, *, label: Any, help_text: Any = "") -> None:
        super().__init__(label=label, help_text=help_text, queryset=Fact.objects.none(), required=False)

    def label_from_instance(self, fact: Fact) -> str:
        return f"F{fact.number} {fact.claim[:60]} ({fact.get_state_display()})"


class StoryChoice(forms.ModelChoiceField):
    """Stories of two watches may bear the same title."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, queryset=Topic.everywhere.none(), required=False)

    def label_from_instance(self, topic: Topic) -> str:
        return f"{topic.title[:50]} ({topic.watch}, {topic.size})"


class ProofForm(OfIncident):
    """Files, links and posts that show a fact. A link at which a post was heard counts as that post."""

    uploads = AttachmentsField()
    links = forms.CharField(
        label=_("Links or posts"),
        help_text=_("One a line; words before the address name it."),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        named: dict[str, str] = {}
        for line in filter(None, map(str.strip, data.get("links", "").splitlines())):
            match = LINK.match(line)
            if match is None or len(match[2]) > 2000:
                self.add_error("links", _g("This is not an address: %(line)s") % {"line": line[:80]})
                return data
            try:
                is_address(match[2])
            except forms.ValidationError:
                self.add_error("links", _g("This is not an address: %(line)s") % {"line": line[:80]})
                return data
            named[match[2]] = match[1][:200]
        if len(named) > MOST_ADDRESSES:
            self.add_error("links", _g("%(n)s addresses at most at once.") % {"n": MOST_ADDRESSES})
            return data
        data["posts"], unknown = posts_at(self.incident, named)
        data["named_links"] = [(named[address], address) for address in unknown]
        if not named and not data.get("uploads") and not self.errors:
            self.add_error("links", _g("Bring a file or an address."))
        return data


class SheetForm(forms.Form):
    note = forms.CharField(label=_("What is new in it"), max_length=500, required=False)


class BasisForm(forms.Form):
    """Which draft rests on a numbered fact sheet."""

    draft = forms.ModelChoiceField(label=_("Draft"), queryset=StatementVersion.objects.none(), empty_label=None)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafts = StatementVersion.objects.filter(
            statement__incident=incident, state=StatementVersion.State.DRAFT
        ).select_related("statement")
        self.fields["draft"].queryset = drafts  # type: ignore[attr-defined]


class QuestionForm(OfIncident):
    text = forms.CharField(label=_("What people ask"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    times_seen = forms.IntegerField(label=_("How often it was seen"), min_value=1, max_value=10_000_000, initial=1)
    posts = AddressesField(label=_("Where it was asked"))


class AnswerForm(OfIncident, SeenForm):
    times_seen = forms.IntegerField(label=_("How often it was seen"), min_value=1, max_value=10_000_000)
    answer = forms.CharField(
        label=_("What we answer"),
        help_text=_("Empty: the question is open."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    fact = FactChoice(label=_("The fact it rests on"))
    posts = AddressesField(label=_("More places where it was asked"))


class RumourForm(OfIncident):
    claim = forms.CharField(
        label=_("The untrue claim, as it goes round"),
        help_text=_("Without its link: a link would spread it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    fact = FactChoice(
        label=_("What is so"), help_text=_("The fact that settles it: verified, or the claim found untrue.")
    )
    clarification = forms.CharField(
        label=_("The clarification"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    wording = forms.ChoiceField(
        label=_("What we call it outside"),
        help_text=_("A rumour only where an authority called it so."),
        choices=Rumour.Wording,
        initial=Rumour.Wording.UNTRUE,
        widget=forms.RadioSelect,
    )
    authority = forms.CharField(label=_("Authority that called it so"), max_length=120, required=False)
    authority_on = DayField(label=_("On which day"), required=False)
    authority_document = forms.CharField(label=_("Number or address of its document"), max_length=500, required=False)
    statement = forms.ModelChoiceField(
        label=_("Statement that clarifies it"), queryset=Statement.everywhere.none(), required=False
    )
    topic = StoryChoice(label=_("Story that spreads the claim"))
    claim_posts = AddressesField(label=_("Posts that spread the claim"))
    clarification_topic = StoryChoice(label=_("Story that carries the clarification"))
    answer_posts = AddressesField(label=_("Posts that carry the clarification"))


class ChangeRumourForm(RumourForm, SeenForm):
    pass
