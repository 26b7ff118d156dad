"""来函来电台账: a deadline, an owner, approved words, proof; and letters of regulators weigh in the index."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from incidents.refusals import ReasonNeeded
from incidents.selectors.reading import read
from incidents.services.assessing import Entered, assess, measure_again
from notices.models import Notice
from response.models import Incoming
from response.notnow import NotNow
from response.services import incoming
from tests.response.factories import drill, incident_at

pytestmark = pytest.mark.usefixtures("at_noon")
LINE = "情况正在核实，今日18时前在官网答复。"


def values(now: datetime, **changes) -> dict:
    known = {
        "kind": "media", "means": "phone", "attention": "", "sender": "某报记者", "contact": "", "reference": "",
        "asks": "停业了吗", "received_at": now - timedelta(hours=1), "due_at": now + timedelta(hours=1),
    }  # fmt: skip
    return {**known, **changes}


def entered(
    cast: dict[str, User], now: datetime, incident: Incident | None = None, owner: str = "market", **changes
) -> Incoming:
    return incoming.enter(values(now, **changes), incident=incident, owner=cast[owner], actor=cast["monitor"], now=now)


def approved(letter: Incoming, cast: dict[str, User], now: datetime, by: str = "market") -> Incoming:
    incoming.propose_line(letter, LINE, actor=cast[by], now=now, seen_version=letter.version)
    return incoming.approve_line(letter, actor=cast["pr"], now=now, seen_version=letter.version)


def told(event: str) -> set[str]:
    return {notice.person.username for notice in Notice.objects.filter(event=f"response.incoming_{event}")}


# --- the acts --------------------------------------------------------------------------------------------------------
def test_it_is_entered_answered_in_approved_words_and_proved(cast, noon):
    incident = incident_at(Level.TWO, cast, noon)
    letter = entered(cast, noon, incident)
    assert (letter.number, told("given")) == ("LH-2026-001", {"market"})
    how = {"actor": cast["market"], "now": noon}
    with pytest.raises(NotNow):  # not before the line is approved
        incoming.reply(letter, seen_version=letter.version, note="已电话答复", **how)
    incoming.propose_line(letter, LINE, seen_version=letter.version, **how)
    assert told("line_waits") == {"pr"}
    for who in ("market", "legal", "spokesperson", "gm"):
        with pytest.raises(PermissionDenied):
            incoming.approve_line(letter, actor=cast[who], now=noon, seen_version=letter.version)
    incoming.return_line(letter, "别写时间", actor=cast["pr"], now=noon, seen_version=letter.version)
    assert (letter.state, letter.line_returned) == ("open", "别写时间")
    approved(letter, cast, noon)
    with pytest.raises(NotNow):  # nothing shows it
        incoming.reply(letter, seen_version=letter.version, note=" ", **how)
    incoming.reply(letter, seen_version=letter.version, note="已电话答复", **how)
    assert (letter.state, letter.ended_by, letter.next_word_at) == ("replied", cast["market"], None)
    events = list(incident.timeline.order_by("id").values_list("event", flat=True))
    assert events == [
        f"response.incoming_{what}"
        for what in ("entered", "line_proposed", "line_returned", "line_proposed", "line_approved", "answered")
    ]
    with pytest.raises(NotNow):
        incoming.close(letter, "重复来电，已合并处理", actor=cast["pr"], now=noon, seen_version=letter.version)


def test_a_line_that_changes_waits_again_and_a_stale_approval_counts_for_nothing(cast, noon):
    letter = approved(entered(cast, noon), cast, noon)
    seen = letter.version
    incoming.propose_line(letter, "另一句", actor=cast["market"], now=noon, seen_version=seen)
    assert (letter.state, letter.approved_by) == ("waiting", None)
    with pytest.raises(Stale):
        incoming.approve_line(Incoming.objects.get(), actor=cast["pr"], now=noon, seen_version=seen)
    mine = entered(cast, noon, owner="pr")
    incoming.propose_line(mine, LINE, actor=cast["pr"], now=noon, seen_version=mine.version)
    with pytest.raises(PermissionDenied):
        incoming.approve_line(mine, actor=cast["pr"], now=noon, seen_version=mine.version)
    incoming.approve_line(mine, actor=cast["deputy"], now=noon, seen_version=mine.version)
    assert mine.state == "approved"


def test_what_cannot_be_is_refused(cast, noon):
    with pytest.raises(NotNow):
        entered(cast, noon, received_at=noon + timedelta(minutes=1))
    with pytest.raises(NotNow):
        entered(cast, noon, due_at=noon - timedelta(hours=2))
    for who in ("auditor", "admin", "outsider"):
        with pytest.raises(PermissionDenied):
            incoming.enter(values(noon), incident=None, owner=cast["pr"], actor=cast[who], now=noon)
    letter = entered(cast, noon)
    with pytest.raises(PermissionDenied):
        incoming.close(letter, "不是我们的事情，已告知", actor=cast["market"], now=noon, seen_version=1)
    with pytest.raises(ReasonNeeded):
        incoming.close(letter, "不用", actor=cast["pr"], now=noon, seen_version=1)
    incoming.hand_over(letter, cast["head"], actor=cast["pr"], now=noon, seen_version=1)
    assert Incoming.objects.visible_to(cast["head"]).get() == letter
    assert not Incoming.objects.visible_to(cast["dept"]).exists()
    assert Entry.objects.filter(subject="LH-2026-001").count() == 2


def test_overdue_is_told_once_and_to_the_head_too(cast, noon):
    letter = entered(cast, noon, received_at=noon - timedelta(minutes=1), due_at=noon + timedelta(minutes=99))
    seen = []
    for minutes in (48, 49, 50, 79, 99, 100, 300):
        before = set(Notice.objects.values_list("pk", flat=True))
        incoming.tell_incoming(None, noon + timedelta(minutes=minutes))
        seen.append({notice.person.username for notice in Notice.objects.exclude(pk__in=before)})
    assert seen == [set(), {"market"}, set(), {"market"}, {"market", "pr"}, set(), set()]
    letter.refresh_from_db()
    assert letter.next_word_at is None


# --- the severity index ----------------------------------------------------------------------------------------------
def test_letters_of_a_regulator_weigh_in_the_index_and_call_for_a_level(cast, noon):
    incident = incident_at(Level.THREE, cast, noon)
    assert read(incident, noon).inputs.regulator is None
    entered(cast, noon, incident, kind="regulator", attention="forwarded", sender="市监局")
    assert read(incident, noon).inputs.regulator == "forwarded"
    entered(cast, noon, incident, kind="media", attention="case")  # a journalist opens no case
    assert read(incident, noon).inputs.regulator == "forwarded"
    assert not incident.proposals.exists()
    case = entered(cast, noon, incident, kind="regulator", attention="case", sender="市监局")
    reading = read(incident, noon)
    assert (reading.inputs.regulator, reading.inputs.red_lines) == ("case", ("regulator_case",))
    proposal = incident.proposals.get(state="open")
    assert proposal.to_level == Level.ONE
    assert read(incident, noon - timedelta(hours=2)).inputs.regulator is None  # it had not come in yet
    incoming.correct(
        case, values(noon, kind="regulator", attention=""), actor=cast["pr"], now=noon, seen_version=case.version
    )
    assert read(incident, noon).inputs.regulator == "forwarded"


def test_a_graver_letter_speaks_over_what_was_told_and_less_takes_a_reason(cast, noon, signed_in):
    incident = incident_at(Level.TWO, cast, noon)
    assess(incident, actor=cast["pr"], now=noon, entered=Entered(regulator="none"))
    entered(cast, noon, incident, kind="regulator", attention="inquiry", sender="交易所")
    made = measure_again(incident, actor=cast["pr"], now=noon)
    assert made.inputs["regulator"] == "inquiry"
    with pytest.raises(ReasonNeeded):
        assess(incident, actor=cast["pr"], now=noon, entered=Entered(regulator="none"))
    assess(incident, actor=cast["pr"], now=noon, entered=Entered(regulator="none"), note="来函系误投，已退回交易所")
    page = signed_in("pr").get(reverse("incidents:assess", args=[incident.number])).content.decode()
    assert reverse("response:incoming") in page


def test_a_drills_letter_stays_in_the_drill(cast, noon):
    exercise = drill(noon)
    incident = incident_at(Level.TWO, cast, noon, exercise=exercise, number="YL-1-YQ-001")
    letter = entered(cast, noon, incident)
    assert letter.number == f"YL-{exercise.pk}-LH-001"
    assert not Incoming.objects.exists()


# --- the pages -------------------------------------------------------------------------------------------------------
def test_the_list_is_filtered_and_taken_out(cast, noon, signed_in, tmp_path):
    incident = incident_at(Level.TWO, cast, noon)
    secret = incident_at(Level.TWO, cast, noon, is_confidential=True)
    entered(cast, noon, incident, sender="=1+1")
    entered(cast, noon, kind="hotline", sender="12345", owner="pr")
    entered(cast, noon, secret, sender="密")
    late = entered(cast, noon, received_at=noon - timedelta(hours=3), due_at=noon - timedelta(hours=2), sender="投资者")
    done = entered(cast, noon, sender="已了结")
    incoming.close(done, "重复来电，已合并处理", actor=cast["pr"], now=noon, seen_version=done.version)
    client, address = signed_in("legal"), reverse("response:incoming")

    def senders(**query: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            shown = [letter.sender for letter in client.get(address, query).context["page_obj"]]
        counts[query.get("kind", "")] = len(asked)
        return shown

    counts: dict[str, int] = {}
    client.get(address)

    assert senders() == [late.sender, "=1+1", "12345"]
    assert senders(kind="hotline") == ["12345"]
    assert counts[""] == counts["hotline"]  # three rows ask as often as one
    assert senders(overdue="on") == [late.sender]
    assert senders(state="closed") == ["已了结"]
    assert senders(incident=incident.number) == ["=1+1"]
    assert [letter.sender for letter in signed_in("pr").get(address, {"mine": "on"}).context["page_obj"]] == ["12345"]
    assert signed_in("outsider").get(address).status_code == 403
    taken = client.get(reverse("response:export-incoming-xlsx"))
    (tmp_path / "list.xlsx").write_bytes(taken.content)
    rows = list(load_workbook(tmp_path / "list.xlsx").active.iter_rows(values_only=True))
    assert {row[3] for row in rows[1:]} == {late.sender, "=1+1", "12345"}
    assert Entry.objects.filter(event="response.incoming_exported").get().detail["rows"] == 3


def test_the_pages_from_the_call_to_the_proof(cast, noon, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    incident = incident_at(Level.TWO, cast, noon)
    monitor, market, pr = signed_in("monitor"), signed_in("market"), signed_in("pr")
    enter = reverse("response:enter-incoming-of", args=[incident.number])
    assert signed_in("auditor").get(enter).status_code == 403
    assert monitor.get(enter).status_code == 200
    typed = {
        "kind": "regulator", "attention": "inquiry", "means": "letter", "sender": "交易所", "asks": "是否属实",
        "received_at": "2026-11-18T11:00", "due_at": "2026-11-18T18:00", "owner": cast["market"].pk,
        "brought": SimpleUploadedFile("问询函.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    }  # fmt: skip
    assert monitor.post(enter, {**typed, "due_at": "2026-11-18T10:00"}).status_code == 422
    typed["brought"].seek(0)
    assert monitor.post(enter, typed).status_code == 302
    letter = Incoming.objects.get()
    assert (letter.incident, letter.original.name) == (incident, "问询函.pdf")
    page = reverse("response:incoming-one", args=[letter.uuid])
    assert signed_in("outsider").get(page).status_code == 404

    def send(client, name: str, **more) -> int:
        version = Incoming.objects.get().version
        address = reverse(f"response:{name}", args=[letter.uuid])
        return client.post(address, {"version": version, **more}).status_code

    assert send(market, "propose-line", line="") == 422
    assert send(market, "propose-line", line=LINE) == 302
    assert send(monitor, "decide-line", decision="approve") == 403
    assert LINE in pr.get(page).content.decode()
    assert send(pr, "decide-line", decision="approve") == 302
    assert send(market, "propose-line", line=LINE, version=1) == 409
    assert send(market, "reply-incoming", note="已书面回复", link="https://example.com/r") == 302
    letter.refresh_from_db()
    assert (letter.state, letter.proof_link) == ("replied", "https://example.com/r")
    assert "LH-2026-001" in pr.get(reverse("response:incoming-panel", args=[incident.number])).content.decode()
    loose = reverse("response:enter-incoming")
    del typed["brought"]
    assert monitor.post(loose, typed).status_code == 302
    other = Incoming.objects.get(incident=None)
    assert market.get(reverse("response:correct-incoming", args=[other.uuid])).status_code == 200
    correction = {**typed, "version": other.version, "sender": "上交所"}
    assert market.post(reverse("response:correct-incoming", args=[other.uuid]), correction).status_code == 302
    other.refresh_from_db()
    assert other.sender == "上交所"


def test_a_letter_of_no_incident_takes_a_file_and_its_proof(cast, noon, signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    pages = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf") for n in (1, 2)]
    typed = {
        "kind": "hotline", "means": "letter", "attention": "", "sender": "12345", "asks": "请核实并答复",
        "received_at": "2026-11-18T11:00", "due_at": "2026-11-18T18:00", "owner": cast["head"].pk,
    }  # fmt: skip
    monitor, enter = signed_in("monitor"), reverse("response:enter-incoming")
    assert monitor.post(enter, {**typed, "brought": pages}).status_code == 422  # one would be out of sight
    pages[0].seek(0)
    assert monitor.post(enter, {**typed, "brought": pages[0]}).status_code == 302
    letter = Incoming.objects.get()
    assert (letter.incident, letter.original.incident, letter.original.name) == (None, None, "1.pdf")
    kept = Entry.objects.get(event="response.incoming_entered").detail["files"]
    assert [file["sha256"] for file in kept] == [letter.original.sha256]

    letter = approved(letter, cast, noon, by="head")
    liar = SimpleUploadedFile("回函.pdf", b"not a pdf")
    reply = reverse("response:reply-incoming", args=[letter.uuid])
    seen = {"version": letter.version, "note": ""}
    head = signed_in("head")
    assert head.post(reply, {**seen, "brought": liar}).status_code == 422
    pages[1].seek(0)
    assert head.post(reply, {**seen, "brought": pages[1]}).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.proof.name) == ("replied", "2.pdf")
    assert Entry.objects.get(event="response.incoming_answered").detail["files"][0]["size"] == letter.proof.size

    for file in (letter.original, letter.proof):  # who sees the letter reads its files, nobody else
        answers = {who: signed_in(who).get(file.get_absolute_url()).status_code for who in cast}
        assert {who for who, answer in answers.items() if answer == 200} == {
            who for who, person in cast.items() if Incoming.objects.visible_to(person).exists()
        }
        assert (answers["head"], answers["dept"], answers["outsider"]) == (200, 404, 404)
