"""Attached files: told apart by content, hostile ones refused in words, kept by hash, run by no browser."""

import io
import struct
import time
import zipfile
from datetime import datetime
from hashlib import sha256

import openpyxl
import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from opinion.services.evidence import Upload
from response import files
from response.files import ENDINGS, Unfit, content_type_of
from response.forms.attachments import AttachmentsField, said
from response.models import Attachment
from response.services import attachments
from tests.response.factories import incident_at

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
PDF = b"%PDF-1.7 a report"
TYPES = '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.%s.document.main+xml"/></Types>'
WORD = {"[Content_Types].xml": TYPES % "wordprocessingml", "word/document.xml": "<w:document/>"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)


class FilesForm(forms.Form):
    files = AttachmentsField()


def packed(parts: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for row in range(3000):
        book.active.append([f"第{row}行", row, "同一句话" * 5])
    book.save(out)
    return out.getvalue()


def says_it_is_small(content: bytes, part: str) -> bytes:
    """The archive with the unpacked size of one part written as 10 in both of its lists."""
    for signature, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = content.index(signature)
        while content[at + name_at : at + name_at + len(part)] != part.encode():
            at = content.index(signature, at + 4)
        content = content[: at + size_at] + struct.pack("<I", 10) + content[at + size_at + 4 :]
    return content


@pytest.mark.parametrize(
    ("name", "content", "ending"),
    [
        ("现场.PNG", PNG, "png"),
        ("现场", b"\xff\xd8\xff\xe0", "jpg"),
        ("函件.pdf", PDF, "pdf"),
        ("台账.csv", "时间,门店\n10:30,建国路店\n".encode(), "csv"),
        ("台账.csv", "时间,门店\n10:30,建国路店\n".encode("gb18030"), "csv"),
        ("说明.docx", packed(WORD), "docx"),
        ("清单.xlsx", workbook(), "xlsx"),
        ("录音.mp3", b"ID3\x04" + bytes(20), "mp3"),
        ("录像.mp4", b"\0\0\0\x18ftypmp42" + bytes(20), "mp4"),
    ],
)
def test_a_file_is_known_by_its_content(name, content, ending):
    assert content_type_of(name, content) == ENDINGS[ending]


MACRO_TYPES = WORD["[Content_Types].xml"].replace("document.main", "document.macroEnabled.main")
FETCHES = '<Relationship Type="x/attachedTemplate" TargetMode="External"/>'
OBJECT = FETCHES.replace("attachedTemplate", "oleObject")
DDE = "<w:instrText>DDE</w:instrText><w:r/><w:instrText xml:space='preserve'>AUTO c:\\cmd.exe</w:instrText>"
HOSTILE = [
    ("空.png", b"", "empty"),
    ("大.png", PNG + bytes(files.LARGEST), "large"),
    ("照片.png", PDF, "lying"),
    ("照片.png", b"<html>", "lying"),
    ("报告.pdf", packed(WORD), "lying"),
    ("照片.html", PNG, "kind"),
    ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    ("图", b"<svg onload='alert(1)'/>", "kind"),
    ("表.csv", b"a,b\n<script>alert(1)</script>,2\n", "lying"),
    ("表.csv", b"#!/bin/sh\nrm -rf x,y\n", "lying"),
    ("表.csv", b"MZ\x90\0\x03\0\0", "lying"),
    ("程序.exe", b"MZ\x90\0", "kind"),
    ("包.zip", packed({"a.txt": "a"}), "kind"),
    ("旧.doc", OLE, "old"),
    ("锁.docx", OLE, "old"),
    ("宏.docm", packed(WORD), "macros"),
    ("宏.docx", packed({**WORD, "word/vbaProject.bin": OLE}), "macros"),
    ("宏.docx", packed({**WORD, "word/innocent.xml": OLE}), "macros"),
    ("宏.docx", packed({**WORD, "[Content_Types].xml": WORD["[Content_Types].xml"] + "macroEnabled"}), "macros"),
    ("宏.docx", packed({**WORD, "[Content_Types].xml": (MACRO_TYPES).encode("utf-16")}), "macros"),
    ("宏.docx", packed({**WORD, "[Content_Types].xml": WORD["[Content_Types].xml"] + "macro&#69;nabled"}), "damaged"),
    ("宏.xlsx", packed({**WORD, "xl/macrosheets/sheet1.xml": "<x/>"}), "macros"),
    ("模板.docx", packed({**WORD, "word/_rels/settings.xml.rels": FETCHES}), "fetches"),
    ("外链.docx", packed({**WORD, "word/_rels/a.xml.rels": OBJECT}), "fetches"),
    ("动态.docx", packed({**WORD, "word/document.xml": DDE}), "fetches"),
    ("动态.docx", packed({**WORD, "word/header1.xml": '<w:fldSimple w:instr=" DDEAUTO c:\\cmd.exe "/>'}), "fetches"),
    ("动态.xlsx", packed({**WORD, "xl/externalLinks/externalLink1.xml": "<ddeLink ddeService='cmd'/>"}), "fetches"),
    ("实体.docx", packed({**WORD, "word/document.xml": "<?xml?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "damaged"),
    ("网页", b"<!--ftyp--><script>alert(1)</script>", "kind"),
    ("网页.mp4", b"<!--ftyp--><script>alert(1)</script>", "lying"),
    ("照片\u202egnp.exe", PNG, "kind"),
    ("炸.docx", packed({**WORD, "word/big.xml": bytes(30_000_000)}), "bomb"),
    ("炸.docx", packed({**WORD, **{f"p/{n}": "" for n in range(files.PARTS)}}), "bomb"),
    ("谎.docx", says_it_is_small(packed({**WORD, "word/big.xml": bytes(30_000_000)}), "word/big.xml"), "damaged"),
    ("断.docx", packed(WORD)[:-30], "damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), HOSTILE)
def test_a_hostile_file_is_refused_and_told_by_name(name, content, reason):
    with pytest.raises(Unfit) as refused:
        content_type_of(name, content)
    assert refused.value.reason == reason
    assert name in said(name, refused.value)


def test_an_archive_within_a_document_is_not_unpacked():
    """42.zip's trick: a little file that holds big ones. What lies inside is never opened, so it costs nothing."""
    inner = packed({f"{n}": bytes(9_000_000) for n in range(16)})
    assert content_type_of("嵌.docx", packed({**WORD, "word/embeddings/a.zip": inner})) == ENDINGS["docx"]


def test_half_a_million_entries_are_refused_before_they_are_read():
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, *[0] * 7, 7, *[0] * 6)
    entries = b"".join(entry + b"%07d" % number for number in range(450_000))
    content = packed(WORD) + entries + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 65535, 65535, len(entries), 0, 0)
    began = time.monotonic()
    with pytest.raises(Unfit, match="bomb"):
        content_type_of("多.docx", content)
    assert time.monotonic() - began < 1


def test_entries_that_share_one_body_cost_no_more_than_they_may():
    """The overlapping bomb: many entries of the list point at the same packed megabytes."""
    body = packed({"word/000.xml": bytes(9_000_000)})
    at = body.index(b"PK\x01\x02")
    entry = body[at : body.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"000.xml", b"%03d.xml" % number) for number in range(100))
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 100, 100, len(entries), at, 0)
    with pytest.raises(Unfit, match="bomb"):
        content_type_of("叠.docx", body[:at] + entries + end)


def test_links_that_wait_for_a_click_are_taken():
    link = FETCHES.replace("attachedTemplate", "hyperlink")
    parts = {**WORD, "word/_rels/document.xml.rels": link, "word/document.xml": "<w:instrText>PAGE</w:instrText>add"}
    assert content_type_of("有链接.docx", packed(parts)) == ENDINGS["docx"]


def test_two_parts_of_one_name_are_refused():
    out = io.BytesIO(packed(WORD))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<other/>")
    with pytest.raises(Unfit, match="damaged"):
        content_type_of("双.docx", out.getvalue())


@translation.override("en")
def test_the_field_reads_several_and_says_what_is_wrong():
    several = MultiValueDict({"files": [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.pdf", PDF)]})
    form = FilesForm({}, several)
    assert form.is_valid()
    assert [upload.name for upload in form.cleaned_data["files"]] == ["a.png", "b.pdf"]
    assert FilesForm({}, {}).is_valid()
    bad = FilesForm({}, MultiValueDict({"files": [SimpleUploadedFile("a.png", PDF)]}))
    assert bad.errors["files"] == ["a.png is not the PNG its name says, but PDF. Give it its right name."]
    many = FilesForm({}, MultiValueDict({"files": [SimpleUploadedFile("a.png", PNG)] * 11}))
    assert many.errors["files"] == ["Ten files at most."]


NAMES = [
    ("../../etc/照片.png", "照片.png"),
    ("..\\\\..\\\\照片.png", "照片.png"),
    ("照片\u202egnp.png", "照片gnp.png"),
    ("照\0片\t.png", "照片.png"),
    ("😀.png", "😀.png"),
    ("长" * 300 + ".png", "长" * 199 + "…"),
]


@pytest.mark.parametrize(("sent", "shown"), NAMES)
def test_a_name_is_what_a_reader_sees_of_it_and_no_more(sent, shown, settings, tmp_path):
    """As a browser or a script sends it, through the parser of the server to the row's name."""
    settings.MEDIA_ROOT = tmp_path
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{sent}"\r\n\r\n'
    body = head.encode() + PNG + b"\r\n--b--\r\n"
    request = RequestFactory().generic("POST", "/", body, content_type="multipart/form-data; boundary=b")
    form = FilesForm({}, request.FILES)
    assert form.is_valid(), form.errors
    (kept,) = attachments.lay_down(form.cleaned_data["files"])
    assert kept.name == shown


@pytest.mark.django_db
def test_a_file_is_handed_out_as_a_download_to_those_who_see_the_incident(
    cast, noon: datetime, settings, tmp_path, client
):
    settings.MEDIA_ROOT = tmp_path
    incident = incident_at(3, cast, noon)
    uploads = [Upload("../../现场\r\n.png", PNG), Upload("again.png", PNG), Upload("b.pdf", PDF)]
    kept = attachments.lay_down(uploads)
    first, second = attachments.attach(incident, kept, actor=cast["pr"], now=noon)
    assert (first.sha256, first.content_type, first.size) == (sha256(PNG).hexdigest(), "image/png", len(PNG))
    assert not {"/", "\r", "\n"} & set(first.name)
    assert attachments.as_detail([second])[0]["type"] == "application/pdf"
    address = reverse("response:attachment", args=[first.uuid])
    client.force_login(cast["pr"])
    answer = client.get(address)
    assert answer.content == PNG
    assert answer["Content-Disposition"] == f'attachment; filename="file-{first.sha256[:12]}.png"'
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "image/png")
    assert "sandbox" in answer["Content-Security-Policy"]
    client.force_login(cast["outsider"])
    assert client.get(address).status_code == 404
    (tmp_path / "evidence" / first.sha256[:2] / first.sha256).write_bytes(b"something else")
    client.force_login(cast["pr"])
    assert client.get(address).status_code == 410
    with pytest.raises(Unfit):
        attachments.lay_down([Upload("c.png", PNG + b"new"), Upload("d.html", b"<html>")])
    assert not (tmp_path / "evidence" / sha256(PNG + b"new").hexdigest()[:2]).exists()
    assert Attachment.objects.count() == 2
