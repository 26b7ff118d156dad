"""Files that people bring as evidence: several at once, refused by name and reason before anything is kept."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opinion.files import ENDINGS
from opinion.services.evidence import LARGEST, MOST, NotKept, Upload, check


class FilesInput(forms.FileInput):
    """A picture that was copied can be pasted anywhere into its form (static/js/app.js)."""

    allow_multiple_selected = True

    def __init__(self, accepts: Iterable[str] = ENDINGS) -> None:
        super().__init__({"accept": ",".join(accepts), "data-paste": True})


class EvidenceField(forms.FileField):
    """Its value is a list of `Upload`, empty where none was brought."""

    widget = FilesInput

    def __init__(self, **more: Any) -> None:
        help_text = gettext_lazy(
            "PNG, JPEG, WebP, GIF or PDF, 10 MB each, ten at most. A copied picture can be pasted here."
        )
        super().__init__(**{"label": gettext_lazy("Screenshots"), "help_text": help_text, **more})

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = [file for file in (data or []) if isinstance(file, UploadedFile)]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > MOST:
            raise forms.ValidationError(_("Ten files at most."))
        for file in files:
            if (file.size or 0) > LARGEST:
                raise forms.ValidationError(said(NotKept(file.name or "", "large")))
        uploads = [Upload(file.name or "", file.read()) for file in files]
        try:
            check(uploads)
        except NotKept as refused:
            raise forms.ValidationError(said(refused)) from None
        return uploads


def said(refused: NotKept) -> str:
    """Why a file is not kept, in words."""
    words = {
        "large": _("%(name)s is larger than 10 MB."),
        "empty": _("%(name)s is empty."),
        "kind": _("%(name)s is neither PNG, JPEG, WebP, GIF nor PDF."),
    }
    return words[refused.reason] % {"name": refused.name}


class EvidenceForm(forms.Form):
    """Evidence added to a post that is there."""

    screenshots = EvidenceField()
