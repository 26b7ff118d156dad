"""三级 by the department: a way is chosen, the leaders are told on time and answer, the 关闭单 ends it."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response import tasks as background
from response.models import ClosingForm, Handling, ProgressReport
from response.notnow import NotNow
from response.permissions import may
from response.selectors.department import owed_reports
from response.services import department as flow
from tests.response.factories import incident_at, with_tasks

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FORM = {"cause": "封口贴脱落", "done": "退款三单", "outcome": "三位当事人均表示接受"}


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    """三级, confirmed on a Wednesday at noon; the first report is due at 14:00, for the hour begins after lunch."""
    return with_tasks(incident_at(Level.THREE, cast, noon), cast, noon)


def state_of(incident: Incident, key: str) -> list[str]:
    return list(incident.tasks.filter(plan_task__key=key).order_by("id").values_list("state", flat=True))


def test_who_may(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    report = flow.report_progress(incident, actor=cast["head"], now=noon, text="已联系当事人")
    acts = ("choose_handling", "report_progress", "file_closing", "answer_closing")
    allowed = {act: {name for name, one in cast.items() if may(one, act, incident)} for act in acts}
    run_it = {"head", "pr"}
    assert allowed == {
        "choose_handling": run_it,
        "report_progress": run_it,
        "file_closing": run_it,
        "answer_closing": {"pr"},
    }
    assert {name for name, one in cast.items() if may(one, "answer_progress", report)} == {"gm", "deputy", "member"}
    with pytest.raises(PermissionDenied):
        flow.report_progress(incident, actor=cast["dept"], now=noon, text="我来")


def test_only_level_three_is_run_by_its_department(cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        flow.report_progress(incident_at(Level.TWO, cast, noon), actor=cast["head"], now=noon, text="x")
    assert not ProgressReport.objects.exists()


def test_a_report_does_what_is_owed_and_the_next_one_is_due_by_the_plan(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    first = owed_reports(incident).first()
    assert (first.plan_task.key, first.due_at) == ("report-to-leaders", noon + 2 * HOUR)
    late = flow.report_progress(incident, actor=cast["head"], now=noon + 3 * HOUR, text="已联系当事人")
    assert (late.number, late.is_late, state_of(incident, "report-to-leaders")) == (1, True, ["done"])
    told = set(Notice.objects.filter(event="response.progress_reported").values_list("person__username", flat=True))
    assert told == {"gm", "deputy", "member"}
    daily = owed_reports(incident).first()
    assert (daily.plan_task.key, daily.due_at) == ("report-progress", noon + 25 * HOUR)  # next working day, from 13:00
    second = flow.report_progress(incident, actor=cast["head"], now=noon + 24 * HOUR, text="已退款")
    assert (second.is_late, second.task, state_of(incident, "report-progress")) == (False, daily, ["done", "open"])
    assert owed_reports(incident).get().due_at == noon + 49 * HOUR
    between = flow.report_progress(incident, actor=cast["head"], now=noon + 24.5 * HOUR, text="补充一句")
    assert (between.task, owed_reports(incident).get().due_at) == (None, noon + 49 * HOUR)


def test_what_is_overdue_goes_up_the_chain(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    incident.tasks.exclude(plan_task__key="report-to-leaders").update(next_word_at=None, is_followed=True)
    for hours, who in ((2, {"head", "pr"}), (2.5, {"deputy"}), (3, {"gm"})):
        Notice.everywhere.all().update(event="seen")
        with time_machine.travel(noon + hours * HOUR, tick=False):
            background.remind_overdue()
        told = Notice.objects.filter(event="response.tasks_overdue").values_list("person__username", flat=True)
        assert set(told) == who, hours


def test_the_way_is_chosen_with_a_reason_and_kept(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        flow.choose_handling(incident, actor=cast["head"], now=noon, way="silence", reason=" ")
    flow.choose_handling(incident, actor=cast["head"], now=noon, way="silence", reason="热度很低")
    with pytest.raises(NotNow):
        flow.choose_handling(incident, actor=cast["head"], now=noon, way="silence", reason="还是不回")
    flow.choose_handling(incident, actor=cast["head"], now=noon + HOUR, way="comment", reason="有人追问")
    assert list(incident.handlings.values_list("way", flat=True)) == ["comment", "silence"]
    assert state_of(incident, "choose-handling") == ["done"]
    entry = incident.timeline.latest("id")
    assert (entry.event, entry.note) == ("response.handling_chosen", "有人追问")


def test_a_leader_reads_it_once_and_may_say_something(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    report = flow.report_progress(incident, actor=cast["head"], now=noon, text="已联系")
    flow.answer_progress(report, actor=cast["gm"], now=noon)
    with pytest.raises(NotNow):
        flow.answer_progress(report, actor=cast["gm"], now=noon)
    flow.answer_progress(report, actor=cast["gm"], now=noon, words="明早再报")
    assert list(report.replies.values_list("words", flat=True)) == ["", "明早再报"]
    assert Notice.objects.get(event="response.progress_answered").person == cast["head"]


def test_the_closing_form_ends_it(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    file = {"actor": cast["head"], "now": noon, **FORM}
    with pytest.raises(NotNow):  # no way is chosen
        flow.file_closing(incident, **file)
    flow.choose_handling(incident, actor=cast["head"], now=noon, way="private", reason="当事人愿意")
    with pytest.raises(NotNow):  # nobody was told
        flow.file_closing(incident, **file)
    flow.report_progress(incident, actor=cast["head"], now=noon, text="已退款")
    form = flow.file_closing(incident, **file)
    with pytest.raises(NotNow):
        flow.file_closing(incident, **file)
    with pytest.raises(PermissionDenied):
        flow.accept_closing(form, actor=cast["head"], now=noon)
    flow.return_closing(form, actor=cast["pr"], now=noon, reason="请补回访结果")
    again = flow.file_closing(incident, **file)
    flow.accept_closing(again, actor=cast["pr"], now=noon + HOUR)
    incident = Incident.everywhere.get(pk=incident.pk)
    assert (incident.stage, incident.level, state_of(incident, "learn")) == ("observing", 3, ["done"])
    with pytest.raises(NotNow):
        flow.accept_closing(again, actor=cast["pr"], now=noon + HOUR)
    assert [one.is_accepted for one in ClosingForm.objects.order_by("id")] == [False, True]


def test_the_page_from_the_first_report_to_the_end(
    incident: Incident, cast: dict[str, User], signed_in, at_noon, settings, tmp_path, django_assert_max_num_queries
) -> None:
    settings.MEDIA_ROOT = tmp_path
    page = f"/incidents/{incident.number}/department/"
    head, gm, pr = signed_in("head"), signed_in("gm"), signed_in("pr")
    assert head.post(f"{page}choose/", {"way": "comment"}).status_code == 422
    head.post(f"{page}choose/", {"way": "comment", "reason": "有人追问"})
    bad = SimpleUploadedFile("现场.png", b"<html>")
    assert head.post(f"{page}report/", {"text": "已联系", "attached": bad}).status_code == 422
    assert not ProgressReport.objects.exists()
    picture = SimpleUploadedFile("现场.png", b"\x89PNG\r\n\x1a\n...")
    assert head.post(f"{page}report/", {"text": "已联系", "attached": picture}).status_code == 302
    report = ProgressReport.objects.get()
    assert [file.name for file in report.files.all()] == ["现场.png"]
    assert gm.get(report.files.get().get_absolute_url()).status_code == 200
    gm.post(f"/progress/{report.uuid}/answer/", {"words": "明早再报"})
    gm.post(f"/progress/{report.uuid}/answer/", {})
    assert report.replies.count() == 2
    assert signed_in("outsider").post(f"/progress/{report.uuid}/answer/", {}).status_code == 404
    assert signed_in("legal").post(f"/progress/{report.uuid}/answer/", {}).status_code == 403
    with django_assert_max_num_queries(36):
        assert gm.get(page).status_code == 200
    assert head.get(f"{page}panel/").status_code == 200
    assert head.post(f"{page}close/", {**FORM, "cause": ""}).status_code == 422
    head.post(f"{page}close/", FORM)
    form = ClosingForm.objects.get()
    pr.post(f"/closing/{form.pk}/answer/", {"reason": ""})  # it must say why
    assert ClosingForm.objects.get().answered_at is None
    pr.post(f"/closing/{form.pk}/answer/", {"accept": "yes"})
    assert Incident.everywhere.get(pk=incident.pk).stage == "observing"
    assert head.get(page).status_code == 200
    assert Handling.objects.count() == 1


@pytest.mark.parametrize("act", ["choose", "report", "close"])
def test_who_may_not_is_told_so_before_what_they_typed_is_read(incident: Incident, signed_in, act: str) -> None:
    assert signed_in("legal").post(f"/incidents/{incident.number}/department/{act}/", {}).status_code == 403
