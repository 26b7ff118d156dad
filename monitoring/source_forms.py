"""The form of a source: it names the field that is wrong before a poll would."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from monitoring.addresses import checked_addresses, parsed_address
from monitoring.health import FetchError
from opinion.models import Source, SourceHealth


class SourceForm(forms.ModelForm):
    """A new source, or one to change. The address is looked up, so that a private one is refused here and now."""

    url = forms.CharField(
        label=_("feed address"),
        max_length=2000,
        help_text=_("RSS, Atom or JSON Feed, for instance from an RSSHub of your own."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    poll_every_seconds = forms.IntegerField(
        label=_("seconds between polls"), min_value=60, max_value=86400, initial=300, help_text=_("60 to 86,400.")
    )

    class Meta:
        model = Source
        fields = ("name", "url", "source_class", "platform", "tier", "is_key", "poll_every_seconds")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
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

    def _get_validation_exclusions(self) -> set[str]:
        """The model's own check knows only names with a dot; an RSSHub inside the house is often just `rsshub`."""
        return {*super()._get_validation_exclusions(), "url"}  # type: ignore[misc]


class SourceChangeForm(SourceForm):
    """The same, with the version it was made from."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class SwitchForm(forms.Form):
    """On or off, and the version that was looked at."""

    on = forms.BooleanField(required=False)
    version = forms.IntegerField()


def differences(form: SourceChangeForm, current: Source) -> list[tuple[Any, Any, Any]]:
    """(label, what was typed, what stands there now) of the fields that differ, in the words people see."""
    rows = [
        (field.label, _shown(form.instance, field.name), _shown(current, field.name)) for field in form.visible_fields()
    ]
    return [row for row in rows if row[1] != row[2]]


def _shown(source: Source, name: str) -> Any:
    display = getattr(source, f"get_{name}_display", None)
    return display() if display else getattr(source, name)
