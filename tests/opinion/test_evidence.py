"""存证: a file is kept by its hash with who and when, its post is held, and no browser is made to run it."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from opinion.evidence_forms import EvidenceForm
from opinion.files import recognised
from opinion.models import Evidence, Post
from opinion.services import evidence as services
from opinion.services.evidence import LARGEST, Altered, NotKept, Upload
from tests.factories import NOON, PostFactory

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
PDF = b"%PDF-1.7 a report"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def kept(cast, content=PNG, name="截图.png", post=None) -> Evidence:
    [one] = services.add(post or PostFactory(), [Upload(name, content)], actor=cast["monitor"], now=NOON)
    return one


def test_a_file_is_kept_by_its_hash_and_holds_its_post(cast, settings):
    one = kept(cast, name="C:\\桌面\\../截图.png")
    digest = sha256(PNG).hexdigest()
    assert (one.sha256, one.name, one.content_type, one.size) == (digest, "截图.png", "image/png", len(PNG))
    assert (Path(settings.MEDIA_ROOT) / "evidence" / digest[:2] / digest).read_bytes() == PNG
    assert Post.objects.get().is_held
    entry = Entry.objects.get()
    assert (entry.event, entry.detail["files"][0]["sha256"]) == ("opinion.evidence_added", digest)


def test_the_same_file_of_the_same_post_is_kept_once(cast):
    post = PostFactory()
    kept(cast, post=post)
    assert services.add(post, [Upload("b.png", PNG)] * 2, actor=cast["pr"], now=NOON) == []
    assert kept(cast).sha256 == sha256(PNG).hexdigest()  # of another post it is evidence of its own
    assert (Evidence.objects.count(), Entry.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (PDF, "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", ""),
        (b"<!doctype html><script>", ""),
        (b"RIFF\0\0\0\0WAVEfmt ", ""),
        (b"MZ\x90", ""),
    ],
)
def test_a_file_is_what_it_begins_with(content, kind):
    assert recognised(content) == kind


@pytest.mark.parametrize(
    ("content", "reason"), [(b"<script>", "kind"), (b"", "empty"), (PNG.ljust(LARGEST + 1, b"\0"), "large")]
)
def test_what_cannot_be_kept_is_refused_before_anything_is(cast, content, reason):
    post = PostFactory()
    with pytest.raises(NotKept) as refused:
        services.add(post, [Upload("a.png", PNG), Upload("b.png", content)], actor=cast["monitor"], now=NOON)
    assert (refused.value.name, refused.value.reason) == ("b.png", reason)
    assert not Evidence.objects.exists()
    post.refresh_from_db()
    assert not post.is_held


def test_a_file_that_was_changed_or_is_gone_is_not_shown(cast, settings, signed_in):
    one = kept(cast)
    path = Path(settings.MEDIA_ROOT) / "evidence" / one.sha256[:2] / one.sha256
    path.write_bytes(PNG + b"!")
    with pytest.raises(Altered):
        services.read(one.sha256)
    assert signed_in("pr").get(reverse("opinion:evidence-file", args=[one.uuid])).status_code == 410
    path.unlink()
    assert signed_in("pr").get(reverse("opinion:evidence-file", args=[one.uuid])).status_code == 410


def test_what_a_process_that_died_had_begun_to_write_is_written_anew(cast, settings):
    path = Path(settings.MEDIA_ROOT) / "evidence" / sha256(PNG).hexdigest()[:2] / sha256(PNG).hexdigest()
    path.parent.mkdir(parents=True)
    path.write_bytes(PNG[:4])
    assert services.read(kept(cast).sha256) == PNG


@pytest.mark.parametrize(("content", "ending"), [(PNG, "png"), (PDF, "pdf")])
def test_it_is_handed_out_under_a_name_of_ours_and_run_by_no_browser(cast, signed_in, content, ending):
    one = kept(cast, content, name="evil.html")
    answer = signed_in("spokesperson").get(reverse("opinion:evidence-file", args=[one.uuid]))
    assert answer.content == content
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{one.sha256[:12]}.{ending}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Type"] == one.content_type


@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_reads_no_posts_sees_no_evidence(cast, signed_in, who):
    one = kept(cast)
    client = signed_in(who)
    assert client.get(reverse("opinion:evidence-file", args=[one.uuid])).status_code == 404
    assert client.get(reverse("opinion:evidence", args=[one.post.uuid])).status_code == 404


def files(*contents):
    return {"screenshots": [SimpleUploadedFile(f"{n}.png", content) for n, content in enumerate(contents)]}


def test_evidence_is_added_from_the_reader(signed_in):
    post = PostFactory()
    address = reverse("opinion:evidence", args=[post.uuid])
    client = signed_in("monitor")
    answer = client.post(address, files(PNG, PNG + b"2"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert sorted(post.evidence.values_list("size", flat=True)) == [len(PNG), len(PNG) + 1]
    assert sha256(PNG).hexdigest() in answer.content.decode()
    assert client.post(address, files(PDF)).url == address


def test_a_wrong_file_is_named_at_its_field(signed_in):
    post = PostFactory()
    answer = signed_in("monitor").post(reverse("opinion:evidence", args=[post.uuid]), files(b"<svg>"))
    assert answer.status_code == 422
    assert "0.png" in str(answer.context["form"].errors["screenshots"])
    assert not Evidence.objects.exists()


def test_more_than_ten_files_at_once_are_refused():
    form = EvidenceForm({}, _MultiFiles(files(*[PNG] * 11)["screenshots"]))
    assert not form.is_valid()


class _MultiFiles(dict):
    def __init__(self, uploads):
        super().__init__(screenshots=uploads)

    def getlist(self, name):
        return self[name]


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head"])
def test_who_only_reads_adds_none(signed_in, who):
    post = PostFactory()
    client = signed_in(who)
    address = reverse("opinion:evidence", args=[post.uuid])
    assert not client.get(address).context["may_add"]
    assert client.post(address, files(PNG)).status_code == 403
    assert not Evidence.objects.exists()


def test_the_list_takes_the_same_queries_however_many(cast, signed_in):
    post, client = PostFactory(), signed_in("pr")
    address = reverse("opinion:evidence", args=[post.uuid])
    client.get(address)
    counts = []
    for n in range(3):
        kept(cast, PNG + bytes([n]), post=post)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert len(set(counts)) == 1
