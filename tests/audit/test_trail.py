"""The auditor's page: who may read it, what the filter finds, the export, verifying."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from audit import triggers
from audit.export import COLUMNS, safe_cell
from audit.models import Entry
from audit.permissions import READER
from audit.services import record, verify

pytestmark = pytest.mark.django_db

TRAIL = "/audit/"


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def auditor(signed_in):
    client = signed_in("auditor")
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def trail(cast):
    """Four entries on three days (in Shanghai the last one is already on the 20th)."""
    for day, hour, event, who, subject in [
        (17, 4, "accounts.role_granted", "security", "person:dept"),
        (18, 4, "incidents.level_confirmed", "gm", "YQ-2026-001"),
        (19, 4, "incidents.level_confirmed", "deputy", "YQ-2026-002"),
        (19, 16, "response.released", "spokesperson", "SM-2026-001"),
    ]:
        with time_machine.travel(datetime(2026, 11, day, hour, tzinfo=UTC), tick=False):
            record(event, actor=cast[who], subject=subject, detail={"level": 2})


def shown(response):
    """The numbers of the entries on a page."""
    return [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', response.content.decode())]


# --- who -------------------------------------------------------------------------------------------------------------
def test_the_reader_is_the_auditor():
    assert READER == Role.AUDITOR


def test_only_the_auditor_reads_exports_and_verifies(cast, signed_in):
    for path, method in ((TRAIL, "get"), (f"{TRAIL}export/", "post"), (f"{TRAIL}verify/", "post")):
        allowed = {name for name in cast if getattr(signed_in(name), method)(path).status_code < 400}
        assert allowed == {"auditor"}, path


def test_a_refusal_to_read_is_on_the_record(cast, signed_in):
    assert signed_in("admin").get(TRAIL).status_code == 403
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.detail["act"]) == ("accounts.act_refused", cast["admin"], "read_trail")


def test_a_stranger_signs_in_first(client, db):
    assert client.get(TRAIL)["Location"] == f"/accounts/login/?next={TRAIL}"


# --- the filter ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"event": "incidents."}, [3, 2]),
        ({"event": "incidents.level_confirmed", "actor": "gm"}, [2]),
        ({"actor": "王立群"}, [2]),
        ({"subject": "YQ-2026-"}, [3, 2]),
        ({"since": "2026-11-18", "until": "2026-11-18"}, [2]),
        ({"since": "2026-11-20"}, [4]),
        ({"until": "2026-11-19"}, [3, 2, 1]),
        ({"event": "nothing."}, []),
    ],
)
def test_what_the_filter_finds(query, found, trail, auditor):
    assert shown(auditor.get(TRAIL, query)) == found


def test_a_filter_that_cannot_be_read_is_refused_with_the_field_named(trail, auditor):
    response = auditor.get(TRAIL, {"since": "yesterday"})
    assert response.status_code == 422
    assert "From : Enter a valid date." in words(response)


def test_an_empty_outcome_says_so(trail, auditor):
    assert "No entry fits" in words(auditor.get(TRAIL, {"event": "nothing."}))


def test_pages_go_on_where_the_last_ended_even_while_entries_come(cast, auditor):
    for n in range(60):
        record("test.happened", subject=f"one {n}")
    first = shown(auditor.get(TRAIL))
    record("test.happened", subject="meanwhile")
    second = shown(auditor.get(TRAIL, {"before": first[-1]}))
    assert (first, second) == (list(range(60, 10, -1)), list(range(10, 0, -1)))


def test_the_filter_stays_on_the_next_page(cast, auditor):
    for n in range(120):
        record("test.odd" if n % 2 else "test.even", subject=f"one {n}")
    page = auditor.get(TRAIL, {"event": "test.odd"}).content.decode()
    link = re.search(r'rel="next" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert shown(auditor.get(TRAIL + link)) == list(range(20, 0, -2))


def test_the_page_costs_the_same_with_more_entries(cast, auditor):
    record("test.happened", actor=cast["gm"])
    auditor.get(TRAIL)
    with CaptureQueriesContext(connection) as few:
        auditor.get(TRAIL)
    for name in ("pr", "legal", "gm", "deputy"):
        record("test.happened", actor=cast[name])
    with CaptureQueriesContext(connection) as many:
        auditor.get(TRAIL)
    assert len(many) == len(few)


def test_what_stands_in_an_entry_is_text(cast, auditor):
    record("test.happened", subject="<script>alert(1)</script>", detail={"<b>": "<img src=x>"})
    page = auditor.get(TRAIL).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


# --- the export ------------------------------------------------------------------------------------------------------
def rows_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_export_holds_what_the_filter_finds(trail, auditor):
    response = auditor.post(f"{TRAIL}export/", {"event": "incidents."})
    rows = rows_of(response)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert re.match(r'attachment; filename="audit-\d{8}-\d{4}\.csv"', response["Content-Disposition"])
    assert rows[0] == list(COLUMNS)
    second = Entry.objects.get(seq=2)
    assert rows[1:][-1] == [
        "2",
        "2026-11-18T04:00:00.000000Z",
        "incidents.level_confirmed",
        "person",
        "王立群",
        "YQ-2026-001",
        '{"level": 2}',
        second.prev_hash,
        second.hash,
    ]
    assert [row[0] for row in rows[1:]] == ["3", "2"]


def test_taking_an_export_is_on_the_record(cast, trail, auditor):
    rows_of(auditor.post(f"{TRAIL}export/", {"event": "incidents.", "actor": ""}))
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.event, entry.actor, entry.detail) == ("audit.exported", cast["auditor"], {"event": "incidents."})


def test_an_export_needs_a_post(auditor, trail):
    assert auditor.get(f"{TRAIL}export/").status_code == 405
    assert Entry.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("  =1+1", "'  =1+1"),
        ("＝1+1", "'＝1+1"),
        ("＠SUM", "'＠SUM"),
        ("\0=1", "'=1"),
        ("a\0b", "ab"),
        ("平常的话", "平常的话"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet(text, cell):
    assert safe_cell(text) == cell


def test_a_hostile_subject_comes_out_harmless(cast, auditor):
    record("test.happened", subject="=cmd|' /C calc'!A0", detail={"note": "x"})
    assert rows_of(auditor.post(f"{TRAIL}export/", {"event": "test."}))[1][5] == "'=cmd|' /C calc'!A0"


# --- verifying -------------------------------------------------------------------------------------------------------
def test_verifying_says_whole_and_writes_it_down(cast, trail, auditor):
    page = words(auditor.post(f"{TRAIL}verify/", follow=True))
    assert "The chain is whole: 4 entries." in page
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.event, entry.actor) == ("audit.verified", cast["auditor"])
    assert entry.detail == {"whole": True, "entries": 4, "bad_seq": None, "reason": ""}
    assert verify().whole


def test_verifying_names_the_first_bad_entry(cast, trail, auditor):
    triggers.lift()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET detail = %s WHERE seq = 2", [json.dumps({"level": 3})])
    triggers.install()
    page = words(auditor.post(f"{TRAIL}verify/", follow=True))
    assert "The chain is broken at entry 2" in page
    assert Entry.objects.order_by("-seq").first().detail["bad_seq"] == 2


def test_verifying_needs_a_post(auditor, trail):
    assert auditor.get(f"{TRAIL}verify/").status_code == 405
