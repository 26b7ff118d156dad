"""存证: files that show what was said, kept by their hash and held with their post. Nothing here is ever taken away."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from audit import services as audit
from opinion import text
from opinion.files import recognised
from opinion.models import Evidence, Post
from opinion.permissions import require

LARGEST = 10 * 1024 * 1024  # bytes of one file
MOST = 10  # files at once


class NotKept(Exception):
    """A file is too large, empty, or of a kind that is not kept. `name` says which, `reason`: large, empty, kind."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{reason}: {name}")
        self.name, self.reason = name, reason


class Altered(Exception):
    """The file that lies there is gone, or no longer the one that was kept."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody brought it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the storage under its hash."""

    sha256: str
    name: str
    content_type: str
    size: int


def check(uploads: Sequence[Upload]) -> None:
    """Raises NotKept for the first of them that cannot be kept."""
    for upload in uploads:
        reason = "empty" if not upload.content else "large" if len(upload.content) > LARGEST else ""
        reason = reason or ("" if recognised(upload.content[:16]) else "kind")
        if reason:
            raise NotKept(upload.name, reason)


def add(post: Post, uploads: Sequence[Upload], *, actor: User, now: datetime) -> list[Evidence]:
    """Keep files as evidence of a post, which is held from then on; one that it has already is passed over.

    Raises NotKept, and then nothing is kept.
    """
    require(actor, "add_evidence", post)
    check(uploads)
    files = [lay_down(upload) for upload in uploads]  # before the row: a row without its file would be a lie
    added = []
    with transaction.atomic():
        there = set(Evidence.objects.filter(post=post).values_list("sha256", flat=True))
        for file in files:
            if file.sha256 in there:
                continue
            there.add(file.sha256)
            added.append(Evidence.objects.create(post=post, added_by=actor, added_at=now, **asdict(file)))
        if added:
            Post.everywhere.filter(pk=post.pk, is_held=False).update(is_held=True)
            kept = [{"sha256": one.sha256, "size": one.size, "type": one.content_type} for one in added]
            audit.record("opinion.evidence_added", actor=actor, subject=f"post:{post.uuid}", detail={"files": kept})
    return added


def read(digest: str) -> bytes:
    """The file as it was kept. Raises Altered where it is not the same any more."""
    path = path_of(digest)
    if not default_storage.exists(path):
        raise Altered
    with default_storage.open(path) as file:
        content = bytes(file.read())
    if sha256(content).hexdigest() != digest:
        raise Altered
    return content


def path_of(digest: str) -> str:
    return f"evidence/{digest[:2]}/{digest}"


def lay_down(upload: Upload) -> Kept:
    """Keep a file by its hash, whatever it shows; the caller writes the row that names it. Raises NotKept."""
    check([upload])
    return store(upload, recognised(upload.content[:16]))


def store(upload: Upload, content_type: str) -> Kept:
    """Keep a file that was checked, where its hash says. Not inside a transaction: that place may be a network away."""
    digest = sha256(upload.content).hexdigest()
    path = path_of(digest)
    if default_storage.exists(path) and default_storage.size(path) != len(upload.content):
        default_storage.delete(path)  # what a process that died had begun to write
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(upload.content))
    return Kept(
        sha256=digest,
        name=text.clean(PurePath(upload.name.replace("\\", "/")).name, 200) or digest[:12],
        content_type=content_type,
        size=len(upload.content),
    )
