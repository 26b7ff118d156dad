"""The forms of sources: they name the field that is wrong before a poll would."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.secrets import encrypt
from monitoring.fetching.addresses import checked_addresses, parsed_address
from monitoring.health.words import FetchError
from monitoring.sources import rsshub
from monitoring.sources.presets import Preset
from opinion.models import POLLED, Source, SourceClass, SourceHealth, SourceKind

ABOUT = ("name", "source_class", "platform", "region", "tier", "is_key", "canary")


class SourceForm(forms.ModelForm):
    """A new source, or one to change. The address is looked up, so that a private one is refused here and now."""

    url = forms.CharField(
        label=_("feed address"),
        max_length=2000,
        help_text=_("RSS, Atom, JSON Feed, or a hot list in JSON."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=_("what it is"),
        choices=[(kind.value, kind.label) for kind in POLLED],
        initial=SourceKind.FEED,
        help_text=_(
            "A hot list has ranks instead of dates: the same rows again and again, whose rank and heat change."
        ),
    )
    poll_every_seconds = forms.IntegerField(
        label=_("seconds between polls"), min_value=60, max_value=86400, initial=300, help_text=_("60 to 86,400.")
    )
    access_key = forms.CharField(
        label=_("access key"),
        required=False,
        max_length=200,
        help_text=_("Where the address needs one: it is added as key=… when fetched, kept encrypted and never shown."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Source
        fields = ("name", "url", "kind", *ABOUT[1:], "poll_every_seconds")

    key_in_url = ""

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if rsshub.is_ours(url):
            url, self.key_in_url = _parted(url)
        twin = Source.objects.filter(url=url).exclude(pk=self.instance.pk).first()
        if twin:
            raise ValidationError(_("This address is listened to already, as “%(name)s”."), params={"name": twin.name})
        try:
            checked_addresses(parsed_address(url))
        except FetchError as problem:
            # A name that cannot be found today may be found tomorrow; the poll will say so. A refused one stays so.
            if problem.health == SourceHealth.REFUSED_ADDRESS:
                raise ValidationError(problem.words) from None
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        key = cleaned.get("access_key") or self.key_in_url
        if key:
            self.instance.access = encrypt(key)
        elif self.instance.access and not rsshub.same_host(cleaned.get("url", ""), self.initial["url"]):
            self.instance.access = None  # it was given to another host
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The model's own check knows only names with a dot; an RSSHub inside the house is often just `rsshub`."""
        return {*super()._get_validation_exclusions(), "url"}  # type: ignore[misc]


class SourceChangeForm(SourceForm):
    """The same, with the version it was made from. Without a new key the one it has stays."""

    forget_key = forms.BooleanField(label=_("forget its access key"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.access:
            self.fields["access_key"].help_text = _("It has one. Empty: the one it has stays.")
        else:
            del self.fields["forget_key"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("forget_key"):
            self.instance.access = None
        return cleaned


class FedSourceForm(forms.ModelForm):
    """A source whose posts come in by themselves: there is no address to change."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Source
        fields = ABOUT


def change_form(source: Source) -> type[SourceChangeForm | FedSourceForm]:
    """The form to change a source with, by how its posts come."""
    return SourceChangeForm if source.kind in POLLED else FedSourceForm


class PresetForm(forms.Form):
    """What a preset asks for. `source` is the source it makes, not saved."""

    word = forms.CharField(max_length=200)
    name = forms.CharField(label=_("name"), max_length=120, required=False, help_text=_("Empty: named by the preset."))
    canary = forms.CharField(
        label=Source._meta.get_field("canary").verbose_name,
        max_length=60,
        required=False,
        help_text=Source._meta.get_field("canary").help_text,
    )
    is_key = forms.BooleanField(
        label=Source._meta.get_field("is_key").verbose_name,
        required=False,
        help_text=Source._meta.get_field("is_key").help_text,
    )

    def __init__(self, preset: Preset, base: str, *args: Any) -> None:
        super().__init__(*args)
        self.preset, self.base = preset, base
        if preset.asks is None:
            del self.fields["word"]
            return
        asked = self.fields["word"]
        asked.label, asked.help_text = str(preset.asks.label), str(preset.asks.help)
        asked.widget.attrs.update(placeholder=preset.asks.example, autocomplete="off", spellcheck="false")

    def clean_word(self) -> str:
        word = " ".join(self.cleaned_data["word"].split())
        if not self.preset.fits(word):
            raise ValidationError(
                _("This is not what is asked for. It looks like this: %(example)s"),
                params={"example": self.preset.asks.example if self.preset.asks else ""},
            )
        return word

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self.source = self.preset.source(cleaned.get("word", ""), base=self.base, name=cleaned["name"])
        self.source.canary, self.source.is_key = cleaned["canary"], cleaned["is_key"]
        twin = Source.objects.filter(url=self.source.url).first()
        if twin:
            raise ValidationError(_("This address is listened to already, as “%(name)s”."), params={"name": twin.name})
        return cleaned


class OpmlForm(forms.Form):
    """A list of feeds from another program."""

    file = forms.FileField(label=_("OPML file"), help_text=_("As feed readers export it, 1 MB and 500 feeds at most."))


class OpmlChoiceForm(forms.Form):
    """What to make of those that are chosen; what our own export says of one counts more."""

    source_class = forms.ChoiceField(label=_("class"), choices=SourceClass.choices, initial=SourceClass.MEDIA)
    platform = forms.CharField(
        label=_("platform"),
        max_length=40,
        required=False,
        help_text=_("Empty: the name of its folder, or of the feed."),
    )
    poll_every_seconds = forms.IntegerField(
        label=_("seconds between polls"), min_value=60, max_value=86400, initial=900
    )


class SwitchForm(forms.Form):
    """On or off, and the version that was looked at."""

    on = forms.BooleanField(required=False)
    version = forms.IntegerField()


class FilterForm(forms.Form):
    """What the list shows: only what is in trouble, only names (or platforms) with some words in them."""

    trouble = forms.BooleanField(required=False)
    q = forms.CharField(required=False, max_length=60)


def differences(form: forms.ModelForm, current: Source) -> list[tuple[Any, Any, Any]]:
    """(label, what was typed, what stands there now) of the fields that differ, in the words people see."""
    fields = [field for field in form.visible_fields() if field.name not in ("access_key", "forget_key")]
    rows = [(field.label, _shown(form.instance, field.name), _shown(current, field.name)) for field in fields]
    return [row for row in rows if row[1] != row[2]]


def _shown(source: Source, name: str) -> Any:
    display = getattr(source, f"get_{name}_display", None)
    return display() if display else getattr(source, name)


def _parted(url: str) -> tuple[str, str]:
    """An RSSHub address as people copy it, without its access key, and the key: addresses are shown to everybody."""
    scheme, host, path, query, fragment = urlsplit(url)
    said = parse_qsl(query, True)
    key = next((value for name, value in said if name == rsshub.KEY), "")
    kept = [(name, value) for name, value in said if name != rsshub.KEY]
    return urlunsplit((scheme, host, path, urlencode(kept), fragment)), key
