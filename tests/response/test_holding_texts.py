"""Texts signed in peacetime: in a crisis pick one, fill its slots, one signature, out within 15 minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from config.demo import founding
from incidents.levels import Level
from incidents.models import Incident
from incidents.selectors.approvals import approvals_waiting_count
from notices.models import Notice
from response.models import HoldingText, Release, Statement, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.services import sending
from response.services.holding import retire_holding, sign_holding, submit_holding, write_holding
from response.services.signing import raise_signatures
from response.services.statements import save_draft, start_statement, submit
from response.templates_of_statements import fits_skeleton, slots_of
from tests.incidents.factories import away
from tests.response.factories import incident_at

TITLE = "关于{事项}的说明"
WORDS = (
    "我们于{获知时间}注意到{事项}。我们首先关心{受影响者}的健康，已{第一步措施}。\n"
    "具体情况正在核实，将于{下次发布时间}前在{官网}更新。联系：400-000-0000。"
)
FILLED = {"受影响者": "顾客", "第一步措施": "暂停营业", "下次发布时间": "今日18时"}
Signed = Callable[[str], Client]


def drafted(cast: dict[str, User], now: datetime, who: str = "market", **how: object) -> HoldingText:
    fields = {"name": "门店食品安全", "cluster": "preventable", "title": TITLE, "words": WORDS}
    return write_holding(
        None,
        actor=cast[who],
        now=now,
        expires_on=(now + timedelta(days=180)).date(),
        **{**fields, **how},  # type: ignore[arg-type]
    )


def approved(cast: dict[str, User], now: datetime, **how: object) -> HoldingText:
    text = drafted(cast, now, **how)
    text = submit_holding(text, actor=cast["market"], now=now, seen_version=text.version)
    for who in ("legal", "pr", "deputy"):
        text = sign_holding(text, actor=cast[who], now=now, seen_hash=text.text_hash, approves=True)
    return text


def used(text: HoldingText, incident: Incident, cast: dict[str, User], now: datetime) -> StatementVersion:
    return start_statement(incident, kind="T0", holding=text, slots=FILLED, actor=cast["spokesperson"], now=now)


@pytest.mark.parametrize(
    ("skeleton", "text", "fits"),
    [
        ("于{时间}注意到{事项}。", "于8时注意到此事。", True),
        ("于{时间}注意到{事项}。", "于8时注意到此事！", False),
        ("于{时间}注意到{事项}。", "于注意到此事。", False),
        ("于{时间}注意到{事项}。", "于8时\n另起一段注意到此事。", False),
        ("于{时间}注意到{事项}。", "于" + "长" * 121 + "注意到此事。", False),
        (
            "于{时间}注意到{事项}。",
            "于8时注意到此事。还加了一句。",
            True,
        ),  # the signer reads what stands in a slot
        ("没有空位。", "没有空位。", True),
        ("没有空位。", "没有空位", False),
        ("{甲}{乙}", "xy", True),
    ],
)
def test_only_the_slots_may_differ(skeleton: str, text: str, fits: bool) -> None:
    assert fits_skeleton(skeleton, text) is fits


def test_a_hostile_text_is_compared_in_one_pass() -> None:
    skeleton = "、".join(f"{{甲{place}}}" for place in range(60))
    assert not fits_skeleton(skeleton, "、" * 20_000)


def test_it_is_signed_in_peacetime_by_legal_the_head_and_a_leader(cast: dict[str, User], noon: datetime) -> None:
    text = drafted(cast, noon)
    assert slots_of(text.title + text.text)[0] == "事项"
    text = submit_holding(text, actor=cast["market"], now=noon, seen_version=text.version)
    told = Notice.objects.filter(event="response.holding_submitted")
    assert {notice.person.username for notice in told} == {"legal", "pr", "gm", "deputy"}
    assert {name for name, one in cast.items() if approvals_waiting_count(one)} == {"legal", "pr", "gm", "deputy"}
    for who in ("market", "tech", "spokesperson"):
        with pytest.raises(PermissionDenied):
            sign_holding(text, actor=cast[who], now=noon, seen_hash=text.text_hash, approves=True)
    with pytest.raises(NotNow):
        sign_holding(text, actor=cast["pr"], now=noon, seen_hash="0" * 64, approves=True)
    for who in ("legal", "pr"):
        text = sign_holding(text, actor=cast[who], now=noon, seen_hash=text.text_hash, approves=True)
        assert not text.is_in_force(noon.date())
    text = sign_holding(text, actor=cast["deputy"], now=noon, seen_hash=text.text_hash, approves=True)
    assert text.is_in_force(noon.date())
    assert text.is_in_force(text.expires_on)
    assert not text.is_in_force(text.expires_on + timedelta(days=1))
    with pytest.raises(NotNow):  # what is signed is not edited
        write_holding(
            text,
            actor=cast["market"],
            now=noon,
            seen_version=text.version,
            name="改",
            cluster="",
            title="改",
            words="改",
            expires_on=text.expires_on,
        )


def test_who_stands_in_is_asked_too_and_what_they_wrote_comes_back_to_who_is_away(
    cast: dict[str, User], at_noon: datetime, noon: datetime, signed_in: Signed
) -> None:
    away(cast["gm"], cast["head"], noon)  # neither in the working group nor a leader who signs
    away(cast["pr"], cast["market"], noon)
    text = drafted(cast, noon)
    text = submit_holding(text, actor=cast["market"], now=noon, seen_version=text.version)
    told = Notice.objects.filter(event="response.holding_submitted")
    assert {notice.person.username for notice in told} == {"legal", "pr", "gm", "deputy", "head"}
    assert approvals_waiting_count(cast["head"]) == 1
    assert approvals_waiting_count(cast["market"]) == 0  # nobody signs what they wrote, in whatever name
    assert text.name in signed_in("pr").get("/incidents/approvals/of-delegates/").content.decode()
    assert text.name not in signed_in("gm").get("/incidents/approvals/of-delegates/").content.decode()

    page = text.get_absolute_url()
    assert f'action="{page}sign/"' in signed_in("head").get(page).content.decode()
    for who in ("legal", "pr", "head"):
        text = sign_holding(text, actor=cast[who], now=noon, seen_hash=text.text_hash, approves=True)
    place = text.signoffs.get(place="leader")
    assert (place.person, place.acting_for, text.is_in_force(noon.date())) == (cast["head"], cast["gm"], True)
    with time_machine.travel(noon + timedelta(days=2)):  # back again
        second = drafted(cast, noon + timedelta(days=2), name="另一份")
        submit_holding(second, actor=cast["market"], now=noon + timedelta(days=2), seen_version=second.version)
        assert approvals_waiting_count(cast["head"]) == 0


def test_sent_back_it_becomes_a_draft_and_a_successor_retires_the_one_before(
    cast: dict[str, User], noon: datetime
) -> None:
    first = approved(cast, noon)
    text = drafted(cast, noon, name="门店食品安全（新）", replaces=first)
    with pytest.raises(Stale):
        submit_holding(text, actor=cast["market"], now=noon, seen_version=9)
    text = submit_holding(text, actor=cast["market"], now=noon, seen_version=text.version)
    with pytest.raises(NotNow):
        sign_holding(text, actor=cast["legal"], now=noon, seen_hash=text.text_hash, approves=False, note=" ")
    text = sign_holding(text, actor=cast["legal"], now=noon, seen_hash=text.text_hash, approves=False, note="太长")
    assert text.is_returned
    text = write_holding(
        text,
        actor=cast["market"],
        now=noon,
        seen_version=text.version,
        name=text.name,
        cluster="",
        title=TITLE,
        words="我们注意到{事项}。",
        expires_on=text.expires_on,
    )
    assert (text.state, text.signoffs.count()) == ("draft", 0)
    text = submit_holding(text, actor=cast["market"], now=noon, seen_version=text.version)
    for who in ("legal", "pr", "gm"):
        sign_holding(text, actor=cast[who], now=noon, seen_hash=text.text_hash, approves=True)
    first.refresh_from_db()
    assert first.state == "retired"
    with pytest.raises(NotNow):
        retire_holding(first, actor=cast["pr"], now=noon)


def test_what_the_checks_block_is_not_signed(cast: dict[str, User], noon: datetime) -> None:
    text = drafted(cast, noon, words="联系13800138000，{事项}。")
    with pytest.raises(NotNow):
        submit_holding(text, actor=cast["market"], now=noon, seen_version=text.version)
    with pytest.raises(NotNow):
        write_holding(
            None, actor=cast["market"], now=noon, name="旧", cluster="", title="旧", words="旧", expires_on=noon.date()
        )


@pytest.mark.parametrize("level", [Level.UNSET, Level.THREE, Level.TWO, Level.ONE])
def test_filled_in_it_needs_one_signature_at_every_level(cast: dict[str, User], noon: datetime, level: int) -> None:
    incident = incident_at(level, cast, noon)
    version = used(approved(cast, noon), incident, cast, noon)
    assert "我们首先关心顾客的健康，已暂停营业。" in version.text
    version = submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    assert [signoff.place for signoff in version.signoffs.all()] == ["team_head"]
    Incident.everywhere.filter(pk=incident.pk).update(level=Level.ONE)
    raise_signatures(Incident.everywhere.get(pk=incident.pk), now=noon)
    assert version.signoffs.count() == 1  # a rise asks no more of it


def test_another_word_needs_the_full_sign_off(cast: dict[str, User], noon: datetime) -> None:
    version = used(approved(cast, noon), incident_at(Level.TWO, cast, noon), cast, noon)
    version = save_draft(
        version,
        actor=cast["spokesperson"],
        now=noon,
        seen_version=version.version,
        title=version.title,
        text=version.text.replace("首先关心", "关心"),
    )
    version = submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    assert version.signoffs.count() == 3


def test_an_open_slot_blocks_and_an_expired_text_is_not_taken(cast: dict[str, User], noon: datetime) -> None:
    text, incident = approved(cast, noon), incident_at(Level.TWO, cast, noon)
    version = start_statement(incident, kind="T0", holding=text, actor=cast["spokesperson"], now=noon)
    with pytest.raises(NotNow):
        submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    filled = used(text, incident, cast, noon)
    HoldingText.objects.filter(pk=text.pk).update(expires_on=noon.date() - timedelta(days=1))
    text.refresh_from_db()
    with pytest.raises(NotNow):
        used(text, incident, cast, noon)
    filled = StatementVersion.objects.get(pk=filled.pk)
    filled = submit(filled, actor=cast["spokesperson"], now=noon, seen_version=filled.version)
    assert filled.signoffs.count() == 3  # expired meanwhile: the ordinary way


def test_out_within_fifteen_minutes_from_the_pages(
    speakers: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    text = approved(speakers, noon)
    with time_machine.travel(noon, tick=False) as clock:
        incident = incident_at(Level.UNSET, speakers, noon)
        clients = {who: signed_in(who) for who in ("spokesperson", "pr", "gm", "monitor")}
        listed = clients["spokesperson"].get(f"/incidents/{incident.number}/statements/new/").content.decode()
        address = f"/incidents/{incident.number}/statements/new/holding/{text.uuid}/"
        assert address in listed
        form = clients["spokesperson"].get(address).context["form"]
        assert [field.label for field in form.fields.values()] == ["事项", "获知时间", *FILLED]
        assert form.fields["slot_0"].initial == incident.title
        assert clients["monitor"].get(address).status_code == 403
        typed = ["建国路店的情况", "11月18日11:00", *FILLED.values()]
        clock.shift(timedelta(minutes=4))
        answer = clients["spokesperson"].post(address, {f"slot_{n}": words for n, words in enumerate(typed)})
        assert answer.status_code == 302
        version = Statement.objects.get().newest
        clock.shift(timedelta(minutes=4))
        decide = f"/signoffs/{version.uuid}/decide/"
        approve = {"text_hash": version.text_hash, "decision": "approve"}
        assert clients["gm"].post(decide, approve).status_code == 403
        assert clients["pr"].post(decide, approve).status_code == 302
        clock.shift(timedelta(minutes=2))
        publish = f"/statements/{version.statement.uuid}/publish/now/"
        clients["spokesperson"].post(publish, {"version": version.uuid, "channels": ["newsroom"]})
        (release,) = Release.objects.all()
        at = noon + timedelta(minutes=10)
        attempt = sending.claim(release, at)
        assert attempt is not None
        assert sending.send(release, attempt, at) == "sent"
        assert release.requested_at - noon < timedelta(minutes=15)


def test_the_library_is_read_by_who_works_and_written_by_who_drafts(
    cast: dict[str, User], at_noon: datetime, signed_in: Signed
) -> None:
    assert {name for name, one in cast.items() if may(one, "retire_holding")} == {"pr", "gm", "deputy"}
    assert signed_in("outsider").get("/holding/").status_code == 403
    assert signed_in("gm").get("/holding/new/").status_code == 403
    market = signed_in("market")
    typed = {"version": 0, "name": "停电", "expires_on": "2027-05-01", "title": TITLE, "text": WORDS, "cluster": ""}
    assert market.post("/holding/new/", {**typed, "text": ""}).status_code == 400
    assert market.post("/holding/new/", typed).status_code == 302
    text = HoldingText.objects.get()
    address = f"/holding/{text.uuid}/"
    assert market.post(f"{address}write/", {**typed, "name": "停电停水", "version": 1}).status_code == 302
    assert market.post(f"{address}write/", {**typed, "version": 1}).status_code == 409
    assert market.post(f"{address}submit/", {"version": 2}).status_code == 302
    page = signed_in("legal").get(address).content.decode()
    assert f"{address}sign/" in page
    assert f"{address}sign/" not in signed_in("spokesperson").get(address).content.decode()
    signing = {"text_hash": HoldingText.objects.get().text_hash, "decision": "approve"}
    assert signed_in("spokesperson").post(f"{address}sign/", signing).status_code == 403
    for who in ("legal", "pr", "gm"):
        assert signed_in(who).post(f"{address}sign/", signing).status_code == 302
    assert HoldingText.objects.get().state == "approved"
    assert "停电停水" in signed_in("monitor").get("/holding/").content.decode()
    assert signed_in("market").post(f"{address}retire/").status_code == 403
    assert signed_in("pr").post(f"{address}retire/").status_code == 302


def test_the_demo_company_has_texts_that_one_signature_lets_out(settings: Any, db: None, noon: datetime) -> None:
    settings.DEMO, settings.CHANNEL_BASE_URL = True, ""
    with time_machine.travel(noon):
        founding.found("a quiet desk by the sea")
        people = {person.username: person for person in User.objects.all()}
        texts = list(HoldingText.objects.all())
        assert {text.name for text in texts} == {"门店食品安全", "点单与会员系统故障"}
        for text in texts:
            assert text.is_in_force(noon.date())
            assert {place.place for place in text.signoffs.all()} == {"legal", "team_head", "leader"}
            incident = incident_at(Level.TWO, people, noon)
            slots = dict.fromkeys(slots_of(text.text), "门店顾客") | {"下次发布时间": "今日18时"}
            version = start_statement(
                incident, kind="T0", holding=text, slots=slots, actor=people["spokesperson"], now=noon
            )
            version = submit(version, actor=people["spokesperson"], now=noon, seen_version=version.version)
            assert [place.place for place in version.signoffs.all()] == ["team_head"]
