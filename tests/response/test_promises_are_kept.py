"""承诺台账: a sentence with an owner and a date becomes a task once it is public, and feeds T4 and T6."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from incidents.refusals import Vetoed
from response.models import Promise, Release, Task
from response.notnow import NotNow
from response.services import sending
from response.services.opening import apply_level, cancel_tasks
from response.services.promises import drop_promise, mark_promise
from response.services.releases import publish
from response.services.reminding import tasks_to_tell
from response.services.statements import after_step, start_statement
from response.services.tasks import finish, waive
from tests.response.factories import GOOD_TEXT, draft_of, drill, incident_at, releasable

SENTENCE = "12月1日前公布第三方检测报告"
TEXT = GOOD_TEXT + f"\n我们将于{SENTENCE}。"
Signed = Callable[[str], Client]


@pytest.fixture
def incident(speakers: dict[str, User], at_noon: datetime) -> Incident:
    return incident_at(Level.TWO, speakers, at_noon)


def promised(incident: Incident, cast: dict[str, User], now: datetime, sentence: str = SENTENCE) -> Promise:
    version = releasable(incident, cast, now, text=TEXT)
    return mark_promise(
        version, actor=cast["pr"], now=now, sentence=sentence, owner=cast["dept"], due_at=now + timedelta(days=3)
    )


def send_all(now: datetime) -> None:
    for release in sending.due_releases(now):
        attempt = sending.claim(release, now)
        assert attempt is not None
        sending.send(release, attempt, now)


def said(promise: Promise, cast: dict[str, User], now: datetime) -> Promise:
    publish(promise.statement.newest, channels=["newsroom"], actor=cast["spokesperson"], now=now)
    send_all(now)
    promise.refresh_from_db()
    return promise


def test_a_marked_sentence_becomes_one_task_when_the_statement_leaves(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    promise = promised(incident, cast, noon)
    assert (promise.is_public, incident.tasks.count()) == (False, 0)
    promise = said(promise, cast, noon)
    task = incident.tasks.get()
    assert (promise.task, promise.public_at, promise.version) == (task, noon, promise.statement.newest)
    assert (task.owner, task.due_at, task.title.endswith(SENTENCE)) == (cast["dept"], promise.due_at, True)
    assert Incident.everywhere.visible_to(cast["dept"]).filter(pk=incident.pk).exists()
    late = promise.due_at + timedelta(minutes=1)
    assert list(tasks_to_tell(None, late)) == [task]  # overdue is noticed as with every task
    assert promise.is_late(late)
    publish(promise.statement.newest, channels=["newsroom", "weibo"], actor=cast["spokesperson"], now=noon)
    send_all(noon)
    assert incident.tasks.count() == 1  # a second channel does not promise twice
    finish(task, actor=cast["dept"], now=noon, seen_version=task.version, evidence="报告已公布")
    promise.refresh_from_db()
    assert promise.is_kept


def test_only_what_the_text_says_is_marked_and_only_before_it_is_public_taken_out(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    promise = promised(incident, cast, noon)
    version, day = promise.statement.newest, noon + timedelta(days=1)
    for sentence, due_at in [("没有这一句", day), (SENTENCE, day), ("另一句", day), (SENTENCE[:6], noon)]:
        with pytest.raises(NotNow):
            mark_promise(version, actor=cast["pr"], now=noon, sentence=sentence, owner=cast["pr"], due_at=due_at)
    with pytest.raises(PermissionDenied):
        mark_promise(version, actor=cast["gm"], now=noon, sentence=SENTENCE[:6], owner=cast["pr"], due_at=day)
    drop_promise(promise, actor=cast["market"], now=noon)
    assert not Promise.objects.exists()
    promise = mark_promise(version, actor=cast["pr"], now=noon, sentence=SENTENCE, owner=cast["pr"], due_at=day)
    with pytest.raises(NotNow):
        drop_promise(said(promise, cast, noon), actor=cast["pr"], now=noon)


def test_a_sentence_marked_after_the_release_is_a_task_at_once(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident, cast, noon, text=TEXT)
    Release.objects.create(
        version=version,
        channel="newsroom",
        state="sent",
        sent_at=noon,
        text_hash=version.text_hash,
        requested_by=cast["spokesperson"],
        requested_at=noon,
    )
    day = noon + timedelta(days=1)
    promise = mark_promise(version, actor=cast["pr"], now=noon, sentence=SENTENCE, owner=cast["pr"], due_at=day)
    assert promise.task == Task.objects.get()


def test_neither_a_level_nor_the_end_takes_a_promise_away(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    promise = said(promised(incident, cast, noon), cast, noon)
    task = promise.task
    assert task is not None
    Incident.everywhere.filter(pk=incident.pk).update(level=Level.THREE)
    incident = Incident.everywhere.get(pk=incident.pk)
    apply_level(incident, actor=cast["gm"], now=noon)
    cancel_tasks(incident, actor=cast["gm"], now=noon)
    task.refresh_from_db()
    assert task.state == "open"
    with pytest.raises(Vetoed):
        after_step("archive", incident, actor=cast["pr"], now=noon)
    waive(task, actor=cast["pr"], now=noon, seen_version=task.version, reason="已由监管部门公布")
    after_step("archive", incident, actor=cast["pr"], now=noon)
    promise.refresh_from_db()
    assert (promise.is_kept, promise.is_given_up) == (False, True)


def test_progress_and_closing_statements_begin_with_what_was_kept(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    promise = said(promised(incident, cast, noon), cast, noon)
    version = start_statement(incident, kind="T4", actor=cast["pr"], now=noon)
    assert f"尚未完成：{SENTENCE}" in version.text
    assert "{已完成的承诺}" in version.text  # nothing is kept yet: the slot stays open
    task = promise.task
    assert task is not None
    finish(task, actor=cast["dept"], now=noon, seen_version=task.version, evidence="报告已公布")
    version = start_statement(incident, kind="T6", actor=cast["pr"], now=noon)
    assert f"完成情况如下：{SENTENCE}（已完成）。" in version.text


def test_a_drills_promise_is_a_task_of_the_drill_and_not_in_the_ledger(
    speakers: dict[str, User], at_noon: datetime, signed_in: Signed
) -> None:
    incident = incident_at(Level.TWO, speakers, at_noon, number="YL-1-YQ-001", exercise=drill(at_noon))
    promise = promised(incident, speakers, at_noon)
    Promise.objects.filter(pk=promise.pk).update(public_at=at_noon)
    assert SENTENCE not in signed_in("pr").get("/promises/").content.decode()


def test_the_ledger_shows_what_a_person_may_see_exports_it_and_asks_as_often_for_many(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    promise = said(promised(incident, cast, noon), cast, noon)
    client = signed_in("pr")
    client.get("/promises/")  # the first page of a session asks more
    with CaptureQueriesContext(connection) as one:
        page = client.get("/promises/").content.decode()
    assert SENTENCE in page
    version, day = promise.statement.newest, noon + timedelta(days=1)
    for sentence in ("首先关心顾客的安全与权益", "具体情况正在核实", "将于今日18时前在官网更新"):
        mark_promise(version, actor=cast["pr"], now=noon, sentence=sentence, owner=cast["pr"], due_at=day)
    with CaptureQueriesContext(connection) as many:
        client.get("/promises/")
    assert len(many) == len(one)
    text = client.get("/promises/export.csv").content.decode("utf-8-sig")
    assert text.count("\n") == 5
    assert Entry.objects.filter(event="response.promises_exported").count() == 1
    assert signed_in("admin").get("/promises/").status_code == 403
    assert signed_in("admin").get("/promises/export.xlsx").status_code == 403
    confidential = Incident.everywhere.filter(pk=incident.pk)
    confidential.update(is_confidential=True)
    assert SENTENCE not in signed_in("monitor").get("/promises/").content.decode()


def test_the_desk_marks_and_takes_out(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    version = draft_of(incident, cast, noon, text=TEXT)
    address = f"/statements/{version.statement.uuid}/promise/"
    typed = {"sentence": SENTENCE, "owner": cast["dept"].pk, "due_at": "2026-12-01T18:00"}
    assert signed_in("gm").post(address, typed).status_code == 403
    assert signed_in("spokesperson").post(address, {**typed, "owner": ""}).status_code == 400
    assert signed_in("spokesperson").post(address, typed).status_code == 302
    promise = Promise.objects.get()
    assert promise.due_at.isoformat() == "2026-12-01T10:00:00+00:00"
    drop = f"/promises/{promise.uuid}/drop/"
    assert signed_in("outsider").post(drop).status_code == 404
    assert signed_in("gm").post(drop).status_code == 403
    assert signed_in("spokesperson").post(drop).status_code == 302
    assert not Promise.objects.exists()
