"""The administrator's pages of channels: secrets stay secret, every act leaves an entry, the test is a real one."""

import re
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import secrets
from accounts.models import PlatformIdentity
from accounts.roles import Role
from audit.models import Entry
from notices.channels import CHANNELS
from notices.channels.fakes import wecom
from notices.models import DeliveryAttempt, NoticeChannel, NoticeRoute, NoticeRule, QuietHours, Urgency
from notices.services.channels import make

pytestmark = pytest.mark.django_db

CHANNEL_PAGES = ("/notices/channels/", "/notices/channels/{}/", "/notices/ledger/")
ADMIN_PAGES = (
    "/notices/channels/add/wecom_robot/",
    "/notices/channels/{}/change/",
    "/notices/channels/{}/routes/",
    "/notices/channels/rule/",
)


@pytest.fixture
def robot(config):
    return make("wecom_robot", "公关群", config("wecom_robot"))


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def entries(event):
    return [entry.detail for entry in Entry.objects.filter(event=event)]


# --- who -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "reads", "changes"),
    [("admin", 200, 200), ("auditor", 200, 403), ("security", 403, 403), ("gm", 403, 403), ("outsider", 403, 403)],
)
def test_who_may_read_and_who_may_change(cast, desk, robot, who, reads, changes):
    client = desk(who)
    for page in CHANNEL_PAGES[:2]:
        assert client.get(page.format(robot.uuid)).status_code == reads
    for page in ADMIN_PAGES:
        assert client.get(page.format(robot.uuid)).status_code == changes
    answer = client.post(f"/notices/channels/{robot.uuid}/switch/", {"on": "no"})
    robot.refresh_from_db()
    assert (answer.status_code, robot.is_on) == (302 if changes == 200 else 403, changes != 200)


def test_every_kind_can_be_added_from_its_own_form(cast, desk):
    client = desk("admin")
    listed = client.get("/notices/channels/").content.decode()
    for kind in CHANNELS:
        assert f"/notices/channels/add/{kind}/" in listed
        assert client.get(f"/notices/channels/add/{kind}/").status_code == 200
    assert client.get("/notices/channels/add/pigeon/").status_code == 404


# --- secrets ---------------------------------------------------------------------------------------------------------
def test_a_secret_is_encrypted_never_shown_again_and_kept_when_left_empty(cast, desk):
    client = desk("admin")
    client.post("/notices/channels/add/wecom_robot/", {"name": "公关群", "set_key": "top-secret-key"})
    robot = NoticeChannel.objects.get(name="公关群")
    assert robot.settings["key"] == "top-secret-key"
    assert b"top-secret-key" not in bytes(robot.config)

    pages = [client.get(page.format(robot.uuid)) for page in (*CHANNEL_PAGES, *ADMIN_PAGES)]
    assert {"top-secret-key" in page.content.decode() for page in pages} == {False}
    change = f"/notices/channels/{robot.uuid}/change/"
    assert "Leave it empty to keep it" in words(client.get(change))

    client.post(change, {"name": "应急群", "set_key": "", "version": robot.version})
    robot.refresh_from_db()
    assert (robot.name, robot.settings["key"]) == ("应急群", "top-secret-key")
    client.post(change, {"name": "应急群", "set_key": "newer", "version": robot.version})
    robot.refresh_from_db()
    assert robot.settings["key"] == "newer"
    assert entries("notices.channel_changed")[::-1] == [
        {"name": "应急群", "changed": []},
        {"name": "应急群", "changed": ["key"]},
    ]
    assert {"top-secret-key" in str(entry.detail) for entry in Entry.objects.all()} == {False}


def test_settings_whose_key_is_gone_are_refused_in_words_and_can_be_entered_anew(cast, desk, robot, fake):
    robot.config = secrets.encrypt("{}")[:-9] + b"tampered="
    robot.save()
    assert "enter them anew" in press(desk("admin"), robot)
    change = f"/notices/channels/{robot.uuid}/change/"
    assert desk("admin").post(change, {"name": "公关群", "set_key": "", "version": 1}).status_code == 422
    assert desk("admin").post(change, {"name": "公关群", "set_key": "k", "version": 1}).status_code == 302


def test_a_missing_secret_is_asked_for(cast, desk):
    answer = desk("admin").post("/notices/channels/add/wecom_robot/", {"name": "公关群"})
    assert (answer.status_code, NoticeChannel.objects.filter(kind="wecom_robot").count()) == (422, 0)


def test_what_no_form_asks_for_is_kept(cast, desk, robot):
    data = {"name": "公关群", "set_key": "newer", "version": robot.version}
    desk("admin").post(f"/notices/channels/{robot.uuid}/change/", data)
    before = robot.settings
    robot.refresh_from_db()
    assert robot.settings == {**before, "key": "newer"}


def test_of_two_who_change_it_the_second_is_told(cast, desk, robot):
    client, seen = desk("admin"), robot.version
    change = f"/notices/channels/{robot.uuid}/change/"
    assert client.post(change, {"name": "first", "set_key": "", "version": seen}).status_code == 302
    assert client.post(change, {"name": "second", "set_key": "", "version": seen}).status_code == 409
    robot.refresh_from_db()
    assert robot.name == "first"


# --- the test button -------------------------------------------------------------------------------------------------
def press(client, channel):
    return words(client.post(f"/notices/channels/{channel.uuid}/test/", follow=True))


def test_the_test_is_a_real_message_and_says_what_the_platform_said(cast, desk, robot, fake):
    assert "Taken. Receipt: ok" in press(desk("admin"), robot)
    assert len(fake.world.messages) == 1
    robot.refresh_from_db()
    assert (robot.test_went_well, robot.last_success_at is not None, robot.attempts.get().outcome) == (
        True,
        True,
        "sent",
    )
    assert entries("notices.channel_tested") == [{"went_well": True}]


def test_a_refusal_is_shown_in_words_with_the_platforms_code(cast, desk, robot, fake):
    robot.settings = {**robot.settings, "key": "wrong"}
    robot.save()
    said = press(desk("admin"), robot)
    assert "93000" in said
    assert wecom.KEY not in said
    robot.refresh_from_db()
    assert (robot.test_went_well, robot.failures, robot.is_on) == (False, 1, True)


def test_tests_count_against_the_rate_of_the_channel(cast, desk, robot, fake):
    client = desk("admin")
    for _press in range(15):
        press(client, robot)
    assert "at its limit" in press(client, robot)
    assert len(fake.world.messages) == 15


# --- routes and numbers ----------------------------------------------------------------------------------------------
def lines(*routes):
    data = {"form-TOTAL_FORMS": len(routes), "form-INITIAL_FORMS": 1, "version": 1}
    for place, route in enumerate(routes):
        full = {"role": "", "person": "", "least": 3, "since": "", "until": "", "position": 10, **route}
        data.update({f"form-{place}-{name}": value for name, value in full.items()})
    return data


def test_routes_by_role_person_urgency_and_hour(cast, desk):
    mail = NoticeChannel.objects.get()
    page = f"/notices/channels/{mail.uuid}/routes/"
    own = {"person": cast["gm"].pk, "least": 1, "since": "22:00", "until": "07:00", "position": 1}
    answer = desk("admin").post(page, lines({"role": "monitor"}, own))
    assert answer.status_code == 302
    assert list(NoticeRoute.objects.values_list("role", "person", "least", "since", "until", "position")) == [
        ("", cast["gm"].pk, Urgency.NOW, time(22), time(7), 1),
        (Role.MONITOR, None, Urgency.CALM, None, None, 10),
    ]
    assert desk("admin").post(page, lines({"role": "monitor"})).status_code == 409


@pytest.mark.parametrize("line", [{"role": "monitor", "person": 1}, {"since": "22:00"}])
def test_a_route_that_makes_no_sense_is_refused(cast, desk, line):
    mail = NoticeChannel.objects.get()
    full = {**line, "person": cast["gm"].pk} if "person" in line else line
    assert desk("admin").post(f"/notices/channels/{mail.uuid}/routes/", lines(full)).status_code == 422
    assert NoticeRoute.objects.get().role == ""


def test_a_line_marked_for_deletion_goes(cast, desk):
    mail = NoticeChannel.objects.get()
    desk("admin").post(f"/notices/channels/{mail.uuid}/routes/", lines({"DELETE": "on"}))
    assert NoticeRoute.objects.count() == 0


def test_a_group_chat_has_neither_role_nor_person(cast, desk, robot):
    page = desk("admin").get(f"/notices/channels/{robot.uuid}/routes/").content.decode()
    assert ("form-0-role" in page, "form-0-least" in page) == (False, True)


def test_the_companys_numbers(cast, desk):
    data = {"quiet_from": "23:00", "quiet_until": "06:00", "now_minutes": 3, "soon_minutes": 10, "calm_minutes": 30}
    assert desk("admin").post("/notices/channels/rule/", {**data, "version": 1}).status_code == 302
    rule = NoticeRule.objects.get()
    assert (rule.quiet_from, rule.now_minutes) == (time(23), 3)
    assert desk("admin").post("/notices/channels/rule/", {**data, "version": 1}).status_code == 409


def test_the_list_takes_as_many_queries_for_three_channels_as_for_one(cast, desk):
    counts = []
    for number in range(3):
        client = desk("admin")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/notices/channels/")
        counts.append(len(queries))
        make("email", f"mail {number}", {})
    assert len(set(counts)) == 1


# --- one's own page --------------------------------------------------------------------------------------------------
def test_everybody_sees_how_notices_reach_them(cast, desk, config):
    make("wecom_app", "企业微信", config("wecom_app"))
    PlatformIdentity.objects.create(
        person=cast["pr"], platform="wecom", subject="zhou", set_by=cast["security"], set_at=cast["pr"].date_joined
    )
    NoticeChannel.objects.filter(kind="email").update(name="Mail")
    text = words(desk("legal").get("/notices/mine/"))
    assert ("legal@example.com" in text, "no address" in text) == (True, True)


def test_one_sends_a_test_to_oneself_only(cast, desk, mail, robot, fake):
    own = NoticeChannel.objects.get(kind="email")
    client = desk("pr")
    client.post(f"/notices/mine/{own.uuid}/test/")
    assert [message["To"] for message in mail.taken] == ["pr@example.com"]
    own.refresh_from_db()
    assert own.tested_at is None  # the administrator's own figure
    client.post(f"/notices/mine/{robot.uuid}/test/")
    assert fake.world.messages == []


def test_one_keeps_quiet_hours_of_ones_own_and_gives_them_up(cast, desk):
    client = desk("pr")
    client.post("/notices/mine/", {"quiet_from": "23:30", "quiet_until": "06:00"})
    assert QuietHours.objects.get(person=cast["pr"]).quiet_from == time(23, 30)
    client.post("/notices/mine/as-the-company/")
    assert QuietHours.objects.count() == 0


# --- the ledger ------------------------------------------------------------------------------------------------------
@pytest.fixture
def attempts(cast, noon, robot):
    mail = NoticeChannel.objects.get(kind="email")
    shared = {"event": "incidents.level_requested", "urgency": Urgency.NOW, "began_at": noon}
    DeliveryAttempt.objects.create(channel=mail, person=cast["gm"], outcome="sent", receipt="r-gm", **shared)
    DeliveryAttempt.objects.create(
        channel=mail, person=cast["pr"], outcome="refused", code="550", words="=no", **shared
    )
    DeliveryAttempt.objects.create(channel=robot, outcome="unknown", **shared)


def shown(client, query=""):
    text = words(client.get(f"/notices/ledger/{query}"))
    _before, _head, table = text.partition("What about")
    return [name for name in ("王立群", "周妍", "group chat") if f"{name} " in table]


def test_the_officers_see_every_attempt_and_everybody_else_their_own(cast, desk, attempts):
    assert shown(desk("auditor")) == ["王立群", "周妍", "group chat"]
    assert shown(desk("gm")) == ["王立群"]
    assert shown(desk("gm"), f"?person={cast['pr'].pk}") == []


def test_the_filter_stands_in_the_address(cast, desk, attempts, robot):
    client = desk("admin")
    assert shown(client, "?outcome=refused") == ["周妍"]
    assert shown(client, f"?channel={robot.pk}") == ["group chat"]
    assert shown(client, "?since=2026-11-19") == []
    assert len(shown(client, "?since=2026-11-18&until=2026-11-18")) == 3
    assert client.get("/notices/ledger/?since=tomorrow").status_code == 422


def test_the_export_is_safe_for_a_spreadsheet_and_on_the_trail(cast, desk, attempts):
    answer = desk("auditor").get("/notices/ledger/export.csv", {"outcome": "refused"})
    rows = answer.content.decode().splitlines()
    assert len(rows) == 2
    assert "'=no" in rows[1]
    assert entries("notices.ledger_exported") == [{"outcome": "refused"}]
    assert desk("gm").get("/notices/ledger/export.xlsx").status_code == 403
