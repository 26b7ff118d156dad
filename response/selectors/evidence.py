"""Reads of preserved posts: the list, what is still to be preserved, the index a notary reads, all of it as a ZIP."""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.chain import canonical
from audit.export import BOM, as_text, safe_cell
from incidents.figures import posts_of
from incidents.models import Incident
from opinion.models import Post
from opinion.services.evidence import Altered, read
from response.files import ENDING_OF
from response.models import Exhibit, Preservation

IN_MEMORY = 16 * 1024 * 1024  # bytes; a larger export is written to disk while it is made


def preserved(incident: Incident) -> QuerySet[Preservation]:
    rows = incident.preservations.select_related("added_by", "post")
    return rows.prefetch_related("exhibits__added_by", "numbers", "captures")


def not_preserved(incident: Incident) -> QuerySet[Post]:
    """Originals of an incident that nobody preserved yet, the loudest first."""
    loud = Coalesce("reposts", 0) + Coalesce("comments", 0) + Coalesce("likes", 0) + F("copy_count")
    posts = posts_of(incident).exclude(pk__in=incident.preservations.values("post"))
    return posts.annotate(loud=loud).order_by("-loud", "published_at")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the index: what a preserved post said, or a file of it.

    sha256    of the file at `path`
    is_whole  the row is what was sealed, and the file is the one that was kept
    """

    preservation: Preservation
    exhibit: Exhibit | None
    path: str
    sha256: str
    size: int
    at: datetime
    by: str
    is_whole: bool

    @property
    def number(self) -> str:
        return self.preservation.number

    @property
    def published_at(self) -> datetime:
        return datetime.fromisoformat(self.preservation.record["published_at"])

    @property
    def what(self) -> str:
        return str(self.exhibit.get_kind_display()) if self.exhibit else _("text and metadata")

    @property
    def outside_numbers(self) -> str:
        given = self.preservation.numbers.all()
        return "; ".join(f"{one.get_kind_display()} {one.number} ({one.issuer}, {one.issued_on})" for one in given)


def index_of(rows: Sequence[Preservation]) -> list[Line]:
    """Every record and file with its hash; each file is read to see whether it is still the one."""
    return [line for line, _content in lines_of(rows)]


def lines_of(rows: Sequence[Preservation]) -> Iterator[tuple[Line, bytes]]:
    """Each line with its file's content; b"" where that is gone or altered."""
    for one in rows:
        content = canonical(one.content())  # its SHA-256 is the seal
        whole = one.seal == one.sealed()
        path = f"posts/{one.number}.json"
        yield Line(one, None, path, one.seal, len(content), one.added_at, str(one.added_by), whole), content
        for number, exhibit in enumerate(one.exhibits.all(), 1):
            path = f"files/{one.number}-{number}.{ENDING_OF[exhibit.content_type]}"
            try:
                content = read(exhibit.sha256)
            except Altered:
                content = b""
            whole = bool(content) and exhibit.seal == exhibit.sealed()
            by = str(exhibit.added_by or _("the desk"))
            yield Line(one, exhibit, path, exhibit.sha256, exhibit.size, exhibit.added_at, by, whole), content


def as_zip(incident: Incident, rows: Sequence[Preservation], now: datetime) -> IO[bytes]:
    """posts/ and files/ as they were kept, index.csv and index.html with hashes, SHA256SUMS for `sha256sum -c`."""
    packed: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    lines = []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for line, content in lines_of(rows):
            lines.append(line)
            if content:
                box.writestr(line.path, content)
        context = {"incident": incident, "lines": lines, "cut_off": now}
        box.writestr("index.csv", as_csv(lines))
        box.writestr("index.html", render_to_string("response/evidence_index_file.html", context))
        box.writestr("SHA256SUMS", "".join(f"{line.sha256}  {line.path}\n" for line in lines))
    packed.seek(0)
    return packed


def as_csv(lines: Sequence[Line]) -> str:
    head = (
        _("No."),
        _("What it is"),
        _("File"),
        "SHA-256",
        _("Bytes"),
        _("Kept at"),
        _("Kept by"),
        _("Platform"),
        _("Account"),
        _("Published at"),
        _("Address"),
        _("Timestamp and notary"),
        _("As it was kept"),
    )
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for line in lines:
        post = line.preservation.record
        row = (
            line.number,
            line.what,
            line.path,
            line.sha256,
            line.size,
            as_text(line.at),
            line.by,
            post["platform"],
            post["author"],
            as_text(line.published_at),
            post["url"],
            line.outside_numbers,
            _("yes") if line.is_whole else _("NO"),
        )
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return BOM + text.getvalue()
