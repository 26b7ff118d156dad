"""The desk, the sign-off page and the publish page, by the right people and refused to the wrong ones."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from incidents.selectors.approvals import approvals_waiting_count
from response.channels import CHANNELS
from response.models import Release, SignOff, Statement, StatementLook, StatementVersion
from response.services.signing import approve
from response.services.statements import revise, save_draft, submit
from tests.incidents.factories import asked, away
from tests.response.factories import GOOD_TEXT, draft_of, fact_of, in_review, incident_at, releasable

Signed = Callable[[str], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def incident(cast: dict[str, User], at_noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, at_noon)


def url(version: StatementVersion, rest: str = "") -> str:
    return f"/statements/{version.statement.uuid}/{rest}"


def typed(draft: StatementVersion, **changes: Any) -> dict[str, Any]:
    return {"version": draft.version, "title": draft.title, "text": draft.text, **changes}


# --- a bad line ------------------------------------------------------------------------------------------------------
def test_a_save_whose_answer_was_lost_may_be_sent_again(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    client, sent = signed_in("spokesperson"), typed(version, text="改过的话。", words_weibo="短 ", words_wechat="")
    assert client.post(url(version, "save/"), sent, headers=HTMX).status_code == 200
    again = client.post(url(version, "save/"), sent, headers=HTMX)
    assert (again.status_code, f'value="{version.version + 1}" id="id_version"' in again.content.decode()) == (
        200,
        True,
    )
    assert client.post(url(version, "save/"), {**sent, "text": "又改。"}, headers=HTMX).status_code == 409
    assert signed_in("market").post(url(version, "save/"), sent, headers=HTMX).status_code == 409
    there = StatementVersion.objects.get()
    assert (there.text, there.channel_words, there.version) == ("改过的话。", {"weibo": "短"}, version.version + 1)


# --- beginning and writing -------------------------------------------------------------------------------------------
def test_a_draft_begins_from_the_chosen_template(incident: Incident, signed_in: Signed) -> None:
    client, address = signed_in("spokesperson"), f"/incidents/{incident.number}/statements/new/"
    assert client.get(address).content.decode().count('name="kind"') == 9
    answer = client.post(address, {"kind": "T2"})
    statement = Statement.objects.get()
    assert (answer.headers["Location"], statement.kind) == (f"/statements/{statement.uuid}/", "T2")
    assert client.post(address, {"kind": "T9"}).status_code == 400


@pytest.mark.parametrize(("who", "status"), [("gm", 403), ("monitor", 403), ("outsider", 404)])
def test_who_does_not_write_begins_nothing(incident: Incident, signed_in: Signed, who: str, status: int) -> None:
    address = f"/incidents/{incident.number}/statements/new/"
    assert signed_in(who).get(address).status_code == status
    assert signed_in(who).post(address, {"kind": "T0"}).status_code == status
    assert not Statement.objects.exists()


def test_the_desk_shows_facts_words_and_checks(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon, text=GOOD_TEXT.replace("已停止", "已绝对停止"))
    fact_of(incident, cast, noon, state="checking", claim="其他门店情况")
    answer = signed_in("spokesperson").get(url(version))
    page = answer.content.decode()
    assert [fact.claim for fact in answer.context["facts"]] == ["已停业"]
    assert [fact.claim for fact in answer.context["other_facts"]] == ["其他门店情况"]
    assert 'data-insert="#id_text" data-words="[F1]"' in page
    assert 'data-locate="#id_text"' in page
    assert (answer.context["passed"], len(answer.context["checks"])) == (13, 14)


def test_a_reader_sees_the_words_marked_and_no_form(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon, text=GOOD_TEXT.replace("已停止", "已绝对停止"))
    page = signed_in("gm").get(url(version)).content.decode()
    assert '<span class="risk" id="risk-0">绝对</span>' in page
    assert '<a class="ref" href="#fact-1">F1</a>' in page
    assert 'id="draft"' not in page


def test_autosave_answers_with_the_checks_and_the_next_version_number(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    client = signed_in("spokesperson")
    answer = client.post(url(version, "save/"), typed(version, text=GOOD_TEXT + "绝对。"), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.strip().startswith('<section id="checks"')
    assert f'name="version" value="{version.version + 1}" id="id_version" hx-swap-oob="true"' in page
    again = client.post(
        url(version, "save/"), typed(version, version=version.version + 1, text=GOOD_TEXT), headers=HTMX
    )
    assert again.status_code == 200
    version.refresh_from_db()
    assert version.text == GOOD_TEXT


def test_saving_says_which_field_is_wrong(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    client = signed_in("spokesperson")
    for headers in ({}, HTMX):
        answer = client.post(url(version, "save/"), typed(version, title=""), headers=headers)
        assert answer.status_code == 400
        assert 'href="#id_title"' in answer.content.decode()
    assert StatementVersion.objects.get().title == version.title


def test_a_stale_save_gets_409_with_both_texts(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    signed_in("pr").post(url(version, "save/"), typed(version, text="先存的话。"))
    for headers in ({}, HTMX):
        answer = signed_in("market").post(url(version, "save/"), typed(version, text="后存的话。"), headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "先存的话。" in page
        assert "后存的话。" in page
    assert StatementVersion.objects.get().text == "先存的话。"


def test_submitting_keeps_what_was_typed_and_asks(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    answer = signed_in("spokesperson").post(url(version, "submit/"), typed(version, text=GOOD_TEXT + "谢谢。"))
    assert answer.headers["Location"] == url(version)
    version.refresh_from_db()
    assert (version.state, version.text) == ("in_review", GOOD_TEXT + "谢谢。")


def test_a_blocked_submission_says_so_and_keeps_the_draft(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon)
    client = signed_in("spokesperson")
    page = client.post(url(version, "submit/"), typed(version, text=GOOD_TEXT + "{谁}"), follow=True).content.decode()
    assert 'class="toast error"' in page
    version.refresh_from_db()
    assert (version.state, version.text) == ("draft", GOOD_TEXT + "{谁}")


@pytest.mark.parametrize("act", ["save/", "submit/", "revise/"])
@pytest.mark.parametrize(("who", "status"), [("gm", 403), ("monitor", 403), ("outsider", 404)])
def test_the_wrong_role_changes_nothing(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed, act: str, who: str, status: int
) -> None:
    version = draft_of(incident, cast, noon)
    answer = signed_in(who).post(url(version, act), typed(version, text="改"))
    assert answer.status_code == status
    there = StatementVersion.objects.get()
    assert (there.text, there.state, there.version) == (GOOD_TEXT, "draft", version.version)


def test_revising_and_comparing(incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    version = in_review(incident, cast, noon)
    client = signed_in("market")
    assert client.post(url(version, "revise/")).status_code == 302
    newest = version.statement.versions.latest("number")
    client.post(url(version, "save/"), typed(newest, text=GOOD_TEXT.replace("18时", "20时")))
    page = client.get(url(version) + "?compare=1").content.decode()
    assert "<del>18</del>" in page
    assert "<ins>20</ins>" in page
    old = client.get(url(version) + "?v=1").content.decode()
    assert "18时" in old
    assert 'id="draft"' not in old
    assert client.get(url(version) + "?v=9").status_code == 404


def test_the_list_takes_as_many_queries_however_many(cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    client, counts = signed_in("pr"), []
    for _ in range(3):
        in_review(incident_at(Level.TWO, cast, noon), cast, noon)
        client.get("/statements/")
        with CaptureQueriesContext(connection) as counted:
            answer = client.get("/statements/")
        counts.append(len(counted))
    assert len(answer.context["statements"]) == 3
    assert len(set(counts)) == 1


def test_the_panel_on_the_incidents_page(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    in_review(incident, cast, noon)
    address = f"/incidents/{incident.number}/statements/"
    panel = signed_in("pr").get(address, headers=HTMX).content.decode()
    assert panel.strip().startswith('<section class="card" id="statements-panel">')
    assert "SM-2026-001" in panel
    assert signed_in("pr").get(address).status_code == 200
    assert signed_in("outsider").get(address).status_code == 404


# --- signing ---------------------------------------------------------------------------------------------------------
def decide(client: Client, version: StatementVersion, decision: str, **more: str) -> Any:
    data = {"text_hash": version.text_hash, "decision": decision, **more}
    return client.post(f"/signoffs/{version.uuid}/decide/", data)


def test_two_taps_sign_it(incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    version = in_review(incident, cast, noon)
    client = signed_in("gm")
    first = client.get(f"/signoffs/{version.uuid}/").content.decode()
    assert 'href="?ask=approve"' in first
    assert "已停止该店营业" in first
    second = client.get(f"/signoffs/{version.uuid}/?ask=approve").content.decode()
    assert 'name="decision" value="approve"' in second
    assert SignOff.objects.filter(state="waiting").count() == 3  # a GET decides nothing
    assert decide(client, version, "approve").headers["Location"] == "/incidents/approvals/"
    assert SignOff.objects.get(place="leader").person == cast["gm"]


def test_returning_needs_a_reason(incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    version = in_review(incident, cast, noon)
    client = signed_in("legal")
    answer = decide(client, version, "return")
    assert answer.status_code == 400
    assert SignOff.objects.get(place="legal").state == "waiting"
    decide(client, version, "return", reason="law", note="先不提停业")
    signoff = SignOff.objects.get(place="legal")
    assert (signoff.state, signoff.note.endswith("先不提停业")) == ("returned", True)


@pytest.mark.parametrize(("who", "status"), [("market", 403), ("spokesperson", 403), ("head", 404), ("outsider", 404)])
def test_who_may_not_sign_is_refused(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed, who: str, status: int
) -> None:
    incident.department = cast["market"].department
    incident.save(update_fields=["department"])
    version = in_review(incident, cast, noon)
    assert decide(signed_in(who), version, "approve").status_code == status
    assert set(SignOff.objects.values_list("state", flat=True)) == {"waiting"}


def test_words_that_changed_meanwhile_get_409(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = in_review(incident, cast, noon)
    revise(version, actor=cast["spokesperson"], now=noon)
    assert decide(signed_in("gm"), version, "approve").status_code == 409
    assert SignOff.objects.get(place="leader").state == "waiting"


def test_an_earlier_reviewer_sees_the_change_and_confirms_in_one_tap(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = in_review(incident, cast, noon)
    legal, deputy = signed_in("legal"), signed_in("deputy")
    decide(legal, version, "approve")
    deputy.get(f"/signoffs/{version.uuid}/")
    assert StatementLook.objects.filter(person=cast["deputy"]).count() == 1
    second = revise(version, actor=cast["spokesperson"], now=noon)
    text = GOOD_TEXT.replace("18时", "20时")
    save_draft(second, actor=cast["spokesperson"], now=noon, seen_version=1, title=second.title, text=text)
    submit(second, actor=cast["spokesperson"], now=noon, seen_version=2)
    page = legal.get(f"/signoffs/{second.uuid}/").content.decode()
    assert "<del>18</del><ins>20</ins>" in page
    assert 'name="decision" value="approve"' in page  # no second question for who signed before
    looked = deputy.get(f"/signoffs/{second.uuid}/").content.decode()
    assert "<del>18</del><ins>20</ins>" in looked
    assert 'name="decision" value="approve"' not in looked


def test_what_waits_for_a_signature_stands_among_the_decisions_the_most_urgent_first(
    cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    """By when it is wanted, whatever is wanted; the rail counts what the page shows."""
    early, late = (incident_at(Level.TWO, cast, noon) for _ in range(2))
    version = in_review(late, cast, noon)
    due_at, opened_by = noon + timedelta(hours=4), late.timeline.first()
    late.clocks.create(kind="speak", level=2, started_at=noon, minutes=240, due_at=due_at, opened_by=opened_by)
    for incident, hours in ((early, 2), (late, 5)):
        asked(incident, Level.ONE, by=cast["legal"], requested_at=noon + timedelta(hours=hours))
    page = signed_in("gm").get("/incidents/approvals/")
    waiting = page.context["waiting"]
    assert waiting[1].row == version.signoffs.get(place="leader")
    assert [one.template.split("/")[0] for one in waiting] == ["incidents", "response", "incidents"]
    assert f"/signoffs/{version.uuid}/" in page.content.decode()
    assert {who: approvals_waiting_count(cast[who]) for who in ("gm", "legal", "market")} == {
        "gm": 3,
        "legal": 1,
        "market": 0,
    }


def test_a_principal_is_warned_of_what_their_delegate_wrote(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = in_review(incident, cast, noon)
    panel = "/incidents/approvals/of-delegates/"
    assert version.statement.number not in signed_in("gm").get(panel).content.decode()
    away(cast["gm"], cast["spokesperson"], noon)
    assert version.statement.number in signed_in("gm").get(panel).content.decode()


def test_the_page_takes_as_many_queries_however_many(cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    client, counts = signed_in("gm"), []
    for _ in range(3):
        in_review(incident_at(Level.TWO, cast, noon), cast, noon)
        with CaptureQueriesContext(connection) as counted:
            client.get("/incidents/approvals/")
        counts.append(len(counted))
    assert counts[1] == counts[2]


# --- publishing ------------------------------------------------------------------------------------------------------
def test_the_publish_page_says_what_follows_and_publishes(
    incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = releasable(incident, speakers, noon)
    client = signed_in("spokesperson")
    page = client.get(url(version, "publish/")).content.decode()
    assert "/newsroom/SM-2026-001/" in page
    assert page.count('name="channels"') == len(CHANNELS)
    client.post(url(version, "publish/now/"), {"channels": ["newsroom", "wechat"]})
    assert sorted(Release.objects.values_list("channel", flat=True)) == ["newsroom", "wechat"]
    again = client.get(url(version, "publish/")).content.decode()
    assert "data-poll-url" in again
    assert 'data-copy="#words-' in again


def test_pasting_the_address_back(
    incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = releasable(incident, speakers, noon)
    client = signed_in("spokesperson")
    client.post(url(version, "publish/now/"), {"channels": ["wechat"]})
    release = Release.objects.get()
    bad = client.post(f"/releases/{release.uuid}/confirm/", {f"r{release.pk}-url": "javascript:alert(1)"})
    assert bad.status_code == 400
    client.post(f"/releases/{release.uuid}/confirm/", {f"r{release.pk}-url": "https://mp.weixin.qq.com/s/abc"})
    release.refresh_from_db()
    assert (release.state, release.url, release.sent_by) == (
        "sent",
        "https://mp.weixin.qq.com/s/abc",
        speakers["spokesperson"],
    )


def test_withdrawing_from_the_page(
    incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = releasable(incident, speakers, noon)
    client = signed_in("alternate")
    client.post(url(version, "publish/now/"), {"channels": ["wechat"]})
    release = Release.objects.get()
    address, field = f"/releases/{release.uuid}/withdraw/", f"r{release.pk}-note"
    assert client.post(address, {field: " "}).status_code == 400
    client.post(address, {field: "不再需要"})
    release.refresh_from_db()
    assert (release.state, release.words) == ("withdrawn", "不再需要")


@pytest.mark.parametrize(("who", "status"), [("pr", 403), ("gm", 403), ("legal", 403), ("outsider", 404)])
def test_nobody_else_publishes_confirms_or_withdraws(
    incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed, who: str, status: int
) -> None:
    version = releasable(incident, speakers, noon)
    client = signed_in(who)
    assert client.post(url(version, "publish/now/"), {"channels": ["newsroom"]}).status_code == status
    assert not Release.objects.exists()
    signed_in("spokesperson").post(url(version, "publish/now/"), {"channels": ["wechat"]})
    release = Release.objects.get()
    typed = {f"r{release.pk}-url": "https://x.example.com/", f"r{release.pk}-note": "撤"}
    for act in ("confirm", "deny", "withdraw"):
        assert client.post(f"/releases/{release.uuid}/{act}/", typed).status_code == status
    release.refresh_from_db()
    assert release.state == "queued"


def test_a_get_never_acts(incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    version = releasable(incident, speakers, noon)
    client = signed_in("spokesperson")
    for address in (url(version, "publish/now/"), url(version, "revise/"), f"/signoffs/{version.uuid}/decide/"):
        assert client.get(address).status_code == 405
    assert not Release.objects.exists()


def test_the_whole_road_in_the_browsers_own_steps(
    incident: Incident, speakers: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, speakers, noon)
    signed_in("spokesperson").post(url(version, "submit/"), typed(version))
    for who in ("legal", "pr", "deputy"):
        assert decide(signed_in(who), version, "approve").status_code == 302
    signed_in("spokesperson").post(url(version, "publish/now/"), {"channels": ["newsroom"]})
    from response.tasks import send_releases

    send_releases()
    assert "已停止该店营业。" in Client().get("/newsroom/SM-2026-001/").content.decode()


def test_a_signed_version_shows_who_signed(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = in_review(incident, cast, noon)
    approve(
        version.signoffs.get(place="legal"),
        actor=cast["legal"],
        now=noon + timedelta(minutes=1),
        seen_hash=version.text_hash,
    )
    page = signed_in("spokesperson").get(url(version)).content.decode()
    assert "陈序" in page
    assert "王立群 / 沈知远" in page or "沈知远 / 王立群" in page
