"""应对方案 and reports as papers: versions, one leader's signature bound to the words, tasks of the rows, the page."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Delegation, User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.diff import changes
from response.models import Paper, PaperVersion, Task
from response.notnow import NotNow
from response.papers import PLAN_SECTIONS
from response.selectors.papers import papers_waiting, signers_of
from response.services import papers
from tests.incidents.factories import away
from tests.response.factories import drill, incident_at

pytestmark = pytest.mark.usefixtures("at_noon")
WORDS = {"stance": "担责", "line": "已停业，正在核查", "channels": "官网、公众号", "timing": "18时前更新"}


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def written(incident: Incident, cast: dict[str, User], now: datetime, who: str = "pr") -> PaperVersion:
    version = papers.begin_plan(incident, actor=cast[who], now=now)
    rows = [
        ("联系当事人", cast["head"], now + timedelta(hours=2)),
        ("盯住微博", cast["monitor"], now + timedelta(hours=4)),
    ]
    return papers.save_draft(version, actor=cast[who], now=now, seen_version=1, content=WORDS, rows=rows)


def submitted(incident: Incident, cast: dict[str, User], now: datetime, who: str = "pr") -> PaperVersion:
    version = written(incident, cast, now, who)
    return papers.submit(version, actor=cast[who], now=now, seen_version=version.version)


def test_a_plan_is_begun_once_and_submitted_only_whole(cast, noon, incident):
    version = papers.begin_plan(incident, actor=cast["pr"], now=noon)
    assert papers.begin_plan(incident, actor=cast["legal"], now=noon) == version
    assert version.paper.number == "FA-2026-001"
    assert set(version.content) == {code for code, _heading, _help in PLAN_SECTIONS}
    papers.save_draft(version, actor=cast["pr"], now=noon, seen_version=1, content={**WORDS, "line": " "})
    with pytest.raises(NotNow):
        papers.submit(version, actor=cast["pr"], now=noon, seen_version=version.version)
    version.refresh_from_db()
    assert version.state == "draft"


def test_a_leader_signs_the_words_they_read_and_nobody_their_own(cast, noon, incident):
    version = submitted(incident, cast, noon)
    assert {person.username for person in signers_of(version)} == {"gm", "deputy"}
    assert {n.person.username for n in Notice.objects.filter(event="response.paper_submitted")} == {"gm", "deputy"}
    waiting = {who for who, person in cast.items() if papers_waiting(person)}
    assert waiting == {"gm", "deputy"}
    for who in ("pr", "legal", "member", "spokesperson", "auditor", "outsider"):
        with pytest.raises(PermissionDenied):
            papers.sign(version, actor=cast[who], now=noon, seen_hash=version.text_hash)
    with pytest.raises(Stale):
        papers.sign(version, actor=cast["deputy"], now=noon, seen_hash="0" * 64)
    papers.sign(version, actor=cast["deputy"], now=noon, seen_hash=version.text_hash)
    version.refresh_from_db()
    assert (version.state, version.decided_by, version.signed_at) == ("signed", cast["deputy"], noon)
    assert Entry.objects.filter(event="response.plan_of_incident_signed").get().detail["text_hash"] == version.text_hash
    with pytest.raises(NotNow):
        papers.sign(version, actor=cast["gm"], now=noon, seen_hash=version.text_hash)


def test_who_stands_in_signs_and_both_names_are_kept(cast, noon, incident):
    week = timedelta(days=7)
    Delegation.objects.create(
        principal=cast["deputy"], delegate=cast["member"], reason="出差", starts_at=noon - week, ends_at=noon + week
    )
    version = submitted(incident, cast, noon)
    assert "member" in {person.username for person in signers_of(version)}
    version = papers.sign(version, actor=cast["member"], now=noon, seen_hash=version.text_hash)
    assert (version.decided_by, version.acting_for) == (cast["member"], cast["deputy"])


def test_a_writer_who_is_a_leader_too_does_not_sign(cast, noon, incident):
    cast["pr"].groups.add(*cast["deputy"].groups.all())
    version = submitted(incident, cast, noon)
    with pytest.raises(PermissionDenied):
        papers.sign(version, actor=User.objects.get(pk=cast["pr"].pk), now=noon, seen_hash=version.text_hash)


def test_returned_it_goes_on_as_the_next_version_and_says_what_changed(cast, noon, incident):
    version = submitted(incident, cast, noon)
    with pytest.raises(NotNow):
        papers.send_back(version, actor=cast["gm"], now=noon, seen_hash=version.text_hash, note=" ")
    papers.send_back(version, actor=cast["gm"], now=noon, seen_hash=version.text_hash, note="写明道歉")
    version.refresh_from_db()
    assert version.state == "returned"
    assert Notice.objects.get(event="response.paper_returned").person == cast["pr"]
    following = papers.revise(version, actor=cast["legal"], now=noon)
    assert [row.what for row in following.rows.all()] == ["联系当事人", "盯住微博"]
    rows = [(row.what, row.who, row.due_at) for row in following.rows.all()]
    content = {**WORDS, "stance": "担责并道歉"}
    papers.save_draft(following, actor=cast["legal"], now=noon, seen_version=1, content=content, rows=rows)
    assert set(following.writers.all()) == {cast["pr"], cast["legal"]}
    added = [piece.words for piece in changes(version.as_text, following.as_text) if piece.change == "added"]
    assert added == ["并道歉"]
    with pytest.raises(Stale):
        papers.revise(version, actor=cast["pr"], now=noon)


def test_what_was_submitted_is_not_changed_any_more(cast, noon, incident):
    version = submitted(incident, cast, noon)
    with pytest.raises(NotNow):
        papers.save_draft(version, actor=cast["pr"], now=noon, seen_version=version.version, content={})
    stale = papers.revise(version, actor=cast["pr"], now=noon)
    papers.save_draft(stale, actor=cast["pr"], now=noon, seen_version=1, content=WORDS)
    with pytest.raises(Stale):
        papers.save_draft(stale, actor=cast["legal"], now=noon, seen_version=1, content={"stance": "别的"})
    stale.refresh_from_db()
    assert stale.content["stance"] == "担责"
    assert PaperVersion.objects.get(pk=version.pk).state == "superseded"


def test_the_rows_of_a_signed_plan_become_tasks_once(cast, noon, incident):
    version = submitted(incident, cast, noon)
    with pytest.raises(NotNow):
        papers.make_tasks(version, actor=cast["pr"], now=noon)
    papers.sign(version, actor=cast["deputy"], now=noon, seen_hash=version.text_hash)
    with pytest.raises(PermissionDenied):
        papers.make_tasks(version, actor=cast["legal"], now=noon)
    papers.make_tasks(version, actor=cast["pr"], now=noon)
    assert {(task.title, task.owner, task.due_at) for task in Task.objects.all()} == {
        ("联系当事人", cast["head"], noon + timedelta(hours=2)),
        ("盯住微博", cast["monitor"], noon + timedelta(hours=4)),
    }
    assert {n.person.username for n in Notice.objects.filter(event="response.tasks_opened")} == {"head", "monitor"}
    with pytest.raises(NotNow):
        papers.make_tasks(version, actor=cast["pr"], now=noon)
    following = papers.revise(version, actor=cast["pr"], now=noon)
    assert all(row.task_id for row in following.rows.all())


def test_a_drills_plan_stays_out_of_the_live_desk(cast, noon):
    exercise = drill(noon)
    version = submitted(incident_at(Level.TWO, cast, noon, exercise=exercise, number="YL-1-YQ-001"), cast, noon)
    assert version.paper.number == f"YL-{exercise.pk}-FA-001"
    assert not Paper.objects.exists()
    assert Paper.everywhere.count() == 1


def test_the_whole_way_on_the_pages(cast, noon, incident, signed_in):
    pr, deputy, outsider = signed_in("pr"), signed_in("deputy"), signed_in("outsider")
    panel = pr.get(reverse("response:papers-panel", args=[incident.number])).content.decode()
    assert reverse("response:begin-plan", args=[incident.number]) in panel
    page = pr.post(reverse("response:begin-plan", args=[incident.number]), follow=True)
    paper = Paper.objects.get()
    assert page.status_code == 200
    typed = {
        "version": 1, **WORDS, "then_submit": "1", "work-TOTAL_FORMS": 2, "work-INITIAL_FORMS": 0,
        "work-0-what": "联系当事人", "work-0-who": cast["head"].pk, "work-0-due_at": "2026-11-18T15:00",
        "work-1-what": "盯住微博",
    }  # fmt: skip
    save = reverse("response:save-paper", args=[paper.uuid])
    assert pr.post(save, typed).status_code == 422  # a row that says only what
    typed["work-1-what"] = ""
    assert pr.post(save, typed).status_code == 302
    version = paper.versions.get()
    assert (version.state, version.rows.get().who) == ("in_review", cast["head"])
    waiting = deputy.get(reverse("incidents:approvals")).content.decode()
    assert version.sign_url in waiting
    sheet = deputy.get(version.sign_url).content.decode()
    assert all(words in sheet for words in WORDS.values())
    decide = reverse("response:decide-paper", args=[version.uuid])
    decision = {"text_hash": version.text_hash, "decision": "sign"}
    assert pr.post(decide, decision).status_code == 403
    assert outsider.get(version.sign_url).status_code == 404
    assert deputy.post(decide, {**decision, "text_hash": "0" * 64}).status_code == 409
    assert deputy.post(decide, decision).status_code == 302
    assert deputy.post(reverse("response:make-plan-tasks", args=[paper.uuid])).status_code == 302
    assert Task.objects.get().owner == cast["head"]
    for name in ("print-paper", "docx-paper"):
        assert pr.get(reverse(f"response:{name}", args=[version.uuid])).status_code == 200
    assert pr.post(reverse("response:revise-paper", args=[paper.uuid])).status_code == 302
    assert pr.get(reverse("response:compare-paper", args=[paper.uuid])).status_code == 200
    assert pr.post(save, {**typed, "version": 7, "line": "别的"}).status_code == 409


def test_a_draft_saves_itself_and_an_answer_that_was_lost_is_no_conflict(cast, noon, incident, signed_in):
    paper = papers.begin_plan(incident, actor=cast["pr"], now=noon).paper
    save, htmx = reverse("response:save-paper", args=[paper.uuid]), {"HX-Request": "true"}
    pr, row = signed_in("pr"), {"work-TOTAL_FORMS": 3, "work-INITIAL_FORMS": 0, "work-0-what": "联系当事人"}
    typed = {"version": 1, "stance": "担责", **row}
    assert pr.post(save, typed, headers=htmx).status_code == 422  # the row is half typed: nothing is kept yet
    assert paper.versions.get().content["stance"] == ""
    typed |= {"work-0-who": cast["head"].pk, "work-0-due_at": "2026-11-18T15:00"}
    answer = pr.post(save, typed, headers=htmx)
    assert answer.status_code == 200
    assert 'value="2" id="id_version"' in answer.content.decode()
    assert "<html" not in answer.content.decode()

    again = pr.post(save, typed, headers=htmx)  # sent twice, as the first answer was lost
    assert 'value="2" id="id_version"' in again.content.decode()
    more = {**typed, "version": 2, "line": "正在核查"}  # the page still counts the row as a new one
    assert pr.post(save, more, headers=htmx).status_code == 200
    version = PaperVersion.objects.get()
    assert (version.content["line"], version.rows.get().who, version.version) == ("正在核查", cast["head"], 3)

    legal = signed_in("legal").post(save, {**more, "line": "另一句"}, headers=htmx)
    assert legal.status_code == 409
    assert all(words in legal.content.decode() for words in ("另一句", "正在核查"))
    assert signed_in("gm").post(save, {**more, "version": 3}, headers=htmx).status_code == 403
    version.refresh_from_db()
    assert (version.content["line"], version.written_by) == ("正在核查", cast["pr"])
    typed = {**more, "version": 2, **WORDS, "then_submit": "1"}
    assert pr.post(save, {**more, "then_submit": "1"}).status_code == 302  # what is missing is said on the page
    assert pr.post(save, {**typed, "version": 3}).status_code == 302
    version.refresh_from_db()
    assert version.state == "in_review"


def test_who_only_audits_reads_what_was_signed(cast, noon, incident, signed_in):
    auditor = signed_in("auditor")
    version = submitted(incident, cast, noon)
    assert auditor.get(version.paper.get_absolute_url()).status_code == 404
    papers.sign(version, actor=cast["gm"], now=noon, seen_hash=version.text_hash)
    assert auditor.get(version.paper.get_absolute_url()).status_code == 200


def test_the_list_to_sign_asks_as_often_for_many_as_for_one(cast, noon, signed_in):
    client, counts = signed_in("gm"), []
    for _round in range(3):
        submitted(incident_at(Level.TWO, cast, noon), cast, noon)
        client.get(reverse("incidents:approvals"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("incidents:approvals"))
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_the_group_is_formed_in_one_act(cast, noon, incident, signed_in):
    pr = signed_in("pr")
    address = reverse("response:form-group", args=[incident.number])
    assert signed_in("legal").get(address).status_code == 403
    form = pr.get(address).context["form"]
    chosen = {person.username for person, join, _does in form.rows() if join.initial}
    assert chosen == {"pr", "legal", "market", "tech", "spokesperson", "monitor", "head"}
    typed = {f"join-{cast[who].pk}": "on" for who in ("legal", "tech", "head")}
    typed |= {f"does-{person.pk}": does.initial for person, _join, does in form.rows()}
    typed[f"does-{cast['tech'].pk}"] = "取证"
    assert pr.post(address, {}).status_code == 422
    assert pr.post(address, typed).status_code == 302
    members = {m.person.username: m.function for m in incident.memberships.current()}
    assert set(members) == {"legal", "tech", "head"}
    assert members["tech"] == "取证"
    assert members["legal"]
    assert {n.person.username for n in Notice.objects.filter(event="incidents.member_added")} == set(members)
    entry = incident.timeline.get(event="incidents.group_formed")
    assert len(entry.detail["people"]) == 3
    pr.post(address, typed)
    assert incident.memberships.current().count() == 3


def test_a_paper_the_stand_in_wrote_comes_back_to_who_is_away(cast, noon, incident, signed_in):
    version = submitted(incident, cast, noon, "market")
    panel = reverse("incidents:delegates-asked")
    assert version.sign_url not in signed_in("gm").get(panel).content.decode()
    away(cast["gm"], cast["market"], noon)
    assert version.sign_url in signed_in("gm").get(panel).content.decode()
    assert version.sign_url not in signed_in("deputy").get(panel).content.decode()
