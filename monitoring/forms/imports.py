"""What people say about a file of posts: what it is, where it comes from, which column is what."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from monitoring.models import Import
from monitoring.reading.rows import FIELDS, LARGEST, PRESETS, UNREADABLE
from opinion.models import Source, SourceClass, SourceKind, Watch


class ImportFilterForm(forms.Form):
    """The address of the list. A value that means nothing narrows nothing."""

    state = forms.ChoiceField(
        choices=[("", pgettext_lazy("filter", "any")), *Import.State.choices],
        required=False,
        label=gettext_lazy("State"),
    )

    @property
    def chosen(self) -> str:
        return self.cleaned_data.get("state", "") if self.is_valid() else ""


class BringForm(forms.Form):
    """A file, and the source its posts belong to: one there is, or a new one of a class."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or JSON Lines; 50 MB and 200,000 rows at most."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.jsonl,.ndjson"}),
    )
    preset = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[(code, preset.name) for code, preset in PRESETS.items()],
        initial="posts",
        widget=forms.RadioSelect,
    )
    source = forms.ModelChoiceField(
        Source.objects.filter(kind=SourceKind.IMPORT).order_by("name"),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("Source"),
        empty_label=gettext_lazy("a new one, named below"),
        help_text=gettext_lazy("Bring a file again into the same source: what it knows already is not stored twice."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the new source"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Needed for a new source."),
    )
    source_class = forms.ChoiceField(
        label=gettext_lazy("Class of the new source"),
        choices=[("", gettext_lazy("as its kind of file is")), *SourceClass.choices],
        required=False,
    )
    platform = forms.CharField(
        label=gettext_lazy("Platform of the new source"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Needed for a new source; for rows that name none: 微博, 抖音, 客服 …"),
    )
    watch = forms.ModelChoiceField(
        Watch.objects.filter(is_enabled=True),
        to_field_name="uuid",
        required=False,
        label=gettext_lazy("Keep every row for the watch"),
        empty_label=gettext_lazy("no: only what a watch wants"),
        help_text=gettext_lazy("For complaints, which rarely name the company they were sent to."),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(str(UNREADABLE["too_large"]))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "preset" not in cleaned or cleaned.get("source"):
            return cleaned
        preset = PRESETS[cleaned["preset"]]
        cleaned["source_class"] = cleaned.get("source_class") or preset.source_class
        cleaned["platform"] = cleaned.get("platform") or preset.platform
        for name, words in (("name", _("Name the new source.")), ("platform", _("Say on which platform it was said."))):
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, words)
        return cleaned


class MappingForm(forms.Form):
    """For each of our fields the column it stands in."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, columns: Sequence[str], mapping: Mapping[str, str], version: int) -> None:
        super().__init__(data, initial={**mapping, "version": version})
        choices = [("", "—"), *((column, column) for column in columns)]
        for field, (label, _words) in FIELDS.items():
            self.fields[field] = forms.ChoiceField(choices=choices, required=False, label=label)  # type: ignore[arg-type]

    @property
    def mapping(self) -> dict[str, str]:
        """Our field: column, for those that have one. A column that is not there any more is nobody's."""
        self.is_valid()
        return {field: self.cleaned_data[field] for field in FIELDS if self.cleaned_data.get(field)}
