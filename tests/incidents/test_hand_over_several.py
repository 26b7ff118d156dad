"""Incidents chosen in the list go to another lead or department, each by its own act; the answer says which not."""

import pytest
from django.contrib.messages import get_messages

from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import Incident
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db
URL = "/incidents/hand-over/"


@pytest.fixture
def three(cast):
    return [standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"], lead=cast["pr"]) for _ in range(3)]


def handed(client, incidents, **values):
    chosen = [f"{incident.number}:{incident.version}" for incident in incidents]
    answer = client.post(URL, {"chosen": chosen, **values})
    return answer.status_code, [str(message) for message in get_messages(answer.wsgi_request)]


def leads():
    return [row.lead.username for row in Incident.everywhere.order_by("pk")]


def test_those_chosen_change_and_no_other(signed_in, cast, three):
    assert handed(signed_in("pr"), three[:2], lead=cast["legal"].uuid) == (302, ["移交了 2 个事件。"])
    assert leads() == ["legal", "legal", "pr"]
    assert Entry.objects.filter(event="incidents.handed_over").count() == 2


def test_what_could_not_be_is_named_with_its_reason_and_the_rest_is_done(signed_in, cast, three):
    stale, over, _good = three
    Incident.everywhere.filter(pk=stale.pk).update(version=stale.version + 1)
    Incident.everywhere.filter(pk=over.pk).update(stage=Stage.ARCHIVED)
    secret = standing_at(Stage.RESPONDING, Level.ONE, opened_by=cast["gm"], lead=cast["gm"], is_confidential=True)
    _status, words = handed(signed_in("legal"), [*three, secret], lead=cast["legal"].uuid)
    assert leads() == ["pr", "pr", "legal", "gm"]
    assert words == [
        f"{stale.number} 保持不变：您查看之后有人改过它。",
        f"{over.number} 保持不变：您无权修改，或事件已经结束。",
        f"{secret.number} 保持不变：它已不在您的列表中。",
        "移交了 1 个事件。",
    ]


def test_sent_twice_it_is_done_once(signed_in, cast, three):
    client = signed_in("pr")
    handed(client, three[:1], lead=cast["legal"].uuid)
    three[0].refresh_from_db()
    assert handed(client, three[:1], lead=cast["legal"].uuid)[1][-1].startswith(f"{three[0].number} 保持不变")
    assert Entry.objects.filter(event="incidents.handed_over").count() == 1


@pytest.mark.parametrize("chosen", [[], ["YQ-2026-101"], ["YQ-2026-101:x"], [":1"], ["x:1"] * 51])
def test_what_cannot_be_read_changes_nothing(signed_in, cast, three, chosen):
    answer = signed_in("pr").post(URL, {"chosen": chosen, "lead": cast["legal"].uuid})
    assert (answer.status_code, leads()) == (302, ["pr"] * 3)


@pytest.mark.parametrize("who", ["monitor", "gm", "auditor", "outsider"])
def test_who_may_not(signed_in, cast, three, who):
    assert (handed(signed_in(who), three, lead=cast["legal"].uuid)[0], leads()) == (403, ["pr"] * 3)
