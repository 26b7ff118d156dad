"""口头批准补签: in force at once in the leader's name, countersigned within a day, denied, or flagged."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest, OralApproval
from incidents.permissions import may
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, Refused
from incidents.services import levels, oral, undoing
from incidents.services.starting import start
from incidents.tasks import sweep
from notices.models import Notice
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
State = LevelRequest.State
WORDS = "王总电话：同意按二级处理，先把门店停业"
MINUTE = timedelta(minutes=1)
PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of a chat"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def waiting(cast, incident):
    return asked(incident, Level.TWO, by=cast["legal"])


def recorded(request, given_by, actor, now, **values):
    values = {"given_at": now - 3 * MINUTE, "means": "phone", "words": WORDS, "fresh": True, **values}
    return oral.record(
        request, given_by=given_by, actor=actor, now=now, seen_version=values.pop("seen_version", 1), **values
    )


def signed(request, actor, now, fresh=True):
    return oral.countersign(request, actor=actor, now=now, fresh=fresh, seen_version=request.version)


def denied(request, actor, now):
    note = "我没有批准，当时说的是先等法务意见"
    return undoing.revoke(request, actor=actor, now=now, fresh=True, seen_version=request.version, note=note)


def test_it_is_in_force_at_once_in_the_name_of_the_leader(cast, incident, waiting, noon):
    request = recorded(waiting, cast["gm"], cast["market"], noon)

    incident.refresh_from_db()
    assert (incident.level, incident.stage) == (Level.TWO, Stage.RESPONDING)
    assert (request.state, request.decided_by, request.oral.recorded_by) == (State.ORAL, cast["gm"], cast["market"])
    entry = incident.timeline.get()
    assert (entry.event, entry.actor) == ("incidents.approval_recorded", cast["market"])
    assert (entry.detail["given_by"], entry.detail["means"], entry.note) == (str(cast["gm"]), "phone", WORDS)
    asks = Notice.objects.filter(event="incidents.approval_recorded", url=request.get_absolute_url())
    assert {notice.person for notice in asks} == {cast["gm"]}
    assert Notice.objects.filter(event="incidents.approval_recorded", person=cast["gm"]).count() == 1


def test_the_proposer_records_nothing(cast, incident, waiting, noon):
    with pytest.raises(PermissionDenied):
        recorded(waiting, cast["gm"], cast["legal"], noon)
    incident.refresh_from_db()
    assert (incident.level, OralApproval.objects.count()) == (0, 0)


@pytest.mark.parametrize("who", ["member", "pr", "spokesperson"])
def test_only_who_could_decide_can_have_approved(cast, incident, waiting, noon, who):
    with pytest.raises(Refused):
        recorded(waiting, cast[who], cast["market"], noon)
    incident.refresh_from_db()
    assert incident.level == 0


def test_nobody_records_their_own_word(cast, waiting, noon):
    with pytest.raises(Refused):
        recorded(waiting, cast["gm"], cast["gm"], noon)


@pytest.mark.parametrize("minutes", [-25 * 60, 5])
def test_the_time_it_was_said_must_be_possible(cast, waiting, noon, minutes):
    with pytest.raises(Refused):
        recorded(waiting, cast["gm"], cast["market"], noon, given_at=noon + minutes * MINUTE)


def test_a_delegate_is_quoted_with_both_names(cast, waiting, noon):
    away(cast["gm"], cast["member"])
    request = recorded(waiting, cast["member"], cast["market"], noon)
    assert (request.decided_by, request.acting_for) == (cast["member"], cast["gm"])
    assert signed(request, cast["gm"], noon).state == State.APPROVED


def test_level_one_takes_a_proof_of_who_records_and_who_countersigns(cast, incident, noon):
    request = asked(incident, Level.ONE, by=cast["legal"])
    with pytest.raises(FreshCredentialNeeded):
        recorded(request, cast["gm"], cast["market"], noon, fresh=False)
    request = recorded(request, cast["gm"], cast["market"], noon)
    with pytest.raises(FreshCredentialNeeded):
        signed(request, cast["gm"], noon, fresh=False)


def test_countersigned_by_the_one_named_alone(cast, incident, waiting, noon):
    request = recorded(waiting, cast["gm"], cast["market"], noon)
    for who in ("deputy", "market", "legal", "pr"):
        assert not may(cast[who], "countersign_level", request)
    request = signed(request, cast["gm"], noon + MINUTE)
    assert (request.state, request.oral.answered_at) == (State.APPROVED, noon + MINUTE)
    assert incident.timeline.first().event == "incidents.approval_countersigned"
    with pytest.raises(AlreadyDecided):
        signed(request, cast["gm"], noon + MINUTE)


def test_denied_it_is_as_before(cast, incident, waiting, noon):
    request = denied(recorded(waiting, cast["gm"], cast["market"], noon), cast["gm"], noon + MINUTE)
    there = Incident.everywhere.get(pk=incident.pk)
    assert (there.position, request.state) == ({"stage": "triaged", "level": 0}, State.REVOKED)
    assert incident.timeline.first().event == "incidents.approval_denied"


def test_nobody_else_denies_it(cast, waiting, noon):
    request = recorded(waiting, cast["gm"], cast["market"], noon)
    with pytest.raises(PermissionDenied):
        denied(request, cast["deputy"], noon)


def test_denied_after_something_else_was_decided_nothing_moves(cast, incident, waiting, noon):
    first = recorded(waiting, cast["gm"], cast["market"], noon)
    incident.refresh_from_db()
    levels.approve(
        asked(incident, Level.ONE, by=cast["legal"]), actor=cast["deputy"], now=noon, fresh=True, seen_version=1
    )
    denied(first, cast["gm"], noon + MINUTE)
    there = Incident.everywhere.get(pk=incident.pk)
    assert (there.level, incident.timeline.first().event) == (Level.ONE, "incidents.level_denied")


def test_a_provisional_start_is_ratified_by_word_of_mouth(cast, incident, noon):
    request = start(incident, Level.ONE, actor=cast["pr"], now=noon, reason=WORDS, fresh=True)
    request = recorded(request, cast["deputy"], cast["member"], noon + MINUTE)
    there = Incident.everywhere.get(pk=incident.pk)
    assert (there.level, there.activated_at, request.state) == (Level.ONE, noon, State.ORAL)
    denied(request, cast["deputy"], noon + 2 * MINUTE)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "triaged", "level": 0}


def test_not_countersigned_within_a_day_it_is_flagged_once(cast, incident, waiting, noon, time_machine):
    request = recorded(waiting, cast["deputy"], cast["market"], noon)
    for hours in (23, 24, 25):
        time_machine.move_to(noon + timedelta(hours=hours), tick=False)
        sweep()
    told = [notice.person.username for notice in Notice.objects.filter(event="incidents.countersignature_missed")]
    assert sorted(told) == ["auditor", "deputy", "gm"]
    assert incident.timeline.filter(event="incidents.countersignature_missed").count() == 1
    request.refresh_from_db()
    assert (request.state, request.oral.flagged_at) == (State.ORAL, noon + timedelta(hours=24))
    assert signed(request, cast["deputy"], noon + timedelta(hours=30)).state == State.APPROVED


def test_the_page_takes_what_was_said_and_a_picture(signed_in, cast, incident, waiting, noon):
    client = signed_in("market")
    url = reverse("incidents:record-approval", args=[waiting.uuid])
    assert {person.username for person in client.get(url).context["form"].fields["given_by"].queryset} == {
        "gm",
        "deputy",
    }
    data = {
        "version": 1,
        "given_by": "gm",
        "given_at": "2026-11-18T11:55",
        "means": "chat",
        "words": WORDS,
        "file": SimpleUploadedFile("聊天.png", PNG),
    }
    assert client.post(url, data).status_code == 302
    approval = OralApproval.objects.get()
    assert (approval.file_name, approval.file_type, approval.given_at) == ("聊天.png", "image/png", noon - 5 * MINUTE)
    file = client.get(reverse("incidents:approval-file", args=[waiting.uuid]))
    assert (file.content, file["X-Content-Type-Options"]) == (PNG, "nosniff")
    assert signed_in("outsider").get(reverse("incidents:approval-file", args=[waiting.uuid])).status_code == 404


def test_a_file_of_another_kind_is_not_kept(signed_in, waiting):
    data = {
        "version": 1,
        "given_by": "gm",
        "given_at": "2026-11-18T11:55",
        "means": "chat",
        "words": WORDS,
        "file": SimpleUploadedFile("聊天.html", b"<script>alert(1)</script>"),
    }
    answer = signed_in("market").post(reverse("incidents:record-approval", args=[waiting.uuid]), data)
    assert (answer.status_code, OralApproval.objects.count()) == (422, 0)


def test_who_may_not_record_is_refused_and_it_is_on_record(signed_in, waiting):
    assert signed_in("legal").get(reverse("incidents:record-approval", args=[waiting.uuid])).status_code == 403
    assert Entry.objects.get().event == "accounts.act_refused"


def test_countersigned_in_two_taps(signed_in, cast, incident, waiting, noon):
    recorded(waiting, cast["gm"], cast["market"], noon)
    client = signed_in("gm")
    assert [one.row for one in client.get(reverse("incidents:approvals")).context["waiting"]] == [waiting]
    page = client.get(f"{waiting.get_absolute_url()}?ask=countersign")
    url = reverse("incidents:countersign-level", args=[waiting.uuid])
    assert url in page.content.decode()
    assert client.post(url, {"version": 2}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == State.APPROVED


def test_the_end_of_a_response_by_word_of_mouth(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    request = levels.request_end(incident, actor=cast["legal"], now=noon, reason=WORDS)
    request = recorded(request, cast["gm"], cast["market"], noon)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "observing", "level": 2}
    denied(request, cast["gm"], noon + MINUTE)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "responding", "level": 2}
