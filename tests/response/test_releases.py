"""Publishing: once per version and channel, whoever presses how often, and whenever a worker dies."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from accounts.models import BreakGlass, User
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident, LevelRequest
from incidents.refusals import Vetoed
from notices.models import Notice
from response import channels
from response import tasks as background
from response.channels import Receipt, Refused, Unclear
from response.channels.newsroom import channel as newsroom
from response.channels.weibo.channel import words_for as weibo_words
from response.channels.words import weibo_length
from response.models import Release, ReleaseAttempt, SignOff, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.services import releases, sending
from response.services.facts import sign_fact
from response.services.releases import confirm, deny, publish, withdraw
from response.services.statements import after_step
from tests.response.factories import drill, in_review, incident_at, releasable

State = Release.State


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


@pytest.fixture
def version(
    incident: Incident, speakers: dict[str, User], at_noon: datetime, cast: dict[str, User]
) -> StatementVersion:
    return releasable(incident, cast, at_noon)


def published(version: StatementVersion, cast: dict[str, User], now: datetime, *names: str) -> list[Release]:
    return publish(version, channels=names or ("newsroom",), actor=cast["spokesperson"], now=now)


def send_at(now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        background.send_releases()


def fresh(release: Release) -> Release:
    return Release.everywhere.get(pk=release.pk)


# --- who -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["publish_statement", "confirm_release", "withdraw_release"])
def test_who_speaks(version: StatementVersion, cast: dict[str, User], act: str) -> None:
    assert {name for name, person in cast.items() if may(person, act, version)} == {"spokesperson", "alternate"}


def test_without_a_letter_the_spokesperson_is_refused(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident, cast, noon)
    with pytest.raises(PermissionDenied):
        published(version, cast, noon)
    assert not Release.objects.exists()


def test_a_break_glass_opens_the_door_and_is_seen(
    incident: Incident, cast: dict[str, User], noon: datetime, at_noon: datetime
) -> None:
    version = releasable(incident, cast, noon)
    BreakGlass.objects.create(
        person=cast["pr"], reason="两位发言人均联系不上", starts_at=noon, ends_at=noon + timedelta(hours=2)
    )
    publish(version, channels=["newsroom"], actor=cast["pr"], now=noon)
    assert Release.objects.get().requested_by == cast["pr"]


@pytest.mark.parametrize("who", ["pr", "gm", "legal", "admin", "outsider"])
def test_nobody_else_publishes(version: StatementVersion, cast: dict[str, User], noon: datetime, who: str) -> None:
    with pytest.raises(PermissionDenied):
        publish(version, channels=["newsroom"], actor=cast[who], now=noon)
    assert not Release.objects.exists()


# --- what may leave --------------------------------------------------------------------------------------------------
def test_what_is_not_signed_does_not_leave(incident: Incident, speakers: dict[str, User], at_noon: datetime) -> None:
    version = in_review(incident, speakers, at_noon)
    with pytest.raises(NotNow):
        published(version, speakers, at_noon)
    assert not Release.objects.exists()


def test_a_signature_on_other_words_does_not_do(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    SignOff.objects.filter(version=version, place="legal").update(text_hash="0" * 64)
    with pytest.raises(NotNow):
        published(version, cast, noon)


def test_changed_words_do_not_leave(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    StatementVersion.objects.filter(pk=version.pk).update(text="别的话")
    with pytest.raises(NotNow):
        published(version, cast, noon)


def test_words_changed_after_the_press_do_not_leave_either(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    (release,) = published(version, cast, noon)
    StatementVersion.objects.filter(pk=version.pk).update(text="别的话")
    send_at(noon)
    assert (fresh(release).state, fresh(release).public_at) == ("refused", None)


def test_a_fact_that_fell_since_the_signature_stops_it(
    version: StatementVersion, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    fact = incident.facts.get()
    sign_fact(
        fact,
        actor=cast["tech"],
        now=noon,
        seen_version=fact.version,
        state="untrue",
        evidence="并未停业",
        reason="复查",
    )
    with pytest.raises(NotNow):
        published(version, cast, noon)
    assert not Release.objects.exists()


@pytest.mark.parametrize("names", [[], ["fax"]])
def test_a_channel_must_be_one_we_have(
    version: StatementVersion, cast: dict[str, User], noon: datetime, names: list[str]
) -> None:
    with pytest.raises(NotNow):
        publish(version, channels=names, actor=cast["spokesperson"], now=noon)


# --- once ------------------------------------------------------------------------------------------------------------
def test_pressing_twice_publishes_once(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    first = published(version, cast, noon, "newsroom", "weibo")
    again = publish(version, channels=["weibo", "newsroom"], actor=cast["alternate"], now=noon)
    assert first == again
    assert {(each.channel, each.requested_by) for each in Release.objects.all()} == {
        ("newsroom", cast["spokesperson"]),
        ("weibo", cast["spokesperson"]),
    }
    assert Entry.objects.filter(event="response.release_requested").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_spokespersons_at_once_publish_once(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    start, outcomes = Barrier(2), []

    def press(who: str) -> None:
        try:
            start.wait()
            outcomes.append(publish(version, channels=["newsroom", "wechat"], actor=cast[who], now=noon))
        finally:
            connection.close()

    threads = [Thread(target=press, args=[who]) for who in ("spokesperson", "alternate")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 2
    assert outcomes[0] == outcomes[1]
    assert sorted(Release.objects.values_list("channel", flat=True)) == ["newsroom", "wechat"]
    assert Entry.objects.filter(event="response.release_requested").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_attempt(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    published(version, cast, noon)
    start = Barrier(2)

    def work() -> None:
        try:
            (release,) = sending.due_releases(noon)
            start.wait()
            attempt = sending.claim(release, noon)
            if attempt:
                sending.send(release, attempt, noon)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Release.objects.get().state == "sent"
    assert ReleaseAttempt.objects.count() == 1
    assert Entry.objects.filter(event="response.released").count() == 1


def test_the_worker_sends_and_the_first_word_is_a_milestone(
    version: StatementVersion, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    from incidents.selectors.clocks import milestones

    (release,) = published(version, cast, noon)
    send_at(noon + timedelta(seconds=5))
    send_at(noon + timedelta(seconds=10))
    release = fresh(release)
    assert (release.state, release.sent_at, release.sent_by, release.url) == (
        "sent",
        noon + timedelta(seconds=5),
        cast["spokesperson"],
        "http://127.0.0.1:8000/newsroom/SM-2026-001/",
    )
    (attempt,) = release.attempts.all()
    assert (attempt.number, attempt.outcome) == (1, "sent")
    entry = incident.timeline.latest("id")
    assert (entry.event, entry.detail["channel"]) == ("response.released", newsroom.LABEL)
    said = next(each for each in milestones(incident) if each.at == release.sent_at)
    assert said.state == "done"


# --- a worker dies ---------------------------------------------------------------------------------------------------
class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing after it runs."""


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the points at which the worker dies, each once."""
    points: list[str] = []

    def dies_at(point: str) -> None:
        if point in points:
            points.remove(point)
            raise Killed(point)

    call, end = newsroom.publish, sending.end

    def publish_and_die(release: Release, now: datetime) -> Receipt:
        dies_at("before the call")
        receipt = call(release, now)
        dies_at("after the call")
        return receipt

    def end_and_die(*args: Any, **kwargs: Any) -> str:
        dies_at("before the end is written")
        state = end(*args, **kwargs)
        dies_at("after the end is written")
        return state

    monkeypatch.setattr(newsroom, "publish", publish_and_die)
    monkeypatch.setattr(sending, "end", end_and_die)
    return points


POINTS = ["before the call", "after the call", "before the end is written", "after the end is written"]


@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_point_publishes_once(
    version: StatementVersion, cast: dict[str, User], noon: datetime, deaths: list[str], point: str
) -> None:
    (release,) = published(version, cast, noon)
    deaths.append(point)
    with pytest.raises(Killed):
        send_at(noon)
    public_then = fresh(release).public_at
    send_at(noon + timedelta(seconds=60))  # the lease still runs: nobody else touches it
    assert fresh(release).public_at == public_then
    later = noon + timedelta(seconds=130)
    send_at(later)
    send_at(later + timedelta(seconds=130))
    release = fresh(release)
    assert release.state == "sent"
    assert release.public_at == (later if point == "before the call" else noon)
    assert Entry.objects.filter(event="response.released").count() == 1
    assert list(release.attempts.values_list("outcome", flat=True)) == (
        ["sent"] if point == "after the end is written" else ["unknown", "sent"]
    )


def test_a_worker_that_comes_back_late_changes_nothing(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    (release,) = published(version, cast, noon)
    slow = sending.claim(release, noon)
    assert slow is not None
    send_at(noon + timedelta(seconds=130))
    assert sending.end(release, slow, State.REFUSED, noon, words="too late") == "sending"
    assert fresh(release).state == "sent"


# --- a channel of somebody else --------------------------------------------------------------------------------------
class Platform:
    """A channel that is not ours: a call may land without an answer, and a repeat would publish again."""

    LABEL = "平台"
    ACCOUNT = ""
    BEARS_REPEATS = CAN_LOOK = NEEDS_SECOND = CARRIES_IMAGE = TAKES_DOWN = False

    def __init__(self) -> None:
        self.articles: list[int] = []
        self.answer: Exception | BaseException | None = None
        self.can_tell = False

    def words_for(self, version: StatementVersion) -> str:
        return version.text

    def publish(self, release: Release, now: datetime) -> Receipt:
        if isinstance(self.answer, Refused):
            raise self.answer
        self.articles.append(release.pk)
        if self.answer:
            raise self.answer
        return Receipt("https://platform.example.com/1")

    def prepare(self, release: Release, now: datetime) -> None:
        """Nothing."""

    def find(self, release: Release, now: datetime) -> Receipt | None:
        known = self.can_tell and release.pk in self.articles
        return Receipt("https://platform.example.com/1") if known else None


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    there = Platform()
    named = channels.channel_named
    monkeypatch.setitem(channels.CHANNELS, "platform", "none")
    for module in (channels, sending, releases):
        monkeypatch.setattr(module, "channel_named", lambda name: there if name == "platform" else named(name))
    return there


def on_platform(version: StatementVersion, cast: dict[str, User], now: datetime) -> Release:
    newsroom = {"channel": "newsroom", "state": "sent", "sent_at": now, "public_at": now}
    for more in (newsroom, {"channel": "platform"}):
        release = Release.objects.create(
            version=version,
            text_hash=version.text_hash,
            requested_by=cast["spokesperson"],
            requested_at=now,
            **more,
        )
    return release


def test_a_killed_worker_on_a_foreign_channel_asks_a_person_and_never_repeats(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer = Killed()
    with pytest.raises(Killed):
        send_at(noon)
    platform.answer = None
    send_at(noon + timedelta(seconds=130))
    send_at(noon + timedelta(seconds=300))
    assert (fresh(release).state, platform.articles) == ("unknown", [release.pk])
    told = Notice.objects.filter(event="response.release_unknown")
    assert {notice.person.username for notice in told} == {"spokesperson", "alternate"}


def test_what_is_found_there_counts_as_sent(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer, platform.can_tell = Killed(), True
    with pytest.raises(Killed):
        send_at(noon)
    platform.answer = None
    send_at(noon + timedelta(seconds=130))
    assert (fresh(release).state, platform.articles) == ("sent", [release.pk])


def test_an_unclear_answer_is_resolved_by_a_person(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer = Unclear("no answer after 10 s")
    send_at(noon)
    send_at(noon + timedelta(hours=1))
    assert (fresh(release).state, len(platform.articles)) == ("unknown", 1)
    confirm(fresh(release), actor=cast["alternate"], now=noon, url="https://platform.example.com/1")
    assert (fresh(release).state, fresh(release).sent_by) == ("sent", cast["alternate"])


def test_what_a_person_did_not_find_may_be_tried_again(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer = Refused("token expired")
    send_at(noon)
    assert (fresh(release).state, fresh(release).words) == ("refused", "token expired")
    platform.answer = None
    publish(version, channels=["platform"], actor=cast["spokesperson"], now=noon)
    send_at(noon + timedelta(seconds=5))
    assert (fresh(release).state, len(platform.articles)) == ("sent", 1)
    with pytest.raises(NotNow):
        deny(fresh(release), actor=cast["spokesperson"], now=noon)


def test_a_person_says_it_is_not_there(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer = Unclear("no answer")
    send_at(noon)
    deny(fresh(release), actor=cast["spokesperson"], now=noon)
    assert fresh(release).state == "refused"
    platform.answer, platform.articles = None, []
    publish(version, channels=["platform"], actor=cast["spokesperson"], now=noon)
    send_at(noon + timedelta(seconds=5))
    assert (fresh(release).state, len(platform.articles)) == ("sent", 1)


# --- by hand ---------------------------------------------------------------------------------------------------------
def test_a_manual_channel_waits_for_its_address(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    (release,) = published(version, cast, noon, "wechat")
    send_at(noon + timedelta(hours=1))
    assert (fresh(release).state, fresh(release).is_manual) == ("queued", True)
    confirm(release, actor=cast["alternate"], now=noon, url="https://mp.weixin.qq.com/s/abc")
    release = fresh(release)
    assert (release.state, release.url, release.sent_by, release.sent_at) == (
        "sent",
        "https://mp.weixin.qq.com/s/abc",
        cast["alternate"],
        noon,
    )
    with pytest.raises(NotNow):
        confirm(release, actor=cast["spokesperson"], now=noon, url="https://mp.weixin.qq.com/s/other")
    assert fresh(release).url == "https://mp.weixin.qq.com/s/abc"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x/y", "not an address", "https://", ""])
def test_only_a_web_address_counts(version: StatementVersion, cast: dict[str, User], noon: datetime, url: str) -> None:
    (release,) = published(version, cast, noon, "wechat")
    with pytest.raises(NotNow):
        confirm(release, actor=cast["spokesperson"], now=noon, url=url)
    assert fresh(release).state == "queued"


def test_who_does_not_speak_does_not_confirm(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    (release,) = published(version, cast, noon, "weibo")
    with pytest.raises(PermissionDenied):
        confirm(release, actor=cast["pr"], now=noon, url="https://weibo.com/1")
    assert fresh(release).state == "queued"


def test_the_words_for_weibo_fit_and_carry_the_link(version: StatementVersion) -> None:
    version.title, version.text = "关于#建国路店#的说明", "我们停业整顿。[F1]" * 60
    words = weibo_words(version)
    text, link = words.rsplit(" ", 1)
    assert link == "http://127.0.0.1:8000/newsroom/SM-2026-001/"
    assert weibo_length(text) + 11 <= 140
    assert "#" not in text
    assert "F1" not in text


# --- drills ----------------------------------------------------------------------------------------------------------
def test_a_drills_release_never_leaves(cast: dict[str, User], speakers: dict[str, User], at_noon: datetime) -> None:
    incident = incident_at(Level.TWO, cast, at_noon, number="YL-1-YQ-001", exercise=drill(at_noon))
    version = releasable(incident, cast, at_noon)
    releases = published(version, cast, at_noon, *channels.CHANNELS)
    send_at(at_noon)
    assert {(fresh(each).state, fresh(each).public_at, fresh(each).is_manual) for each in releases} == {
        ("refused", None, False)
    }
    assert not Release.objects.exists()


# --- taking back -----------------------------------------------------------------------------------------------------
def test_withdrawing_leaves_a_public_note(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    (release,) = published(version, cast, noon)
    send_at(noon)
    with pytest.raises(NotNow):
        withdraw(fresh(release), actor=cast["spokesperson"], now=noon, note=" ")
    withdraw(fresh(release), actor=cast["spokesperson"], now=noon, note="内容有误，更正后重新发布")
    release = fresh(release)
    assert (release.state, release.words, release.withdrawn_by, release.withdrawn_at) == (
        "withdrawn",
        "内容有误，更正后重新发布",
        cast["spokesperson"],
        noon,
    )


def test_withdrawn_before_the_call_nothing_goes_out(
    version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    (release,) = published(version, cast, noon)
    attempt = sending.claim(release, noon)
    assert attempt is not None
    withdraw(fresh(release), actor=cast["spokesperson"], now=noon, note="等等")
    assert fresh(release).state == "sending"
    assert sending.send(release, attempt, noon) == "withdrawn"
    release = fresh(release)
    assert (release.public_at, release.sent_at, release.words) == (None, None, "等等")
    with pytest.raises(NotNow):
        withdraw(release, actor=cast["spokesperson"], now=noon, note="再等等")


def test_withdrawn_during_the_call_it_finishes_and_is_taken_back(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platform: Platform
) -> None:
    release = on_platform(version, cast, noon)
    platform.answer = Unclear("no answer")
    send_at(noon)
    Release.objects.filter(pk=release.pk).update(state="sending", claimed_at=noon)
    withdraw(fresh(release), actor=cast["spokesperson"], now=noon, note="等等")
    platform.can_tell = True
    send_at(noon + timedelta(seconds=130))
    release = fresh(release)
    assert (release.state, release.words, release.take_down) == ("withdrawn", "等等", "by_hand")
    assert release.sent_at == noon + timedelta(seconds=130)
    assert len(platform.articles) == 1


def test_what_is_queued_can_be_stopped(version: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    (release,) = published(version, cast, noon)
    withdraw(release, actor=cast["spokesperson"], now=noon, note="先不发")
    send_at(noon)
    assert (fresh(release).state, fresh(release).public_at) == ("withdrawn", None)


def test_a_decision_is_not_taken_back_once_a_statement_has_left(
    version: StatementVersion, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    published(version, cast, noon)
    send_at(noon)
    LevelRequest.objects.create(
        incident=incident,
        from_level=0,
        to_level=2,
        reason="理由",
        state="taken_back",
        requested_by=cast["pr"],
        requested_at=noon - timedelta(minutes=9),
        decided_by=cast["gm"],
        decided_at=noon - timedelta(minutes=8),
        decided_level=2,
    )
    with pytest.raises(Vetoed), transaction.atomic():
        after_step("unset_level", incident, actor=cast["gm"], now=noon)
