import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.export import safe_cell
from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import AffectedKind
from incidents.selectors.approvals import approvals_waiting_count
from incidents.selectors.lists import open_count
from incidents.services import assessing
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db
URL = "/incidents/"


@pytest.fixture
def several(cast):
    return {
        "grave": standing_at(Stage.RESPONDING, Level.ONE, opened_by=cast["pr"], title="一级的事", lead=cast["legal"]),
        "small": standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"], title="三级的事"),
        "new": standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"], title="未定的事"),
        "over": standing_at(Stage.ARCHIVED, Level.TWO, opened_by=cast["pr"], title="过去的事"),
    }


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
    ],
)
def test_filters_live_in_the_address(signed_in, several, query, titles):
    assert shown(signed_in("legal"), query) == titles


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


# --- export ----------------------------------------------------------------------------------------------------------
def exported(client, query=""):
    answer = client.get(reverse("incidents:export") + query)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


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
