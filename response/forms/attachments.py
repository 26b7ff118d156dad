"""Files in a form: several at once, refused by name and reason before anything is kept."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opinion.evidence_forms import FilesInput
from opinion.services.evidence import Upload
from response.files import ENDINGS, LARGEST, Unfit, content_type_of

MOST = 10  # files at once
ALTOGETHER = 60 * 1024 * 1024  # bytes of one form: they are read into memory


class AttachmentsField(forms.FileField):
    """Its value is a list of `Upload` for `attachments.lay_down`, empty where none was brought."""

    def __init__(self, *, most: int = MOST, **more: Any) -> None:
        help_text = (
            gettext_lazy("One file: a picture, PDF, CSV, DOCX, XLSX, PPTX without macros, MP3 or MP4; 25 MB at most.")
            if most == 1
            else gettext_lazy(
                "Pictures, PDF, CSV, DOCX, XLSX, PPTX without macros, MP3 or MP4; 25 MB each, ten at most."
            )
        )
        self.most = most
        widget = FilesInput([f".{ending}" for ending in ENDINGS])
        super().__init__(
            **{"label": gettext_lazy("Files"), "help_text": help_text, "required": False, "widget": widget, **more}
        )

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = [file for file in (data or []) if isinstance(file, UploadedFile)]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            one = _("One file is kept here: put several pages into one PDF.")
            raise forms.ValidationError(one if self.most == 1 else _("Ten files at most."))
        for file in files:
            if (file.size or 0) > LARGEST:
                raise forms.ValidationError(said(file.name or "", Unfit("large")))
        if sum(file.size or 0 for file in files) > ALTOGETHER:
            raise forms.ValidationError(_("These files are larger than 60 MB together. Attach some of them first."))
        uploads = [Upload(file.name or "", file.read()) for file in files]
        for upload in uploads:
            try:
                content_type_of(upload.name, upload.content)
            except Unfit as refused:
                raise forms.ValidationError(said(upload.name, refused)) from None
        return uploads


def said(name: str, refused: Unfit) -> str:
    """Why a file must not come in, in words."""
    words = {
        "empty": _("%(name)s is empty."),
        "large": _("%(name)s is larger than 25 MB."),
        "kind": _("%(name)s is of a kind that is not taken: pictures, PDF, CSV, DOCX, XLSX, PPTX, MP3 and MP4 are."),
        "lying": _("%(name)s is not the %(says)s its name says, but %(found)s. Give it its right name.")
        if refused.found
        else _("%(name)s is not the %(says)s its name says."),
        "damaged": _("%(name)s is damaged: it cannot be read to its end."),
        "bomb": _("%(name)s unpacks to far more than a document holds."),
        "macros": _("%(name)s holds macros or embedded programs. Save it without them."),
        "fetches": _(
            "%(name)s fetches a file or calls a program when it is opened. Take that link out, or save it as PDF."
        ),
        "locked": _("%(name)s is locked with a password. Save it without one."),
        "old": _("%(name)s is an old or a locked Office file. Save it as DOCX, XLSX or PPTX, without a password."),
    }
    return words[refused.reason] % {"name": name, "says": refused.says, "found": refused.found}
