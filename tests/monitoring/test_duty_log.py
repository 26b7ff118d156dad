"""值班日志: pre-filled from what came in, signed once, and missed aloud."""

import csv
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.models import Incident
from monitoring.duty.days import at
from monitoring.models import DutyLog, DutyRule, Signal
from monitoring.selectors import duty_log as selectors
from monitoring.services import duty, duty_logs
from monitoring.services.duty import Refused
from notices.models import Notice
from opinion.models import Triage
from tests.factories import PostFactory, SourceFactory, TopicFactory

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
DAY = date(2026, 11, 18)
WORDS = {"remarks": "平稳", "handover": "留意门店排队的话题", "seen_version": 0}


def on_duty(cast: dict[str, User], who: str, day: date = DAY) -> None:
    duty.add_shift(cast[who], at(day, time(9)), at(day, time(18)), actor=cast["pr"])


def test_the_figures_are_those_of_the_day(cast: dict[str, User], noon: datetime) -> None:
    weibo, paper = SourceFactory(source_class="platform"), SourceFactory(source_class="media", health="ok")
    hour = timedelta(hours=1)
    for source, at_, sentiment, triage in (
        (weibo, noon - hour, "neg", Triage.WAITING),
        (weibo, noon - hour, "neu", Triage.RIVAL),
        (paper, noon - 2 * hour, "pos", Triage.IGNORED),
        (paper, noon - 13 * hour, "neg", Triage.WAITING),  # yesterday, 23:00
    ):
        PostFactory(
            source=source,
            platform=source.platform,
            first_seen_at=at_,
            sentiment=sentiment,
            triage=triage,
            triaged_at=noon - hour if triage == Triage.IGNORED else None,
        )
    topic = TopicFactory(title="排队")
    signal = Signal.objects.create(
        watch=topic.watch, topic=topic, kind="burst", opened_at=noon - hour, grown_at=noon, suggestion="3"
    )
    kept = selectors.figures(DAY, noon)
    assert kept["posts"] == {
        "total": 2,
        "class": {"platform": 1, "media": 1, "own": 0},
        "sentiment": {"neg": 1, "neu": 0, "pos": 1},
        "platform": [("微博", 2)],
    }
    assert kept["triaged"] == {"attached": 0, "snoozed": 0, "ignored": 1}
    assert (kept["signals"]["raised"], kept["signals"]["judged"], kept["signals"]["open"]) == (1, 0, 1)
    assert [(row["uuid"], row["title"], row["is_open"]) for row in kept["signals"]["rows"]] == [
        (str(signal.uuid), "排队", True)
    ]
    assert [(one["code"], one["sources"], one["listening"]) for one in kept["coverage"]] == [
        ("platform", 1, 0),
        ("media", 1, 1),
        ("own", 0, 0),
    ]
    assert [source["name"] for source in kept["coverage"][0]["troubled"]] == [weibo.name]


def test_a_signal_that_went_on_in_another_was_not_judged(
    signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    topic = TopicFactory(title="第一波")
    times = {"opened_at": noon - timedelta(hours=2), "grown_at": noon - timedelta(hours=2), "closed_at": noon}
    Signal.objects.create(watch=topic.watch, topic=topic, kind="burst", suggestion="3", **times)
    counts = selectors.figures(DAY, noon)["signals"]
    assert (counts["raised"], counts["judged"], counts["open"]) == (1, 0, 0)
    time_machine.move_to(noon)
    address = reverse("monitoring:duty-log", args=[DAY.isoformat()])
    page = signed_in("monitor").get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "went on in another" in page
    assert "false alarm" not in page


def test_open_incidents_are_named_and_confidential_ones_are_not(cast: dict[str, User], noon: datetime) -> None:
    for number, confidential in (("YQ-2026-0001", False), ("YQ-2026-0002", True)):
        Incident.objects.create(
            number=number,
            title="门店食品安全",
            is_confidential=confidential,
            first_known_at=noon,
            opened_by=cast["pr"],
            opened_at=noon,
        )
    lines = selectors.figures(DAY, noon)["lines"]
    assert [line["words"] for line in lines] == ["YQ-2026-0001 门店食品安全"]


def test_the_person_on_duty_signs_and_the_figures_stay(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    on_duty(cast, "monitor")
    PostFactory(first_seen_at=noon - timedelta(hours=1))
    log = duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    PostFactory(first_seen_at=noon + timedelta(minutes=1))
    time_machine.move_to(noon + timedelta(hours=1))
    page = signed_in("gm").get(reverse("monitoring:duty-log", args=["2026-11-18"]))
    assert page.context["figures"]["total"] == 1
    log.refresh_from_db()
    assert (log.signed_by, log.signed_at, log.instead_of, log.is_late) == (cast["monitor"], noon, "", False)
    assert (log.remarks, log.handover) == ("平稳", "留意门店排队的话题")
    assert Entry.objects.order_by("-seq")[0].event == "monitoring.duty_log_signed"


def test_a_signed_log_takes_no_further_word(cast: dict[str, User], noon: datetime) -> None:
    log = duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    later = {"remarks": "不平稳", "handover": "", "seen_version": log.version}
    for act in (duty_logs.save_log, duty_logs.sign_log):
        with pytest.raises(Stale):
            act(DAY, **later, actor=cast["pr"], now=noon + timedelta(minutes=5))
    log.refresh_from_db()
    assert (log.remarks, log.signed_by) == ("平稳", cast["monitor"])


def test_the_team_signs_instead_and_the_log_says_so(cast: dict[str, User], noon: datetime) -> None:
    on_duty(cast, "monitor")
    log = duty_logs.sign_log(DAY, **WORDS, actor=cast["legal"], now=noon)
    assert (log.signed_by, log.instead_of) == (cast["legal"], "孟听")


def test_another_monitor_cannot_sign_instead(cast: dict[str, User], noon: datetime) -> None:
    on_duty(cast, "legal")
    with pytest.raises(Refused):
        duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    assert not DutyLog.objects.filter(signed_at__isnull=False).exists()


@pytest.mark.parametrize("who", ["gm", "auditor", "spokesperson", "dept", "outsider"])
def test_who_only_reads_is_refused(cast: dict[str, User], signed_in: SignedIn, noon: datetime, who: str) -> None:
    with pytest.raises(PermissionDenied):
        duty_logs.sign_log(DAY, **WORDS, actor=cast[who], now=noon)
    address = reverse("monitoring:duty-log", args=["2026-11-18"])
    assert (
        signed_in(who).post(address, {"remarks": "x", "handover": "", "version": 0, "sign": "yes"}).status_code == 403
    )
    assert DutyLog.objects.count() == 0


def test_a_day_that_has_not_come_cannot_be_signed(cast: dict[str, User], signed_in: SignedIn, noon: datetime) -> None:
    with pytest.raises(Refused):
        duty_logs.sign_log(DAY + timedelta(days=1), **WORDS, actor=cast["monitor"], now=noon)


def test_of_two_who_write_the_second_is_told(cast: dict[str, User], noon: datetime) -> None:
    duty_logs.save_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    with pytest.raises(Stale):
        duty_logs.save_log(DAY, **{**WORDS, "remarks": "别的"}, actor=cast["legal"], now=noon)
    assert DutyLog.objects.get().remarks == "平稳"


def test_a_missed_log_is_told_to_the_head_of_the_team_once(cast: dict[str, User], noon: datetime) -> None:
    on_duty(cast, "monitor")
    assert duty_logs.flag_missed(at(DAY, time(17, 59))) == []
    assert [log.day for log in duty_logs.flag_missed(at(DAY, time(18)))] == [DAY]
    assert duty_logs.flag_missed(at(DAY, time(18, 5))) == []
    told = Notice.objects.exclude(event="monitoring.roster")
    assert [(notice.person.username, notice.event, notice.url) for notice in told] == [
        ("pr", "monitoring.duty_log_missed", "/duty/logs/2026-11-18/")
    ]
    assert "孟听" in told[0].body
    assert Entry.objects.filter(event="monitoring.duty_log_missed").count() == 1


def test_a_signed_log_is_not_flagged(cast: dict[str, User], noon: datetime) -> None:
    duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    assert duty_logs.flag_missed(at(DAY, time(23))) == []
    assert Notice.objects.count() == 0


def test_after_a_standstill_every_missed_day_is_told_holidays_too(cast: dict[str, User]) -> None:
    national_day = date(2026, 10, 1)
    on_duty(cast, "monitor", national_day)
    flagged = duty_logs.flag_missed(at(national_day + timedelta(days=3), time(12)))
    assert [log.day.day for log in flagged] == [1, 2, 3]


def test_what_is_due_before_noon_is_due_the_morning_after(cast: dict[str, User], noon: datetime) -> None:
    DutyRule.objects.create(pk=1, log_due=time(9))
    on_duty(cast, "monitor")
    assert duty_logs.flag_missed(at(DAY, time(23, 59))) == []
    assert [log.day for log in duty_logs.flag_missed(at(DAY + timedelta(days=1), time(9)))] == [DAY]


def test_signing_late_is_allowed_and_said(cast: dict[str, User], signed_in: SignedIn, time_machine: Any) -> None:
    on_duty(cast, "monitor")
    duty_logs.flag_missed(at(DAY, time(18)))
    morning = at(DAY + timedelta(days=1), time(8))
    time_machine.move_to(morning, tick=False)
    client = signed_in("monitor")
    page = client.get(reverse("monitoring:duty-log", args=["2026-11-18"]))
    typed = {"remarks": "补签", "handover": "", "version": page.context["log"].version, "sign": "yes"}
    assert client.post(reverse("monitoring:duty-log", args=["2026-11-18"]), typed).status_code == 302
    log = DutyLog.objects.get(day=DAY)
    assert (log.is_late, log.signed_at) == (True, morning)
    listed = client.get(reverse("monitoring:duty-logs"), {"state": "late"}).context["days"]
    assert [(row.day, row.state) for row in listed] == [(DAY, "late")]


def test_the_list_shows_unsigned_days_and_can_be_cut_to_them(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    on_duty(cast, "monitor", DAY - timedelta(days=2))
    duty_logs.sign_log(DAY - timedelta(days=1), **WORDS, actor=cast["pr"], now=noon - timedelta(days=1))
    time_machine.move_to(noon)
    client = signed_in("auditor")
    states = [(row.day.day, row.state) for row in client.get(reverse("monitoring:duty-logs")).context["days"]]
    assert states == [(18, "waiting"), (17, "signed"), (16, "missing")]
    missing = client.get(reverse("monitoring:duty-logs"), {"state": "missing"}).context["days"]
    assert [row.day.day for row in missing] == [16]


def test_the_hand_over_note_stands_on_the_next_day_and_on_the_first_page_of_who_is_on_duty(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    on_duty(cast, "legal", DAY + timedelta(days=1))
    time_machine.move_to(noon + timedelta(days=1))
    next_day = signed_in("legal").get(reverse("monitoring:duty-log", args=["2026-11-19"]))
    assert next_day.context["handover"].handover == WORDS["handover"]
    assert WORDS["handover"] in signed_in("legal").get(reverse("home")).content.decode()
    assert WORDS["handover"] not in signed_in("market").get(reverse("home")).content.decode()


def test_what_came_after_the_signature_is_counted_on_the_next_day(cast: dict[str, User], noon: datetime) -> None:
    duty_logs.sign_log(DAY, **WORDS, actor=cast["monitor"], now=noon)
    PostFactory(first_seen_at=noon + timedelta(hours=3))
    kept = selectors.figures(DAY + timedelta(days=1), noon + timedelta(days=1))
    assert (kept["posts"]["total"], kept["evening"]) == (0, 1)


def test_the_month_as_a_file_runs_no_formula(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    words = {**WORDS, "remarks": "=HYPERLINK(1)"}
    PostFactory(first_seen_at=noon - timedelta(hours=1), sentiment="neg")
    duty_logs.sign_log(DAY, **words, actor=cast["monitor"], now=noon)
    time_machine.move_to(noon)
    with translation.override("en"):
        answer = signed_in("pr").get(
            reverse("monitoring:export-duty-logs"), {"month": "2026-11"}, headers={"accept-language": "en"}
        )
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    assert [len(row) for row in rows] == [14, 14]
    assert (rows[1][0], rows[1][2], rows[1][5], rows[1][6], rows[1][12]) == (
        "2026-11-18",
        "孟听",
        "1",
        "1",
        "'=HYPERLINK(1)",
    )
    assert Entry.objects.order_by("-seq")[0].event == "monitoring.duty_logs_exported"


def test_the_paper_says_whether_it_is_signed(cast: dict[str, User], signed_in: SignedIn, noon: datetime) -> None:
    client, address = signed_in("gm"), reverse("monitoring:print-duty-log", args=["2026-11-18"])
    english = {"accept-language": "en"}
    assert "Not signed: a draft." in client.get(address, headers=english).content.decode()
    duty_logs.sign_log(DAY, **WORDS, actor=cast["legal"], now=noon)
    page = client.get(address, headers=english).content.decode()
    assert "Not signed" not in page
    assert "陈序" in page


def test_the_number_of_queries_does_not_grow_with_the_day(
    cast: dict[str, User], signed_in: SignedIn, noon: datetime, time_machine: Any
) -> None:
    time_machine.move_to(noon)
    client = signed_in("monitor")

    def queries(name: str, *args: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(f"monitoring:{name}", args=args)).status_code == 200
        return len(caught)

    def heard() -> None:
        topic = TopicFactory()
        PostFactory(first_seen_at=noon - timedelta(hours=1))
        Signal.objects.create(watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon)

    heard()
    on_duty(cast, "monitor")
    duty_logs.sign_log(DAY - timedelta(days=1), **WORDS, actor=cast["pr"], now=noon)
    queries("duty-log", "2026-11-18")
    few = queries("duty-log", "2026-11-18"), queries("duty-logs")
    heard()
    on_duty(cast, "legal")
    duty_logs.sign_log(DAY - timedelta(days=2), **WORDS, actor=cast["pr"], now=noon)
    assert (queries("duty-log", "2026-11-18"), queries("duty-logs")) == few
