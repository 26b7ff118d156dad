"""上报: what the table asks for, first reports filled from the incident, filing that meets the clock, 无需上报."""

import io
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from docx import Document

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import AffectedKind, Incident
from incidents.refusals import ReasonNeeded, Vetoed
from incidents.services.clocks import keep
from incidents.services.timeline import note_on
from notices.models import Notice
from response.models import Paper, PaperVersion, ReportDuty, ReportRule
from response.notnow import NotNow
from response.paper_docx import docx_of
from response.papers import FINAL, FIRST, FOLLOW_UP
from response.services import papers, reporting
from response.services.due_words import REPORT_STEPS, set_words
from tests.response.factories import fact_of, incident_at

pytestmark = pytest.mark.usefixtures("at_noon")
REASON = "与监管部门电话确认，不属于报告范围"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000"
    "000049454e44ae426082"
)


def levelled(level: int, cast: dict[str, User], now: datetime, **changes) -> Incident:
    """An incident whose level was just confirmed: its clocks run, the table was asked."""
    incident = incident_at(level, cast, now, **changes)
    with transaction.atomic():
        entry = note_on(incident, "incidents.level_confirmed", actor=cast["gm"], now=now)
        keep(entry)
        step = {1: "set_level_one", 2: "set_level_two", 3: "set_level_three"}[level]
        reporting.after_step(step, incident, actor=cast["gm"], now=now)
    return incident


def drafted(duty: ReportDuty, cast: dict[str, User], now: datetime, kind: str = FIRST) -> PaperVersion:
    version = reporting.begin_report(duty, kind, actor=cast["legal"], now=now)
    known = {code: words or "无" for code, words in version.content.items()}
    return papers.save_draft(version, actor=cast["legal"], now=now, seen_version=1, content=known)


def signed(duty: ReportDuty, cast: dict[str, User], now: datetime, kind: str = FIRST, who: str = "gm") -> Paper:
    version = drafted(duty, cast, now, kind)
    papers.submit(version, actor=cast["legal"], now=now, seen_version=version.version)
    papers.sign(version, actor=cast[who], now=now, seen_hash=version.text_hash)
    return version.paper


def filed(paper: Paper, cast: dict[str, User], now: datetime, **how) -> Paper:
    how = {"filed_at": now, "receiver": "值班员 王某", "receipt_number": "2026-118", **how}
    return reporting.file_report(
        Paper.everywhere.get(pk=paper.pk), actor=cast["legal"], now=now, seen_version=paper.version, **how
    )


# --- the table -------------------------------------------------------------------------------------------------------
def test_the_table_comes_once_and_says_what_was_not_looked_up(db, noon):
    rules = {rule.key: rule for rule in ReportRule.objects.all()}
    assert (rules["production-accident-9"].within_minutes, rules["network-incident"].within_minutes) == (60, 240)
    assert {key for key, rule in rules.items() if rule.check_first} == {
        "network-incident-critical", "network-incident-central", "product-recall", "food-recall", "listed-company",
    }  # fmt: skip
    assert reporting.load_default_rules() == 0


def test_a_change_begins_the_next_version_and_duties_keep_theirs(cast, noon, signed_in):
    incident = levelled(Level.ONE, cast, noon)
    duty, rule = incident.report_duties.get(), ReportRule.objects.get(key="emergency-response-61")
    assert {who for who in ("pr", "legal", "market", "gm", "auditor") if signed_in(who).get(
        reverse("response:edit-report-rule", args=[rule.uuid])).status_code == 200} == {"pr", "legal"}  # fmt: skip
    typed = {
        "version": 1, "event": rule.event, "authority": "市人民政府值班室", "within_minutes": 120, "calendar": "wall",
        "counted_from": "known", "law": rule.law, "from_level": "1",
    }  # fmt: skip
    address = reverse("response:edit-report-rule", args=[rule.uuid])
    assert signed_in("pr").post(address, {**typed, "version": 9}).status_code == 409
    assert signed_in("pr").post(address, typed).status_code == 302
    duty.refresh_from_db()
    assert (duty.rule.number, duty.rule.authority) == (1, rule.authority)
    newest = ReportRule.objects.get(key=rule.key, valid_until=None)
    assert (newest.number, newest.authority, newest.made_by) == (2, "市人民政府值班室", cast["pr"])
    assert reporting.open_duties(incident, noon + timedelta(minutes=1)) == []
    with pytest.raises(Stale):
        reporting.retire_rule(rule, actor=cast["pr"], now=noon, seen_version=rule.version)
    page = signed_in("monitor").get(reverse("response:report-rules") + "?all=1").content.decode()
    assert "v1" in page
    assert "v2" in page


@pytest.mark.parametrize(
    ("level", "affects", "red_lines", "asked"),
    [
        (Level.ONE, [], [], {"emergency-response-61"}),
        (Level.TWO, [], [], set()),
        (Level.TWO, ["quality"], [], {"product-recall"}),
        (Level.TWO, [], ["data_leak"], {"network-incident"}),
        (Level.ONE, [], ["casualties"], {"emergency-response-61", "production-accident-9"}),
        (Level.THREE, [], ["share_price"], {"listed-company"}),
    ],
)
def test_what_an_incident_speaks_for(cast, noon, level, affects, red_lines, asked):
    incident = incident_at(level, cast, noon)
    incident.affects.set(AffectedKind.objects.filter(code__in=affects))
    incident.assessments.create(
        at=noon, formula="v1", inputs={}, severity=1.0, confidence=1.0, parts={}, red_lines=red_lines, suggestion="3"
    )
    duties = reporting.open_duties(incident, noon)
    assert {duty.rule.key for duty in duties} == asked
    known = incident.first_known_at
    by_key = {duty.rule.key: duty.due_at for duty in duties}
    if "production-accident-9" in asked:
        assert by_key["production-accident-9"] == known + timedelta(hours=1)
    if "listed-company" in asked:  # two working days: Wednesday to Friday, the same time of day
        assert by_key["listed-company"] == known + timedelta(days=2)


# --- from the draft to the proof -------------------------------------------------------------------------------------
def test_the_first_report_is_filled_from_the_incident(cast, noon):
    incident = levelled(Level.ONE, cast, noon, summary="顾客反映后厨更换效期标签")
    fact_of(incident, cast, noon, claim="该店已停业")
    version = reporting.begin_report(incident.report_duties.get(), FIRST, actor=cast["legal"], now=noon)
    words = version.content
    assert "2026-11-18 11:00" in words["happened"]
    assert str(incident.department) in words["unit"]
    assert "顾客反映后厨更换效期标签" in words["course"]
    assert "该店已停业" in words["course"]
    assert "0" in words["opinion"]
    assert (words["place"], words["losses"]) == ("", "")  # never guessed
    assert version.paper.duty.state == "required"
    with pytest.raises(NotNow):
        papers.submit(version, actor=cast["legal"], now=noon, seen_version=version.version)
    with pytest.raises(NotNow):
        reporting.begin_report(version.paper.duty, FIRST, actor=cast["pr"], now=noon)


def test_filing_the_first_report_meets_the_clock_of_the_incident(cast, noon):
    incident = levelled(Level.ONE, cast, noon - timedelta(minutes=30), first_known_at=noon - timedelta(minutes=40))
    clock = incident.clocks.get(kind="report")
    duty = incident.report_duties.get()
    assert (clock.is_running, duty.due_at) == (True, clock.due_at)
    paper = signed(duty, cast, noon)
    with pytest.raises(NotNow):  # nothing shows it
        filed(paper, cast, noon, receipt_number="")
    with pytest.raises(NotNow):
        filed(paper, cast, noon, filed_at=noon + timedelta(minutes=1))
    with pytest.raises(NotNow):
        filed(paper, cast, noon, filed_at=noon - timedelta(minutes=1))
    later = noon + timedelta(minutes=15)
    filed(paper, cast, later, filed_at=noon + timedelta(minutes=10))
    clock.refresh_from_db()
    assert (clock.met_at, clock.met_by.event) == (noon + timedelta(minutes=10), "response.report_filed")
    paper.refresh_from_db()
    duty.refresh_from_db()
    assert (paper.receipt_number, paper.is_late) == ("2026-118", False)
    assert (duty.next_kind, duty.due_at, duty.next_word_at) == (FOLLOW_UP, None, None)
    with pytest.raises(NotNow):
        filed(paper, cast, later)
    with pytest.raises(NotNow):
        papers.revise(paper.newest, actor=cast["legal"], now=later)


def test_a_report_filed_before_the_level_rose_meets_the_clock_that_begins_then(cast, noon):
    incident = levelled(Level.TWO, cast, noon)
    rule = ReportRule.objects.get(key="product-recall")
    duty = reporting.add_duty(incident, rule, actor=cast["legal"], now=noon)
    filed(signed(duty, cast, noon, who="deputy"), cast, noon)
    Incident.everywhere.filter(pk=incident.pk).update(level=Level.ONE)
    incident = Incident.everywhere.get(pk=incident.pk)
    with transaction.atomic():
        keep(note_on(incident, "incidents.level_confirmed", actor=cast["gm"], now=noon + timedelta(hours=1)))
        reporting.after_step("set_level_one", incident, actor=cast["gm"], now=noon + timedelta(hours=1))
    assert incident.clocks.get(kind="report").met_at == noon


def test_at_level_one_the_head_signs_and_a_rise_asks_for_it_anew(cast, noon):
    incident = levelled(Level.TWO, cast, noon)
    duty = reporting.add_duty(incident, ReportRule.objects.get(key="food-recall"), actor=cast["pr"], now=noon)
    paper = signed(duty, cast, noon, who="deputy")
    Incident.everywhere.filter(pk=incident.pk).update(level=Level.ONE)
    with pytest.raises(NotNow, match=r"组长|leadership group head"):
        filed(paper, cast, noon)
    version = papers.revise(paper.newest, actor=cast["legal"], now=noon)
    version = PaperVersion.objects.get(pk=version.pk)
    papers.submit(version, actor=cast["legal"], now=noon, seen_version=version.version)
    with pytest.raises(PermissionDenied):
        papers.sign(version, actor=cast["deputy"], now=noon, seen_hash=version.text_hash)
    papers.sign(version, actor=cast["gm"], now=noon, seen_hash=version.text_hash)
    filed(paper, cast, noon)


def test_follow_ups_have_their_rhythm_and_the_final_report_ends_it(cast, noon):
    incident = levelled(Level.ONE, cast, noon)
    duty = incident.report_duties.get()
    ReportRule.objects.filter(pk=duty.rule_id).update(follow_minutes=240)
    with pytest.raises(NotNow):
        reporting.begin_report(duty, FOLLOW_UP, actor=cast["legal"], now=noon)
    first = signed(duty, cast, noon)
    filed(first, cast, noon)
    duty = ReportDuty.objects.get(pk=duty.pk)
    assert (duty.next_kind, duty.due_at) == (FOLLOW_UP, noon + timedelta(hours=4))
    late = noon + timedelta(hours=5)
    follow = signed(duty, cast, late, FOLLOW_UP)
    assert follow.newest.content["place"] == "无"  # from the first one
    assert filed(follow, cast, late).is_late
    filed(signed(ReportDuty.objects.get(pk=duty.pk), cast, late, FINAL), cast, late)
    duty.refresh_from_db()
    assert (duty.state, duty.due_at) == ("done", None)
    with pytest.raises(NotNow):
        reporting.begin_report(duty, FOLLOW_UP, actor=cast["legal"], now=late)
    first.refresh_from_db()
    reporting.keep_answer(first, actor=cast["legal"], now=late, seen_version=first.version, answer="已阅，续报进展")
    first.refresh_from_db()
    assert first.answer == "已阅，续报进展"


def test_need_not_be_reported_takes_the_right_leader_and_a_reason(cast, noon):
    incident = levelled(Level.ONE, cast, noon)
    duty = incident.report_duties.get()
    for who in ("pr", "legal", "deputy", "member", "outsider"):
        with pytest.raises(PermissionDenied):
            reporting.waive_duty(duty, actor=cast[who], now=noon, seen_version=1, reason=REASON)
    with pytest.raises(ReasonNeeded):
        reporting.waive_duty(duty, actor=cast["gm"], now=noon, seen_version=1, reason="不用")
    reporting.waive_duty(duty, actor=cast["gm"], now=noon, seen_version=1, reason=REASON)
    clock = incident.clocks.get(kind="report")
    assert (clock.stopped_at, clock.met_at) == (noon, None)
    two = levelled(Level.TWO, cast, noon)
    other = reporting.add_duty(two, ReportRule.objects.get(key="food-recall"), actor=cast["pr"], now=noon)
    reporting.waive_duty(other, actor=cast["deputy"], now=noon, seen_version=1, reason=REASON)
    assert other.state == "waived"


def test_a_decision_cannot_be_taken_back_once_a_report_left_on_its_strength(cast, noon):
    incident = levelled(Level.ONE, cast, noon)
    asked = incident.level_requests.create(
        kind="level", from_level=0, to_level=1, requested_by=cast["pr"], requested_at=noon, reason="红线",
        state="taken_back", decided_by=cast["gm"], decided_at=noon,
    )  # fmt: skip
    filed(signed(incident.report_duties.get(), cast, noon), cast, noon)
    assert asked.state == "taken_back"
    with pytest.raises(Vetoed), transaction.atomic():
        reporting.after_step("unset_level", incident, actor=cast["gm"], now=noon)


def test_running_out_is_told_once_a_step_and_climbs(cast, noon):
    incident = levelled(Level.ONE, cast, noon, first_known_at=noon)
    duty = incident.report_duties.get()
    assert duty.due_at == noon + timedelta(hours=1)
    set_words(duty, REPORT_STEPS, noon)
    told = []
    for minutes in (29, 30, 31, 60, 90, 120, 121):
        before = set(Notice.objects.values_list("pk", flat=True))
        reporting.tell_duties(None, noon + timedelta(minutes=minutes))
        told.append({notice.person.username for notice in Notice.objects.exclude(pk__in=before)})
    team = {"pr", "legal"}
    assert told == [set(), team, set(), team, team | {"deputy"}, team | {"gm"}, set()]


# --- the document ----------------------------------------------------------------------------------------------------
def test_the_docx_says_what_the_paper_says(cast, noon):
    incident = levelled(Level.ONE, cast, noon, title="建国路店效期标签事件 𠮷\x0b")
    paper = signed(incident.report_duties.get(), cast, noon)
    version = PaperVersion.objects.get(paper=paper)
    document = Document(io.BytesIO(docx_of(version)))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert len(headings) == 9
    assert "𠮷" in text
    assert all(words in text.replace("\n", "") for words in version.content["happened"].split("\n"))
    head = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert paper.duty.rule.authority in head.values()
    assert str(cast["gm"]) in text
    assert version.text_hash in document.sections[0].footer.paragraphs[0].text
    signature = next(place for place, p in enumerate(document.paragraphs) if p.text == headings[-1])
    assert document.paragraphs[signature - 1].paragraph_format.keep_with_next  # never alone on its page


@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice is not here; the structure is tested above")
def test_the_docx_opens_in_libreoffice(cast, noon, tmp_path: Path):
    paper = signed(levelled(Level.ONE, cast, noon).report_duties.get(), cast, noon)
    (tmp_path / "report.docx").write_bytes(docx_of(PaperVersion.objects.get(paper=paper)))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "report.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=tmp_path)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


# --- the pages -------------------------------------------------------------------------------------------------------
def test_the_pages_from_the_duty_to_the_proof(cast, noon, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    incident = levelled(Level.ONE, cast, noon)
    duty = incident.report_duties.get()
    legal, market, outsider = signed_in("legal"), signed_in("head"), signed_in("outsider")
    reports = reverse("response:reports", args=[incident.number])
    assert duty.rule.authority in legal.get(reports).content.decode()
    assert outsider.get(reports).status_code == 404
    begin = reverse("response:begin-report", args=[duty.uuid, FIRST])
    assert market.post(begin).status_code == 403
    assert legal.post(reverse("response:begin-report", args=[duty.uuid, "plan"])).status_code == 404
    assert legal.post(begin).status_code == 302
    paper = Paper.objects.get()
    version = paper.newest
    words = {code: value or "无" for code, value in version.content.items()}
    save = reverse("response:save-paper", args=[paper.uuid])
    assert legal.post(save, {"version": 1, **words, "then_submit": "1"}).status_code == 302
    version.refresh_from_db()
    decide = reverse("response:decide-paper", args=[version.uuid])
    decision = {"text_hash": version.text_hash, "decision": "sign"}
    assert signed_in("deputy").post(decide, decision).status_code == 403
    assert signed_in("gm").post(decide, decision).status_code == 302
    proof = {
        "version": paper.version, "filed_at": "2026-11-18T12:00", "receiver": "值班员 王某",
        "brought": SimpleUploadedFile("回执.png", PNG, "image/png"),
    }  # fmt: skip
    address = reverse("response:file-report", args=[paper.uuid])
    assert market.post(address, proof).status_code == 403
    liar = SimpleUploadedFile("回执.png", b"<html>", "image/png")
    assert legal.post(address, {**proof, "brought": liar}).status_code == 422
    proof["brought"].seek(0)
    assert legal.post(address, proof).status_code == 302
    paper.refresh_from_db()
    assert paper.proof.name == "回执.png"
    assert legal.get(paper.get_absolute_url()).status_code == 200
    assert legal.get(reports).status_code == 200
    answer = {"version": paper.version, "answer": "已收悉"}
    assert legal.post(reverse("response:answer-report", args=[paper.uuid]), answer).status_code == 302
    again = legal.post(reverse("response:propose-duties", args=[incident.number]), follow=True)
    assert again.status_code == 200
    rule = ReportRule.objects.get(key="food-recall")
    assert legal.post(reverse("response:add-duty", args=[incident.number]), {"rule": rule.uuid}).status_code == 302
    other = incident.report_duties.get(rule=rule)
    waive = reverse("response:waive-duty", args=[other.uuid])
    reason = {f"d{other.pk}-version": 1, f"d{other.pk}-reason": REASON}
    assert legal.post(waive, reason).status_code == 403
    assert signed_in("gm").post(waive, {**reason, f"d{other.pk}-reason": "不"}).status_code == 422
    assert signed_in("gm").post(waive, reason).status_code == 302
    other.refresh_from_db()
    assert other.reason == REASON
