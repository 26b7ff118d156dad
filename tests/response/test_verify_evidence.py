"""`manage.py verify_evidence`: whole is 0, whatever was tampered with is named and is 1, unreadable is 2."""

import json
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from audit import triggers
from audit.models import Entry
from incidents.levels import Level
from opinion.services.evidence import Upload, path_of
from response.models import EvidenceNumber, Exhibit, FactSheet, Preservation
from response.services.evidence import note_number, preserve_post
from response.services.facts import sign_sheet
from tests.response.factories import fact_of, incident_at
from tests.response.test_files import PNG
from tests.response.test_preserve_post import STAMP, in_it


def said(*flags: str) -> tuple[int, str]:
    """How the command exits and what it prints."""
    out, code = StringIO(), 0
    try:
        with transaction.atomic():  # PostgreSQL: what failed inside spoils only this
            call_command("verify_evidence", *flags, stdout=out, stderr=out)
    except SystemExit as end:
        code = int(str(end.code))
    return code, out.getvalue()


@pytest.fixture
def kept(cast: dict[str, User], noon: datetime, tmp_path: Path, settings: Any) -> Preservation:
    """One post with a screenshot and a timestamp, and a signed fact sheet."""
    settings.MEDIA_ROOT = tmp_path
    incident = incident_at(Level.TWO, cast, noon)
    fact_of(incident, cast, noon)
    sign_sheet(incident, actor=cast["tech"], now=noon)
    row = preserve_post(incident, in_it(incident), actor=cast["monitor"], now=noon, uploads=[Upload("图.png", PNG)])
    note_number(row, actor=cast["legal"], now=noon, **STAMP)
    return row


def test_what_nobody_touched_is_whole(kept: Preservation) -> None:
    assert said() == (0, "The evidence is whole: 4 sealed rows, 1 files.\n")
    code, out = said("--json")
    assert (code, json.loads(out)) == (0, {"whole": True, "rows": 4, "files": 1, "faults": []})


def reworded(kept: Preservation) -> str:
    record = {**kept.record, "text": "他们没说过"}
    Preservation.objects.update(record=record)
    return "it was changed after it was sealed"


def resealed(kept: Preservation) -> str:
    """A careful forger writes the seal anew: the trail still has the old one."""
    row = Preservation.objects.get()
    row.record = {**row.record, "author": "别人"}
    Preservation.objects.update(record=row.record, seal=row.sealed())
    return "no act in the audit trail sealed it"


def deleted(kept: Preservation) -> str:
    Exhibit.objects.all()._raw_delete("default")
    return "the row it sealed is gone"


def renumbered(kept: Preservation) -> str:
    EvidenceNumber.objects.update(number="TSA-0")
    return "it was changed after it was sealed"


def sheet_changed(kept: Preservation) -> str:
    FactSheet.objects.update(note="改过")
    return "it was changed after it was sealed"


def file_swapped(kept: Preservation) -> str:
    Path(default_storage.path(path_of(Exhibit.objects.get().sha256))).write_bytes(PNG + b"!")
    return "its file is missing or was changed"


def file_gone(kept: Preservation) -> str:
    Path(default_storage.path(path_of(Exhibit.objects.get().sha256))).unlink()
    return "its file is missing or was changed"


def trail_rewritten(kept: Preservation) -> str:
    """A forger who rewrites row and trail alike breaks the chain."""
    row = Preservation.objects.get()
    before, row.record = row.seal, {**row.record, "text": "他们没说过"}
    Preservation.objects.update(record=row.record, seal=row.sealed())
    entry = Entry.objects.get(event="response.post_preserved")
    entry.detail["seals"] = [row.sealed() if seal == before else seal for seal in entry.detail["seals"]]
    Entry.objects.filter(pk=entry.pk).update(detail=entry.detail)
    return "was changed after it was written"


@pytest.mark.parametrize(
    "tamper",
    [reworded, resealed, deleted, renumbered, sheet_changed, file_swapped, file_gone, trail_rewritten],
    ids=lambda act: act.__name__,
)
def test_tampering_is_found_and_named(kept: Preservation, tamper: Callable[[Preservation], str]) -> None:
    triggers.lift()  # as whoever owns the database can
    expected = tamper(kept)
    code, out = said()
    assert code == 1
    assert expected in out
    faults = json.loads(said("--json")[1])["faults"]
    assert any(expected in fault["reason"] for fault in faults)
    triggers.install()


def test_what_cannot_be_read_is_two(kept: Preservation) -> None:
    triggers.lift()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE response_exhibit RENAME TO response_elsewhere")
    code, out = said()
    assert code == 2
    assert "cannot be read" in out
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE response_elsewhere RENAME TO response_exhibit")
    triggers.install()
