"""Keeping the files that people attach. Two steps, because the storage may be a network away:

    kept = attachments.lay_down(uploads)                                    # before the transaction
    files = attachments.attach(incident, kept, actor=actor, now=now)        # inside the act's own transaction

The act that attaches asks its own permission, points its row at the files and names them in its audit entry
(`as_detail`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from accounts.models import User
from incidents.models import Incident
from opinion.services import evidence
from opinion.services.evidence import Kept, Upload
from response.files import content_type_of
from response.models import Attachment


def lay_down(uploads: Sequence[Upload]) -> list[Kept]:
    """Put files by their hash into the storage. Raises Unfit for the first that must not come in; then none is kept."""
    kinds = [content_type_of(upload.name, upload.content) for upload in uploads]
    return [evidence.store(upload, kind) for upload, kind in zip(uploads, kinds, strict=True)]


def attach(incident: Incident | None, kept: Sequence[Kept], *, actor: User, now: datetime) -> list[Attachment]:
    """The rows of files that were laid down, in the order they came. One and the same file twice is one row.

    incident  None for a letter that belongs to none: who sees the letter reads its files
    """
    once = {file.sha256: file for file in kept}.values()
    return [
        Attachment.objects.create(incident=incident, uploaded_by=actor, uploaded_at=now, **asdict(file))
        for file in once
    ]


def as_detail(files: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Files as an audit entry names them."""
    return [{"sha256": file.sha256, "size": file.size, "type": file.content_type} for file in files]
