"""Advisers: who agrees to an engagement, that nothing forbidden gets through, advice and cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident, Membership
from response.models import CostLine, Engagement
from response.notnow import NotNow
from response.services import outreach
from tests.response.factories import incident_at
from tests.response.test_outreach import contact_of


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    """A confidential one, on which 公关 works and no other of the team."""
    incident = incident_at(Level.TWO, cast, noon, is_confidential=True)
    Membership.objects.create(incident=incident, person=cast["pr"], added_at=noon)
    return incident


def terms(cast: dict[str, User], now: datetime, **said: Any) -> dict[str, Any]:
    return {
        "contact": contact_of(cast, now, kind="agency", organisation="清河公关"),
        "incident": None,
        "scope": "监测与媒体沟通，不得刷评。",
        "starts_on": date(2026, 11, 18),
        "ends_on": date(2026, 12, 18),
        "fee": Decimal("80000"),
        "currency": "CNY",
        **said,
    }


def test_a_leader_agrees_who_did_not_draft_it_and_only_once(cast: dict[str, User], noon: datetime) -> None:
    found = outreach.save_engagement(None, actor=cast["legal"], now=noon, said=terms(cast, noon))
    for who in ("pr", "legal", "member", "spokesperson", "head", "admin"):
        with pytest.raises(PermissionDenied):
            outreach.agree_engagement(found, actor=cast[who], now=noon, seen_version=1)
    outreach.agree_engagement(found, actor=cast["deputy"], now=noon, seen_version=1)
    with pytest.raises(NotNow, match="已经同意"):
        outreach.agree_engagement(found, actor=cast["gm"], now=noon, seen_version=2)
    with pytest.raises(NotNow, match="另写一份"):
        outreach.save_engagement(found, actor=cast["legal"], now=noon, seen_version=2, said=terms(cast, noon))
    found.refresh_from_db()
    assert (found.state, found.agreed_by) == ("agreed", cast["deputy"])
    assert found.is_over(date(2026, 12, 19))
    assert not found.is_over(date(2026, 12, 18))


def test_what_the_law_forbids_is_never_agreed_to_whoever_asks(cast: dict[str, User], noon: datetime) -> None:
    said = terms(cast, noon, scope="媒体沟通，另负责删帖。")
    found = outreach.save_engagement(None, actor=cast["pr"], now=noon, said=said)
    with pytest.raises(NotNow, match="负责删帖"):
        outreach.agree_engagement(found, actor=cast["gm"], now=noon, seen_version=1)
    better = said | {"scope": "媒体沟通。"}
    outreach.save_engagement(found, actor=cast["market"], now=noon, seen_version=1, said=better)
    with pytest.raises(Stale):  # what the leader read was another text
        outreach.agree_engagement(found, actor=cast["gm"], now=noon, seen_version=1)
    found.refresh_from_db()
    assert found.state == "draft"


def test_only_advisers_are_engaged_and_for_days_that_exist(cast: dict[str, User], noon: datetime) -> None:
    wrong = {
        "不属于其中任何一类": {"contact": contact_of(cast, noon, kind="media")},
        "早于开始日期": {"ends_on": date(2026, 11, 17)},
    }
    for words, said in wrong.items():
        with pytest.raises(NotNow, match=words):
            outreach.save_engagement(None, actor=cast["pr"], now=noon, said=terms(cast, noon, **said))
    assert not Engagement.objects.exists()


def test_advice_and_cost_follow_once_it_is_agreed(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    found = outreach.save_engagement(None, actor=cast["pr"], now=noon, said=terms(cast, noon, incident=incident))
    line = {"spent_on": date(2026, 11, 18), "amount": Decimal("1200.50"), "what": "公证费"}
    with pytest.raises(NotNow, match="还没有人同意"):
        outreach.record_cost(found, actor=cast["pr"], now=noon, **line)
    outreach.agree_engagement(found, actor=cast["gm"], now=noon, seen_version=1)
    outreach.record_advice(found, actor=cast["legal"], now=noon, text="先固定证据。")
    outreach.record_cost(found, actor=cast["pr"], now=noon, **line)
    outreach.record_cost(found, actor=cast["pr"], now=noon, **line | {"amount": Decimal("-200.50"), "what": "多记"})
    with pytest.raises(NotNow, match="还没到"):
        outreach.record_cost(found, actor=cast["pr"], now=noon, **line | {"spent_on": date(2026, 11, 19)})
    assert sum(line.amount for line in CostLine.objects.all()) == Decimal("1000.00")
    assert [entry.event for entry in incident.timeline.all()] == [
        "response.advice_recorded",
        "response.engagement_agreed",
        "response.engagement_drafted",
    ]
    assert Entry.objects.filter(event="response.cost_recorded").count() == 2


def test_the_pages_show_it_to_those_who_may_know_the_incident(
    cast: dict[str, User], incident: Incident, noon: datetime, signed_in: Any
) -> None:
    adviser = contact_of(cast, noon, kind="lawyer", organisation="海州律所")
    typed = {
        "contact": adviser.pk,
        "incident": incident.pk,
        "scope": "代理诉讼，另组织水军。",
        "starts_on": "2026-11-18",
        "ends_on": "2026-12-18",
        "fee": "5000",
        "currency": "CNY",
    }
    client: Client = signed_in("pr")
    page = client.post("/advisers/add/", typed, follow=True)
    found = Engagement.objects.get()
    here = found.get_absolute_url()
    assert "水军" in page.content.decode()
    assert "第二十四条" in page.content.decode()
    refused = signed_in("gm").post(f"{here}agree/", {"version": 1}, follow=True)
    assert "“水军”" in refused.content.decode()
    client.post(f"{here}edit/", typed | {"scope": "代理诉讼。", "version": 1})
    signed_in("gm").post(f"{here}agree/", {"version": 2})
    client.post(f"{here}cost/", {"spent_on": "2026-11-18", "amount": "1200", "what": "公证费"})
    client.post(f"{here}advice/", {"text": "先固定证据"})
    shown = client.get(here).content.decode()
    assert "先固定证据" in shown
    assert "3800.00" in shown.replace(",", "")
    assert signed_in("market").get(here).status_code == 404  # the incident is confidential
    assert here not in signed_in("market").get("/advisers/").content.decode()
    assert signed_in("dept").get("/advisers/").status_code == 403
