"""Who speaks, who decides for whom: letters of authority, break-glass, delegations."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import BreakGlass, Delegation, LetterOfAuthority
from accounts.roles import Role
from accounts.selectors import may_speak, principals_of, speakers
from accounts.services import Refused, authority
from notices.models import Notice, Urgency

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter_for(cast, noon):
    def issue(username, starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 31), actor="gm"):
        return authority.issue_letter(
            cast[username], scope="产品质量事件", starts_on=starts_on, ends_on=ends_on, actor=cast[actor], now=noon
        )

    return issue


@pytest.fixture
def speaks(cast):
    return lambda username, now: bool(may_speak(cast[username], now))


# --- letters of authority --------------------------------------------------------------------------------------------
def test_without_a_letter_nobody_speaks(cast, noon, speaks):
    assert [name for name in cast if speaks(name, noon)] == []
    assert may_speak(cast["spokesperson"], noon).why == "There is no letter of authority in force for this role."
    assert may_speak(cast["gm"], noon).why == "Only the spokesperson publishes."


def test_role_and_letter_together_let_a_person_speak(cast, noon, letter_for, speaks, on_record):
    letter = letter_for("spokesperson")

    answer = may_speak(cast["spokesperson"], noon)
    assert (answer.allowed, answer.why, answer.letter) == (True, "By letter of authority: 产品质量事件", letter)
    assert [name for name in cast if speaks(name, noon)] == ["spokesperson"]
    assert on_record() == [("accounts.letter_issued", "gm", "person:spokesperson")]
    told = sorted(Notice.objects.values_list("person__username", flat=True))
    assert told == ["deputy", "gm", "member", "spokesperson"]


def test_an_alternate_speaks_with_a_letter_as_alternate(cast, noon, letter_for, speaks):
    assert letter_for("alternate").is_alternate is True
    assert speaks("alternate", noon) is True

    LetterOfAuthority.objects.update(is_alternate=False)
    assert speaks("alternate", noon) is False


def test_a_letter_as_alternate_does_not_make_a_spokesperson(cast, noon, letter_for, speaks):
    letter_for("spokesperson")
    LetterOfAuthority.objects.update(is_alternate=True)
    assert speaks("spokesperson", noon) is False


@pytest.mark.parametrize(
    ("day", "hour", "allowed"),
    # hours in UTC: a letter holds from midnight to midnight in Shanghai, eight hours earlier
    [("2026-11-19", 15, False), ("2026-11-19", 16, True), ("2026-11-21", 15, True), ("2026-11-21", 16, False)],
)
def test_a_letter_holds_on_its_days_in_the_companys_calendar(day, hour, allowed, noon, letter_for, speaks):
    letter_for("spokesperson", date(2026, 11, 20), date(2026, 11, 21))
    then = noon.replace(day=int(day[-2:]), hour=hour)
    assert speaks("spokesperson", then) is allowed


def test_a_letter_is_worth_nothing_without_the_role(cast, noon, letter_for, again):
    letter_for("spokesperson")
    cast["spokesperson"].groups.clear()
    assert bool(may_speak(again(cast["spokesperson"]), noon)) is False


def test_somebody_switched_off_does_not_speak(cast, noon, letter_for):
    letter_for("spokesperson")
    cast["spokesperson"].is_active = False
    assert may_speak(cast["spokesperson"], noon).why == "This account is switched off."


def test_a_revoked_letter_is_over_at_once(cast, noon, letter_for, speaks, on_record):
    letter = letter_for("spokesperson")
    authority.revoke_letter(letter, actor=cast["deputy"], now=noon)

    assert (letter.revoked_by, letter.revoked_at) == (cast["deputy"], noon)
    assert speaks("spokesperson", noon) is False
    assert on_record()[1:] == [("accounts.letter_revoked", "deputy", "person:spokesperson")]
    with pytest.raises(Refused, match="revoked already"):
        authority.revoke_letter(letter, actor=cast["gm"], now=noon)


@pytest.mark.parametrize("who", ["member", "pr", "security", "spokesperson", "outsider"])
def test_who_may_not_issue_or_revoke_a_letter(who, cast, letter_for, noon, on_record):
    with pytest.raises(PermissionDenied):
        letter_for("alternate", actor=who)
    assert (LetterOfAuthority.objects.count(), on_record()) == (0, [])

    letter = letter_for("alternate")
    with pytest.raises(PermissionDenied):
        authority.revoke_letter(letter, actor=cast[who], now=noon)
    assert LetterOfAuthority.objects.get().revoked_at is None


def test_only_a_spokesperson_is_given_a_letter(letter_for):
    with pytest.raises(Refused, match="Only somebody who is spokesperson"):
        letter_for("pr")
    assert LetterOfAuthority.objects.count() == 0


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(date(2026, 11, 20), date(2026, 11, 19)), (date(2026, 11, 1), date(2026, 11, 17))],
)
def test_a_letter_that_could_never_hold_is_refused(starts_on, ends_on, letter_for):
    with pytest.raises(Refused, match="must end on or after"):
        letter_for("spokesperson", starts_on, ends_on)


def test_the_speakers_are_read_in_a_fixed_number_of_queries(cast, noon, letter_for, django_assert_num_queries, again):
    letter_for("spokesperson")
    letter_for("alternate")
    with django_assert_num_queries(4):  # people, roles, letters, break-glass
        found = {person.username: bool(answer) for person, answer in speakers(noon)}
    assert found == {"spokesperson": True, "alternate": True}


# --- break-glass -----------------------------------------------------------------------------------------------------
@pytest.fixture
def take(cast, noon):
    def take_it(username="pr", hours=2, now=noon):
        return authority.take_break_glass(
            actor=cast[username], reason="苏青、叶蓁电话均未接通，谣言正在扩散", hours=hours, now=now
        )

    return take_it


@pytest.mark.parametrize("who", ["pr", "gm", "deputy", "member"])
def test_break_glass_lets_one_speak_for_its_hours(who, take, noon, speaks, on_record):
    take(who)

    assert speaks(who, noon + timedelta(hours=2) - timedelta(seconds=1)) is True
    assert speaks(who, noon + timedelta(hours=2)) is False
    assert on_record() == [("accounts.break_glass_taken", who, f"person:{who}")]


def test_break_glass_says_until_when(take, cast, noon):
    take()
    assert may_speak(cast["pr"], noon).why == "By break-glass until 14:00"


def test_the_leadership_group_is_told_at_once_with_the_reason(take):
    take()
    notices = Notice.objects.order_by("person__username")
    assert [(n.person.username, n.urgency, n.body) for n in notices] == [
        (name, Urgency.NOW, "苏青、叶蓁电话均未接通，谣言正在扩散") for name in ("deputy", "gm", "member")
    ]
    assert {delivery.state for notice in notices for delivery in notice.deliveries.all()} == {"queued"}


@pytest.mark.parametrize("who", ["legal", "spokesperson", "head", "security", "admin", "auditor", "outsider"])
def test_who_may_not_break_the_glass(who, take, noon, speaks, on_record):
    with pytest.raises(PermissionDenied):
        take(who)
    assert speaks(who, noon) is False
    assert (BreakGlass.objects.count(), Notice.objects.count(), on_record()) == (0, 0, [])


@pytest.mark.parametrize("hours", [0, -1, 5])
def test_break_glass_lasts_four_hours_at_most(hours, take):
    with pytest.raises(Refused, match="one to four hours"):
        take(hours=hours)
    assert BreakGlass.objects.count() == 0


def test_break_glass_is_not_lengthened_by_taking_it_twice(take, noon):
    take(hours=4)
    with pytest.raises(Refused, match="still in force"):
        take(hours=4, now=noon + timedelta(hours=3))
    assert BreakGlass.objects.count() == 1


@pytest.mark.parametrize("who", ["pr", "gm", "deputy"])
def test_break_glass_can_be_ended(who, take, cast, noon, speaks, on_record):
    glass = take()
    then = noon + timedelta(minutes=30)
    authority.end_break_glass(glass, actor=cast[who], now=then)

    assert (glass.ends_at, glass.ended_by) == (then, cast[who])
    assert speaks("pr", then) is False
    assert on_record()[1:] == [("accounts.break_glass_ended", who, "person:pr")]


def test_others_do_not_end_it_and_what_is_over_stays_over(take, cast, noon):
    glass = take()
    with pytest.raises(PermissionDenied):
        authority.end_break_glass(glass, actor=cast["member"], now=noon)
    with pytest.raises(Refused, match="over already"):
        authority.end_break_glass(glass, actor=cast["gm"], now=noon + timedelta(hours=2))
    glass.refresh_from_db()
    assert (glass.ended_by, glass.ends_at) == (None, noon + timedelta(hours=2))


# --- delegations -----------------------------------------------------------------------------------------------------
@pytest.fixture
def give(cast, noon):
    def delegate(principal="gm", delegate="deputy", starts_in=timedelta(0), lasts=timedelta(days=3)):
        return authority.delegate(
            cast[delegate],
            reason="出差",
            starts_at=noon + starts_in,
            ends_at=noon + starts_in + lasts,
            actor=cast[principal],
            now=noon,
        )

    return delegate


def test_a_delegate_acts_for_the_principal_in_that_role_until_the_end(cast, give, noon, on_record):
    give()

    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon) == [cast["gm"]]
    assert principals_of(cast["deputy"], Role.LEADER_DEPUTY, noon) == []
    assert principals_of(cast["member"], Role.LEADER_HEAD, noon) == []
    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon + timedelta(days=3)) == []
    assert on_record() == [("accounts.delegation_given", "gm", "person:deputy")]
    told = sorted(Notice.objects.values_list("person__username", flat=True))
    assert told == ["deputy", "gm", "member"]


def test_a_delegation_of_later_days_does_not_hold_yet(cast, give, noon):
    give(starts_in=timedelta(days=1))
    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon) == []
    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon + timedelta(days=1)) == [cast["gm"]]


def test_whoever_lost_the_role_or_the_account_has_no_delegate(cast, give, noon):
    give()
    cast["gm"].groups.clear()
    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon) == []

    cast["deputy"].is_active = False
    assert principals_of(cast["deputy"], Role.LEADER_HEAD, noon) == []


def test_a_delegate_passes_nothing_on(cast, give, noon):
    give("gm", "deputy")
    give("deputy", "member")
    assert principals_of(cast["member"], Role.LEADER_HEAD, noon) == []
    assert principals_of(cast["member"], Role.LEADER_DEPUTY, noon) == [cast["deputy"]]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"delegate": "gm"}, "stand in for yourself"),
        ({"delegate": "dept"}, "must belong to"),
        ({"delegate": "security"}, "must belong to"),
        ({"delegate": "outsider"}, "must belong to"),
        ({"lasts": timedelta(days=30, seconds=1)}, "30 days at most"),
        ({"lasts": timedelta(0)}, "must end after it begins"),
        ({"starts_in": timedelta(days=-4)}, "not in the past"),
    ],
)
def test_what_cannot_be_delegated(how, words, give, on_record):
    with pytest.raises(Refused, match=words):
        give(**how)
    assert (Delegation.objects.count(), on_record()) == (0, [])


def test_thirty_days_are_allowed(give):
    assert give(lasts=timedelta(days=30)).pk


def test_one_delegate_at_a_time(give, cast, noon):
    first = give(lasts=timedelta(days=3))
    with pytest.raises(Refused, match="stands in for you in that time already"):
        give(delegate="member", starts_in=timedelta(days=2))
    assert Delegation.objects.count() == 1

    give(delegate="member", starts_in=timedelta(days=3))
    authority.revoke_delegation(first, actor=cast["gm"], now=noon)
    assert give(delegate="pr", lasts=timedelta(days=1)).delegate == cast["pr"]


@pytest.mark.parametrize("who", ["legal", "head", "dept", "spokesperson", "security", "auditor", "outsider"])
def test_who_may_not_delegate(who, give, on_record):
    with pytest.raises(PermissionDenied):
        give(principal=who)
    assert (Delegation.objects.count(), on_record()) == (0, [])


def test_a_delegation_is_revoked_by_its_principal(give, cast, noon, on_record):
    delegation = give("pr", "legal")
    with pytest.raises(PermissionDenied):
        authority.revoke_delegation(delegation, actor=cast["legal"], now=noon)
    assert principals_of(cast["legal"], Role.TEAM_HEAD, noon) == [cast["pr"]]

    authority.revoke_delegation(delegation, actor=cast["pr"], now=noon)
    assert principals_of(cast["legal"], Role.TEAM_HEAD, noon) == []
    assert on_record()[1:] == [("accounts.delegation_revoked", "pr", "person:legal")]
    with pytest.raises(Refused, match="over already"):
        authority.revoke_delegation(delegation, actor=cast["pr"], now=noon)
