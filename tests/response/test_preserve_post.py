"""存证: what is kept of a post, the files and numbers beside it, who may, and the ZIP a notary gets."""

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident, IncidentPost
from opinion.models import Evidence, Post, PostEdit, PostOriginal
from opinion.services.evidence import Upload, path_of
from opinion.services.retention import prune
from response.models import Exhibit, Preservation
from response.notnow import NotNow
from response.permissions import may
from response.services.evidence import add_exhibits, note_number, preserve_post
from tests.factories import PostFactory
from tests.response.factories import drill, incident_at
from tests.response.test_files import PDF, PNG

STAMP = {"kind": "timestamp", "number": "TSA-88-1203", "issuer": "联合信任", "issued_on": date(2026, 11, 18)}


@pytest.fixture(autouse=True)
def _storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def in_it(incident: Incident, **post: object) -> Post:
    """A post of the incident."""
    made = PostFactory(url="https://weibo.example/9", reposts=120, exercise=incident.exercise, **post)
    IncidentPost.objects.create(incident=incident, post=made, attached_at=incident.opened_at)
    return made


def test_words_figures_earlier_words_and_files_are_sealed(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    post = in_it(incident)
    PostEdit.objects.create(post=post, title="", text="原先说的话", seen_at=noon)
    Evidence.objects.create(
        post=post,
        sha256="ab" * 32,
        name="旧图.png",
        content_type="image/png",
        size=9,
        added_by=cast["pr"],
        added_at=noon,
    )
    kept = preserve_post(
        incident, post, actor=cast["monitor"], now=noon, uploads=[Upload("新图.png", PNG), Upload("新图.png", PNG)]
    )
    assert kept.number == "CZ-2026-001"
    assert {name: kept.record[name] for name in ("text", "author", "reposts", "reads", "published_at", "earlier")} == {
        "text": post.text,
        "author": "路人甲",
        "reposts": 120,
        "reads": None,
        "published_at": "2026-11-18T04:00:00.000000Z",
        "earlier": [{"title": "", "text": "原先说的话", "replaced_at": "2026-11-18T04:00:00.000000Z"}],
    }
    assert [(one.name, one.sha256) for one in kept.exhibits.all()] == [
        ("旧图.png", "ab" * 32),
        ("新图.png", hashlib.sha256(PNG).hexdigest()),
    ]
    assert kept.seal == Preservation.objects.get().sealed()
    again = preserve_post(incident, post, actor=cast["legal"], now=noon)  # the post may say something else by then
    assert again.number == "CZ-2026-002"


@pytest.mark.parametrize("model", [Preservation, Exhibit])
def test_the_database_refuses_to_change_what_is_kept(
    incident: Incident, cast: dict[str, User], noon: datetime, model: type
) -> None:
    preserve_post(incident, in_it(incident), actor=cast["monitor"], now=noon, uploads=[Upload("图.png", PNG)])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(seal="0" * 64)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete("default")
    assert model.objects.get().seal != "0" * 64


def test_what_is_preserved_is_held_from_the_retention_job(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    post, other = in_it(incident), PostFactory()
    for one in (post, other):
        PostOriginal.objects.create(post=one, cipher=b"sealed", purge_after=noon + timedelta(days=180))
    preserve_post(incident, post, actor=cast["monitor"], now=noon)
    prune(noon + timedelta(days=settings.AUTHOR_DAYS + 1))
    assert [one.post for one in PostOriginal.objects.all()] == [post]
    assert Post.objects.get(pk=post.pk).author == "路人甲"
    assert Post.objects.get(pk=other.pk).author != "路人甲"


def test_what_is_not_of_the_incident_is_refused(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        preserve_post(incident, PostFactory(), actor=cast["monitor"], now=noon)
    no_address = PostFactory(url="")
    IncidentPost.objects.create(incident=incident, post=no_address, attached_at=noon)
    with pytest.raises(NotNow):
        preserve_post(incident, no_address, actor=cast["monitor"], now=noon, captures=True)
    assert not Preservation.objects.exists()


def test_files_and_numbers_are_added_once(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    kept = preserve_post(incident, in_it(incident), actor=cast["monitor"], now=noon, uploads=[Upload("图.png", PNG)])
    with pytest.raises(NotNow):
        add_exhibits(kept, [Upload("同一张.png", PNG)], actor=cast["legal"], now=noon)
    add_exhibits(kept, [Upload("公证书.pdf", PDF)], actor=cast["legal"], now=noon)
    note_number(kept, actor=cast["legal"], now=noon, **STAMP)
    with pytest.raises(NotNow):
        note_number(kept, actor=cast["legal"], now=noon, **STAMP)
    assert (kept.exhibits.count(), kept.numbers.count()) == (2, 1)
    assert [entry.event for entry in incident.timeline.all()][:2] == [
        "response.timestamp_noted",
        "response.exhibits_added",
    ]


def test_who_preserves_numbers_reads_and_hands_out(incident: Incident, cast: dict[str, User]) -> None:
    team = {"pr", "legal", "market", "tech"}
    readers = team | {"monitor", "gm", "deputy", "member", "spokesperson", "alternate", "head"}
    for act, who in {
        "preserve_post": team | {"monitor"},
        "number_evidence": {"pr", "legal"},
        "export_evidence": team | {"auditor"},
        "see_evidence": readers | {"auditor"},
    }.items():
        assert {name for name, person in cast.items() if may(person, act, incident)} == who, act


def test_a_drill_has_numbers_of_its_own(cast: dict[str, User], noon: datetime) -> None:
    exercise = drill(noon)
    drilled = incident_at(Level.TWO, cast, noon, exercise=exercise, number="YL-1-YQ-001")
    kept = preserve_post(drilled, in_it(drilled), actor=cast["monitor"], now=noon)
    assert kept.number == f"YL-{exercise.pk}-CZ-001"


# --- pages -----------------------------------------------------------------------------------------------------------
def test_the_pages_preserve_a_post_with_a_screenshot(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    post = in_it(incident, text="杯子里有虫子")
    url, monitor = f"/incidents/{incident.number}/evidence/", signed_in("monitor")
    assert "杯子里有虫子" in monitor.get(url).content.decode()
    form = f"{url}preserve/{post.uuid}/"
    lying = {"uploads": SimpleUploadedFile("图.png", b"<html>")}
    assert monitor.post(form, lying).status_code == 400
    answer = monitor.post(form, {"uploads": SimpleUploadedFile("图.png", PNG), "note": "首发"}, follow=True)
    page = answer.content.decode()
    exhibit = Exhibit.objects.get()
    assert exhibit.sha256 in page
    picture = signed_in("gm").get(f"/preserved/files/{exhibit.uuid}/")
    assert (picture.content, picture["Content-Disposition"][:10]) == (PNG, "attachment")
    assert signed_in("spokesperson").post(form, {}).status_code == 403
    assert signed_in("gm").post(f"/preserved/{exhibit.preservation.uuid}/files/add/", {}).status_code == 403
    assert signed_in("outsider").get(f"/preserved/{exhibit.preservation.uuid}/").status_code == 404
    assert signed_in("dept").get(f"/preserved/files/{exhibit.uuid}/").status_code == 404
    assert Preservation.objects.count() == 1


def test_the_zip_has_an_index_whose_hashes_fit_its_files(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    url = f"/incidents/{incident.number}/evidence/export/"
    assert signed_in("pr").post(url).status_code == 302  # nothing yet
    kept = preserve_post(
        incident,
        in_it(incident, author="=cmd|' /C calc'!A0"),
        actor=cast["monitor"],
        now=noon,
        uploads=[Upload("图.png", PNG), Upload("录屏.pdf", PDF)],
    )
    note_number(kept, actor=cast["legal"], now=noon, **STAMP)
    assert signed_in("monitor").post(url).status_code == 403
    packed = b"".join(signed_in("auditor").post(url).streaming_content)
    with zipfile.ZipFile(BytesIO(packed)) as box:
        names = {
            f"posts/{kept.number}.json",
            f"files/{kept.number}-1.png",
            f"files/{kept.number}-2.pdf",
        }
        assert set(box.namelist()) == names | {"index.csv", "index.html", "SHA256SUMS"}
        lines = [line.split("  ") for line in box.read("SHA256SUMS").decode().splitlines()]
        sums = {name: digest for digest, name in lines}
        assert sums == {name: hashlib.sha256(box.read(name)).hexdigest() for name in names}
        assert sums[f"posts/{kept.number}.json"] == kept.seal
        assert json.loads(box.read(f"posts/{kept.number}.json"))["record"] == kept.record
        rows = list(csv.reader(StringIO(box.read("index.csv").decode("utf-8-sig"))))
        assert [row[3] for row in rows[1:]] == [sums[row[2]] for row in rows[1:]]
        assert rows[1][8].startswith("'=")
        assert all(digest in box.read("index.html").decode() for digest in sums.values())
        assert "TSA-88-1203" in box.read("index.html").decode()
    assert incident.timeline.filter(event="response.evidence_exported").count() == 1


def test_an_altered_file_is_named_on_the_page_and_left_out_of_the_zip(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client], tmp_path
) -> None:
    kept = preserve_post(incident, in_it(incident), actor=cast["monitor"], now=noon, uploads=[Upload("图.png", PNG)])
    (tmp_path / path_of(kept.exhibits.get().sha256)).write_bytes(PNG + b"!")
    reader = signed_in("pr")
    assert '<span class="tag bad">' in reader.get(kept.get_absolute_url()).content.decode()
    packed = b"".join(reader.post(f"/incidents/{incident.number}/evidence/export/").streaming_content)
    with zipfile.ZipFile(BytesIO(packed)) as box:
        assert f"files/{kept.number}-1.png" not in box.namelist()
        assert kept.exhibits.get().sha256 in box.read("index.csv").decode()
