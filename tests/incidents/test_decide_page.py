"""The decision on a phone: what it shows, two taps, and that looking decides nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import LevelRequest
from incidents.services import levels
from tests.cast import PASSWORD
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
State = LevelRequest.State


@pytest.fixture
def waiting(cast, incident):
    return asked(incident, Level.TWO, by=cast["legal"])


def url_of(request, act="decide"):
    return reverse(f"incidents:{act}", args=[request.uuid])


def proven(client):
    """The person of this browser has just given their password again."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


# --- looking ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["", "?ask=approve", "?ask=otherwise", "?ask=return", "?ask=nonsense"])
def test_looking_decides_nothing(signed_in, incident, waiting, query):
    client = proven(signed_in("gm"))
    assert client.get(url_of(waiting) + query).status_code == 200
    for act in ("approve-level", "decide-otherwise", "return-level", "withdraw-level", "take-back-level"):
        assert client.get(url_of(waiting, act), {"version": 1, "level": 1}).status_code == 405

    waiting.refresh_from_db()
    incident.refresh_from_db()
    assert (waiting.state, waiting.version, incident.level, incident.timeline.count()) == (State.REQUESTED, 1, 0, 0)
    assert not Entry.objects.exists()


def test_the_first_page_says_what_a_decision_needs(signed_in, incident, waiting):
    page = signed_in("gm").get(url_of(waiting))
    html = page.content.decode()

    assert page.context["may_decide"]
    assert [word in html for word in (waiting.reason, incident.title, "陈序")] == [True] * 3
    assert [f"?ask={ask}" in html for ask in ("approve", "otherwise", "return")] == [True] * 3
    assert "<form" not in html.split('id="bar"')[1].split("</div>")[0]  # nothing to press by mistake


@pytest.mark.parametrize("who", ["pr", "legal", "member", "monitor", "auditor"])
def test_who_may_not_decide_is_offered_nothing(signed_in, waiting, who):
    page = signed_in(who).get(f"{url_of(waiting)}?ask=approve")
    assert (page.status_code, page.context["may_decide"]) == (200, False)
    assert url_of(waiting, "approve-level") not in page.content.decode()


def test_the_bar_comes_by_itself(signed_in, waiting):
    part = signed_in("gm").get(f"{url_of(waiting)}?ask=approve", headers={"HX-Request": "true"}).content.decode()
    assert ("<html" in part, 'id="bar"' in part, url_of(waiting, "approve-level") in part) == (False, True, True)


# --- two taps --------------------------------------------------------------------------------------------------------
def forms_on(client, url):
    """The one form each button of a page would send, as (action, data), read from its HTML as a browser does."""
    from html.parser import HTMLParser

    found: list[tuple[str, dict[str, str]]] = []

    class Forms(HTMLParser):
        action = ""
        hidden: dict[str, str] = {}

        def handle_starttag(self, tag, attrs):
            values = dict(attrs)
            if tag == "form":
                self.action, self.hidden = values.get("action", ""), {}
            elif tag == "input" and values.get("type") in ("hidden", "text") and "name" in values:
                self.hidden[values["name"]] = values.get("value") or ""
            elif tag == "button" and self.action and values.get("type") == "submit":
                own = {values["name"]: values["value"]} if "name" in values else {}
                found.append((self.action, {**self.hidden, **own}))

        def handle_endtag(self, tag):
            if tag == "form":
                self.action = ""

    Forms().feed(client.get(url).content.decode())
    return found


def test_approval_in_two_taps(signed_in, incident, waiting):
    client = signed_in("gm")
    forms = forms_on(client, f"{url_of(waiting)}?ask=approve")  # the first tap
    [(action, data)] = [each for each in forms if "approve" in each[0]]
    answer = client.post(action, data)  # the second

    incident.refresh_from_db()
    assert (answer.status_code, answer.url, incident.level) == (302, url_of(waiting), Level.TWO)


def test_returning_in_two_taps(signed_in, incident, waiting):
    client = signed_in("gm")
    forms = [each for each in forms_on(client, f"{url_of(waiting)}?ask=return") if "return" in each[0]]
    assert len(forms) == 3
    assert client.post(*forms[0]).status_code == 302

    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision_note) == (State.RETURNED, forms[0][1]["preset"])


def test_another_level_in_two_taps(signed_in, incident, waiting):
    client = signed_in("gm")
    forms = [each for each in forms_on(client, f"{url_of(waiting)}?ask=otherwise") if "otherwise" in each[0]]
    assert [data["level"] for _action, data in forms] == ["1", "3"]
    assert client.post(*forms[1]).status_code == 302

    waiting.refresh_from_db()
    incident.refresh_from_db()
    assert (waiting.state, waiting.decided_level, incident.level) == (State.DECIDED_OTHERWISE, 3, 3)
    assert len(waiting.decision_note) >= 10


def test_a_reason_of_ones_own_is_kept_instead(signed_in, waiting):
    own = "影响有限，由市场部先行处置，两小时后再评估"
    signed_in("gm").post(url_of(waiting, "decide-otherwise"), {"version": 1, "level": 3, "note": own})
    waiting.refresh_from_db()
    assert waiting.decision_note == own


def test_a_member_is_offered_only_what_a_member_may_decide(signed_in, cast, incident):
    request = asked(incident, Level.THREE, by=cast["legal"])
    assert signed_in("member").get(f"{url_of(request)}?ask=otherwise").context["others"] == []


# --- a fresh credential ----------------------------------------------------------------------------------------------
def test_level_one_asks_for_proof_between_the_taps(signed_in, cast, incident):
    request = asked(incident, Level.ONE, by=cast["legal"])
    client = signed_in("gm")
    ask = f"{url_of(request)}?ask=approve"

    sent_away = client.get(ask)
    assert (sent_away.status_code, sent_away.url.split("?")[0]) == (302, reverse("account_reauthenticate"))
    assert proven(client).get(ask).status_code == 200
    assert client.post(url_of(request, "approve-level"), {"version": 1}).status_code == 302
    incident.refresh_from_db()
    assert incident.level == Level.ONE


def test_posting_past_the_proof_decides_nothing(signed_in, cast, incident):
    request = asked(incident, Level.ONE, by=cast["legal"])
    answer = signed_in("gm").post(url_of(request, "approve-level"), {"version": 1})

    request.refresh_from_db()
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_reauthenticate"))
    assert (request.state, incident.timeline.count()) == (State.REQUESTED, 0)


def test_level_two_does_not_ask(signed_in, waiting):
    assert signed_in("gm").get(f"{url_of(waiting)}?ask=approve").status_code == 200


# --- refusals --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["approve-level", "decide-otherwise", "return-level"])
@pytest.mark.parametrize("who", ["pr", "legal", "member", "monitor", "spokesperson"])
def test_who_may_not_is_refused_and_it_is_on_record(signed_in, incident, waiting, act, who):
    data = {"version": 1, "level": 3, "note": "请先核实批次信息再报，事实不足"}
    assert signed_in(who).post(url_of(waiting, act), data).status_code == 403

    waiting.refresh_from_db()
    assert (waiting.state, incident.timeline.count()) == (State.REQUESTED, 0)
    assert [(entry.event, entry.actor.username) for entry in Entry.objects.all()] == [("accounts.act_refused", who)]


@pytest.mark.parametrize("who", ["head", "dept", "admin", "security", "outsider"])
def test_who_does_not_see_it_finds_nothing(signed_in, waiting, who):
    assert signed_in(who).post(url_of(waiting, "approve-level"), {"version": 1}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == State.REQUESTED


def test_a_link_sent_on_opens_for_who_may_see_and_decides_for_nobody_else(signed_in, waiting):
    assert signed_in("tech").get(f"{url_of(waiting)}?ask=approve").context["may_decide"] is False
    assert signed_in("outsider").get(url_of(waiting)).status_code == 404


def test_a_stale_look_is_answered_with_409(signed_in, incident, waiting):
    answer = signed_in("gm").post(url_of(waiting, "approve-level"), {"version": 9})
    assert (answer.status_code, bool(answer.context["too_late"])) == (409, True)
    incident.refresh_from_db()
    assert incident.level == 0


def test_a_request_that_lapsed_says_so(signed_in, cast, incident, waiting, noon):
    levels.request_level(incident, 3, actor=cast["market"], now=noon, reason="改报三级，影响有限可自行处理")
    answer = signed_in("gm").post(url_of(waiting, "approve-level"), {"version": 1})
    assert (answer.status_code, answer.context["asked"].state) == (409, State.LAPSED)


def test_something_missing_decides_nothing(signed_in, incident, waiting):
    assert signed_in("gm").post(url_of(waiting, "approve-level"), {}).status_code == 302
    assert signed_in("gm").post(url_of(waiting, "decide-otherwise"), {"version": 1, "level": 2}).status_code == 302
    assert signed_in("gm").post(url_of(waiting, "return-level"), {"version": 1, "note": "不"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == State.REQUESTED


# --- afterwards ------------------------------------------------------------------------------------------------------
def test_ten_minutes_to_take_it_back(signed_in, incident, waiting, noon, time_machine):
    client = signed_in("gm")
    client.post(url_of(waiting, "approve-level"), {"version": 1})
    time_machine.move_to(noon + timedelta(minutes=4), tick=False)
    page = client.get(url_of(waiting))
    assert (page.context["take_back_until"], page.context["take_back_left"]) == (
        noon + timedelta(minutes=10),
        timedelta(minutes=6),
    )

    assert client.post(url_of(waiting, "take-back-level"), {"version": 2}).status_code == 302
    incident.refresh_from_db()
    assert (incident.level, incident.stage) == (0, Stage.TRIAGED)


@pytest.mark.parametrize(("who", "minutes"), [("gm", 11), ("deputy", 1), ("legal", 1)])
def test_afterwards_or_for_others_there_is_nothing_to_take_back(signed_in, waiting, noon, time_machine, who, minutes):
    signed_in("gm").post(url_of(waiting, "approve-level"), {"version": 1})
    time_machine.move_to(noon + timedelta(minutes=minutes), tick=False)
    assert signed_in(who).get(url_of(waiting)).context["take_back_until"] is None


def test_both_names_stand_on_the_page(signed_in, cast, waiting):
    away(cast["gm"], cast["member"])
    client = signed_in("member")
    assert client.get(url_of(waiting)).context["acts_for"] == cast["gm"]
    client.post(url_of(waiting, "approve-level"), {"version": 1})
    html = client.get(url_of(waiting)).content.decode()
    assert [name in html for name in ("罗敏", "王立群")] == [True, True]


# --- 待我审批 --------------------------------------------------------------------------------------------------------
def test_what_waits_for_me_the_most_urgent_first(signed_in, cast, incident, waiting):
    calm = standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"])
    three = asked(calm, Level.THREE, by=cast["market"])

    for who, asks in (("gm", [waiting, three]), ("member", [three]), ("pr", [])):
        page = signed_in(who).get(reverse("incidents:approvals"))
        assert [one.row for one in page.context["waiting"]] == asks


def test_what_i_decided_lately(signed_in, cast, waiting, noon):
    levels.approve(waiting, actor=cast["gm"], now=noon, fresh=True, seen_version=1)
    page = signed_in("gm").get(reverse("incidents:approvals"))
    assert (page.context["waiting"], list(page.context["decided"])) == ([], [waiting])


def test_a_confidential_request_waits_for_leaders_only(signed_in, cast):
    secret = standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"], is_confidential=True)
    request = asked(secret, Level.TWO, by=cast["legal"])
    assert signed_in("deputy").get(url_of(request)).status_code == 200
    assert signed_in("pr").get(url_of(request)).status_code == 404


# --- a link on its way -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["head", "dept", "outsider", "admin"])
def test_a_link_opened_by_somebody_else_shows_a_sentence_and_nothing_of_the_content(signed_in, cast, waiting, who):
    page = signed_in(who).get(url_of(waiting))
    unknown = signed_in(who).get(reverse("incidents:decide", args=["00000000-0000-0000-0000-000000000000"]))
    html = page.content.decode()

    assert (page.status_code, unknown.status_code) == (404, 404)
    secrets = (waiting.reason, waiting.incident.title, waiting.incident.number, str(cast["legal"]))
    assert [secret in html for secret in secrets] == [False] * 4
    assert [each.templates[0].name for each in (page, unknown)] == ["incidents/not_yours.html"] * 2


def test_a_preview_bot_sees_the_sign_in_page_and_decides_nothing(client, waiting):
    for query in ("", "?ask=approve"):
        assert client.get(url_of(waiting) + query).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.version) == (State.REQUESTED, 1)


def test_a_role_removed_between_page_and_click_decides_nothing(signed_in, cast, incident, waiting):
    client = signed_in("gm")
    assert client.get(f"{url_of(waiting)}?ask=approve").context["may_decide"]
    cast["gm"].groups.clear()
    answer = client.post(url_of(waiting, "approve-level"), {"version": 1})
    incident.refresh_from_db()
    assert (answer.status_code in (403, 404), incident.level) == (True, 0)


def test_the_late_one_is_told_what_happened_and_by_whom(signed_in, cast, incident, waiting, noon):
    levels.approve(waiting, actor=cast["gm"], now=noon, fresh=True, seen_version=1)
    page = signed_in("deputy").post(url_of(waiting, "approve-level"), {"version": 1})
    assert (page.status_code, str(cast["gm"]) in page.context["too_late"]) == (409, True)


def test_dismissed_while_a_leader_looks_it_says_who_did(signed_in, cast, incident, waiting, noon):
    from incidents.services.stages import dismiss

    dismiss(incident, actor=cast["tech"], now=noon, note="核实为同名门店，与本公司无关")
    page = signed_in("gm").post(url_of(waiting, "approve-level"), {"version": 1})
    assert (page.status_code, str(cast["tech"]) in page.context["too_late"]) == (409, True)


def test_taking_back_says_first_what_it_does(signed_in, incident, waiting):
    client = signed_in("gm")
    client.post(url_of(waiting, "approve-level"), {"version": 1})
    assert url_of(waiting, "take-back-level") not in client.get(url_of(waiting)).content.decode()
    assert url_of(waiting, "take-back-level") in client.get(f"{url_of(waiting)}?ask=take-back").content.decode()
    incident.refresh_from_db()
    assert incident.level == Level.TWO
