import csv
import io
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Department
from audit.export import safe_cell
from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import AffectedKind, LevelRequest
from incidents.selectors.approvals import approvals_waiting_count
from incidents.selectors.lists import open_count
from incidents.services import assessing
from incidents.services.timeline import write_entry
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
URL = "/incidents/"
DAY = timedelta(days=1)


@pytest.fixture
def several(cast, noon):
    rows = {
        "grave": standing_at(Stage.RESPONDING, Level.ONE, opened_by=cast["pr"], title="一级的事", lead=cast["legal"]),
        "small": standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"], title="三级的事"),
        "new": standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"], title="未定的事"),
        "over": standing_at(Stage.ARCHIVED, Level.TWO, opened_by=cast["pr"], title="过去的事"),
    }
    small, new = rows["small"], rows["new"]
    type(small).objects.filter(pk=small.pk).update(department=Department.objects.get(code="operations"))
    type(new).objects.filter(pk=new.pk).update(first_known_at=noon - 2 * DAY)
    asked(small, Level.TWO, by=cast["pr"])
    new.refresh_from_db()
    with transaction.atomic():
        write_entry(new, "incidents.opened", actor=cast["pr"], now=noon - 2 * DAY, before={})  # starts its clocks
    return rows


def shown(client, query=""):
    return [row["incident"].title for row in client.get(URL + query).context["rows"]]


def test_the_gravest_first_and_what_is_over_left_out(signed_in, several):
    assert shown(signed_in("pr")) == ["一级的事", "三级的事", "未定的事"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?stage=archived", ["过去的事"]),
        ("?stage=all", ["一级的事", "三级的事", "未定的事", "过去的事"]),
        ("?level=1", ["一级的事"]),
        ("?level=0", ["未定的事"]),
        ("?mine=on", ["一级的事"]),
        ("?q=三级", ["三级的事"]),
        ("?q=未定&stage=all", ["未定的事"]),
        ("?level=nonsense", ["一级的事", "三级的事", "未定的事"]),
        ("?level=nonsense&stage=archived", ["过去的事"]),
        ("?department=operations", ["三级的事"]),
        ("?waiting=on", ["三级的事"]),
        ("?overdue=on", ["未定的事"]),
        ("?confidential=on", []),
        ("?since=2026-11-17", ["一级的事", "三级的事"]),
        ("?until=2026-11-16&q=YQ", ["未定的事"]),
        ("?sort=oldest", ["未定的事", "一级的事", "三级的事"]),
        ("?sort=clock", ["未定的事", "一级的事", "三级的事"]),
        ("?sort=lead", ["一级的事", "三级的事", "未定的事"]),
        ("?sort=nonsense", ["一级的事", "三级的事", "未定的事"]),
    ],
)
def test_filters_live_in_the_address(signed_in, several, query, titles):
    assert shown(signed_in("legal"), query) == titles


def test_by_lead_and_the_address_is_kept_by_what_leads_on(signed_in, cast, several):
    client = signed_in("pr")
    assert shown(client, f"?lead={cast['legal'].uuid}") == ["一级的事"]
    page = client.get(f"{URL}?level=3&sort=clock").content.decode()
    for kept in ("/incidents/export.csv?level=3&amp;sort=clock", "/incidents/export.xlsx?level=3&amp;sort=clock"):
        assert kept in page
    assert "?level=3&amp;sort=known" in page


def test_by_number_and_by_what_it_affects(signed_in, several):
    several["small"].affects.add(AffectedKind.objects.get(code="brand"))
    assert shown(signed_in("pr"), "?affects=brand") == ["三级的事"]
    assert shown(signed_in("pr"), f"?q={several['grave'].number[-4:]}") == ["一级的事"]


def test_nothing_to_show_says_why(signed_in, several):
    assert "没有" in signed_in("pr").get(f"{URL}?q=没有这回事").content.decode()
    for incident in several.values():
        type(incident).everywhere.filter(pk=incident.pk).update(stage=Stage.ARCHIVED, closed_at=incident.opened_at)
    assert signed_in("pr").get(URL).context["last_closed"] is not None


def test_the_confidential_is_not_in_the_list_nor_in_the_count(signed_in, cast, several):
    standing_at(Stage.RESPONDING, Level.ONE, opened_by=cast["gm"], title="秘密的事", is_confidential=True)
    assert ("秘密的事" in shown(signed_in("pr")), open_count(cast["pr"])) == (False, 3)
    assert ("秘密的事" in shown(signed_in("gm")), open_count(cast["gm"])) == (True, 4)


def full(cast, noon, count):
    for _ in range(count):
        incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"], lead=cast["legal"])
        topic = TopicFactory()
        MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(published_at=noon))
        incident.topics.add(topic)
        assessing.measure(incident, noon)
        asked(incident, Level.TWO, by=cast["legal"])


@pytest.mark.parametrize(("who", "url"), [("pr", URL), ("gm", "/incidents/approvals/")])
def test_as_many_queries_for_one_as_for_three(signed_in, cast, noon, who, url):
    client = signed_in(who)
    client.get(url)  # the first request of a session writes it down
    counts = []
    for more in (1, 2):
        full(cast, noon, more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_counts_of_the_rail(cast, noon):
    full(cast, noon, 2)
    assert {who: approvals_waiting_count(cast[who]) for who in ("gm", "member", "pr", "outsider")} == {
        "gm": 2,
        "member": 0,
        "pr": 0,
        "outsider": 0,
    }


def test_the_approvals_page_shows_as_many_as_the_rail_counts_the_most_urgent_first(signed_in, cast, noon):
    full(cast, noon, 2)
    grave = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    asked(grave, Level.ONE, by=cast["legal"], requested_at=noon - DAY)
    provisional = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    asked(provisional, Level.TWO, by=cast["pr"], state=LevelRequest.State.PROVISIONAL)
    ended = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    asked(ended, Level.TWO, by=cast["pr"], kind=LevelRequest.Kind.END)
    page = signed_in("gm").get("/incidents/approvals/").context
    due = [each.due_at for each in page["waiting"]]
    assert (due, len(due)) == (sorted(due), 5)
    assert page["waiting"][0].row.incident == grave
    assert approvals_waiting_count(cast["gm"]) == len(page["waiting"])


def test_a_principal_is_warned_of_what_their_delegate_asked_for(signed_in, cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    asked(incident, Level.TWO, by=cast["legal"])
    away(cast["gm"], cast["legal"], timezone.now())
    panel = "/incidents/approvals/of-delegates/"
    assert panel in signed_in("gm").get("/people/delegation/").content.decode()
    assert incident.number in signed_in("gm").get(panel).content.decode()
    assert signed_in("deputy").get(panel).content.strip() == b""


# --- export ----------------------------------------------------------------------------------------------------------
def exported(client, query=""):
    answer = client.get(reverse("incidents:export") + query)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_workbook_has_the_columns_of_the_csv(signed_in, several):
    client = signed_in("gm")
    book = load_workbook(io.BytesIO(client.get(reverse("incidents:export-xlsx") + "?stage=all").content))
    assert [[cell or "" for cell in row] for row in book.active.values] == exported(client, "?stage=all")


def test_the_export_is_the_filtered_list(signed_in, several):
    rows = exported(signed_in("gm"), "?level=1")
    assert [row[:2] for row in rows[1:]] == [[several["grave"].number, "一级的事"]]
    entry = Entry.objects.get()
    assert (entry.event, entry.detail) == ("incidents.exported", {"rows": 1, "filters": {"level": "1"}})


def test_no_cell_is_a_formula(signed_in, cast):
    standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"], title='=HYPERLINK("http://evil.example","x")')
    assert exported(signed_in("pr"))[1][1] == '\'=HYPERLINK("http://evil.example","x")'


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "  =1"])
def test_every_beginning_a_spreadsheet_may_run(cell):
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "一级的事", "a=b", "3 家"])
def test_plain_cells_stay(cell):
    assert safe_cell(cell) == cell


@pytest.mark.parametrize("who", ["monitor", "spokesperson", "head", "outsider"])
def test_who_may_not_export(signed_in, several, who):
    assert signed_in(who).get(reverse("incidents:export")).status_code == 403
