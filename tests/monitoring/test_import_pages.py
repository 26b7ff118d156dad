"""Importing a file in the browser: bring it, name its columns, see the first rows, start, read the result, undo."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.models import Import
from monitoring.reading.rows import PRESETS
from monitoring.services import imports as services
from opinion.models import Post, Source
from tests.factories import NOON, WatchFactory
from tests.monitoring.tables import brought, csv_of, row, taken_in

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("monitoring:imports"), reverse("monitoring:add-import")


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(body: bytes, name: str = "导出.csv") -> dict:
    return {"file": SimpleUploadedFile(name, body), "preset": "posts", "name": "监测工具", "platform": "微博"}


def address(name: str, one: Import) -> str:
    return reverse(f"monitoring:{name}", args=[one.uuid])


def mapping_of(one: Import) -> dict:
    return {**one.mapping, "version": one.version}


def test_from_the_file_to_its_posts(signed_in):
    WatchFactory(rule="晴野")
    client = signed_in("monitor")
    bring = client.post(ADD, upload(csv_of(row(1), row(2), row(3, at="不详"))))
    one = Import.objects.get()
    assert bring.url == address("import", one)
    page = client.get(bring.url)
    shown = [(row.number, row.is_wanted, reason) for row, reason in page.context["rows"]]
    assert [(number, wanted) for number, wanted, _reason in shown] == [(2, True), (3, True), (4, False)]
    assert [bool(reason) for _number, _wanted, reason in shown] == [False, False, True]
    assert not Post.objects.exists()
    assert client.post(address("start-import", one), mapping_of(one)).url == bring.url
    assert "every 2s" in client.get(bring.url).content.decode()
    services.work(lambda: NOON)
    done = client.get(bring.url)
    assert done.context["one"].stored == 2
    assert "every 2s" not in done.content.decode()
    assert len(client.get(address("import-posts", one)).context["page_obj"].object_list) == 2


def test_the_preview_shows_what_is_known_already_and_what_nobody_wants(signed_in, cast):
    WatchFactory(rule="晴野")
    taken_in(csv_of(row(1)), cast["monitor"])
    one = brought(csv_of(row(1), row(2), row(2), row(3, "别家的事")), cast["monitor"])
    page = signed_in("monitor").get(address("import", one))
    shown = [(row.is_known, row.is_wanted) for row, _reason in page.context["rows"]]
    assert shown == [(True, True), (False, True), (True, True), (False, False)]


def test_the_preview_follows_the_columns_chosen_and_saves_nothing(signed_in, cast):
    one = brought(csv_of(row(1, "说的话")), cast["monitor"])
    answer = signed_in("monitor").get(
        address("preview-import", one), {"version": 1, "text": "作者"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "<form" not in page
    assert "账号1" in page
    assert "说的话" not in page
    one.refresh_from_db()
    assert one.mapping["text"] == "内容"


def test_a_preview_takes_the_same_queries_however_many_rows(signed_in, cast):
    client, counts = signed_in("monitor"), []
    client.get(LIST)
    for most in (1, 3, 20):
        one = brought(csv_of(*(row(n) for n in range(most))), cast["monitor"])
        with CaptureQueriesContext(connection) as queries:
            client.get(address("import", one))
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_the_list_shows_every_file_with_one_query_count_and_a_filter(signed_in, cast):
    client, counts = signed_in("monitor"), []
    assert "ui" not in client.get(LIST).context["form"].errors
    for most in (1, 3):
        while Import.objects.count() < most:
            brought(csv_of(row(Import.objects.count())), cast["monitor"])
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(LIST).context["page_obj"].object_list) == most
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert len(client.get(LIST, {"state": "mapping"}).context["page_obj"].object_list) == 3
    assert len(client.get(LIST, {"state": "done"}).context["page_obj"].object_list) == 0


def test_the_result_takes_the_same_queries_however_many_rows_were_refused(signed_in, cast):
    client, counts = signed_in("monitor"), []
    client.get(LIST)
    for most in (1, 3, 30):
        one = taken_in(csv_of(*(row(n, at="不详") for n in range(most))), cast["monitor"])
        with CaptureQueriesContext(connection) as queries:
            client.get(address("import", one))
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_refused_rows_come_as_csv_with_number_column_and_why(signed_in, cast):
    body = b"=cmd,\xe5\x86\x85\xe5\xae\xb9\n1,\xe6\x99\xb4\xe9\x87\x8e\n"
    one = brought(body, cast["monitor"])
    services.start(one, {"likes": "=cmd", "text": "内容"}, seen_version=1, actor=cast["monitor"], now=NOON)
    one.rejected_rows.create(number=7, column="=cmd", reason="number_unreadable")
    answer = signed_in("monitor").get(address("rejected-rows", one), headers={"Accept-Language": "en"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == [["Row", "Column", "Why"], ["7", "'=cmd", "the number cannot be read"]]


def test_an_import_is_taken_back_by_one_button_and_says_so(signed_in, cast):
    WatchFactory(rule="晴野")
    one = taken_in(csv_of(row(1)), cast["monitor"])
    client = signed_in("pr")
    stale = client.post(address("take-back-import", one), {"version": one.version - 1})
    assert stale.status_code == 409
    assert client.post(address("take-back-import", one), {"version": one.version}).status_code == 302
    services.work(lambda: NOON)
    assert client.get(address("import", one)).context["went_back"] == 1
    assert client.get(address("import-posts", one)).context["page_obj"].paginator.count == 0


def test_an_old_page_does_not_start_it_twice(signed_in, cast):
    one = brought(csv_of(row(1)), cast["monitor"])
    client, values = signed_in("monitor"), mapping_of(one)
    assert client.post(address("start-import", one), {**values, "version": 9}).status_code == 409
    client.post(address("start-import", one), values)
    assert client.post(address("start-import", one), values).status_code == 302
    assert Import.objects.get().version == 2


def test_complaints_become_an_own_channel(signed_in):
    body = "工单号,投诉内容,渠道\nT-1,漏水,电话\n".encode()
    values = {**upload(body), "preset": "tickets", "name": "客服系统", "platform": ""}
    assert signed_in("pr").post(ADD, values).status_code == 302
    source = Source.objects.get(kind="import")
    assert (source.name, source.source_class, source.platform, source.is_enabled) == ("客服系统", "own", "客服", False)
    again = {**values, "file": SimpleUploadedFile("b.csv", body), "name": "", "source": str(source.uuid)}
    assert signed_in("pr").post(ADD, again).status_code == 302
    assert Source.objects.filter(kind="import").count() == 1


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": ""}, ["name", "file"]),  # the file is to be chosen again
        ({"platform": ""}, ["platform", "file"]),
        ({"file": SimpleUploadedFile("a.pdf", b"%PDF-1")}, ["file"]),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(signed_in, change, fields):
    answer = signed_in("monitor").post(ADD, {**upload(csv_of(row(1))), **change})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == fields
    assert not Import.objects.exists()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_kind_has_an_empty_table_to_fill(signed_in, preset):
    answer = signed_in("monitor").get(reverse("monitoring:import-template", args=[preset]))
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [list(PRESETS[preset].columns)]
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "admin", "outsider"])
def test_who_brings_no_files_sees_none(signed_in, cast, who):
    one, client = brought(csv_of(row(1)), cast["monitor"]), signed_in(who)
    assert {client.get(LIST).status_code, client.get(address("import", one)).status_code} == {403}
    refused = [client.post(ADD, upload(csv_of(row(2)))), client.post(address("take-back-import", one), {"version": 1})]
    assert {answer.status_code for answer in refused} == {403}
    assert Import.objects.count() == 1
