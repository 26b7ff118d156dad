import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import RoleChange
from accounts.roles import TWO_PERSON_ROLES, Role
from accounts.services import Refused
from accounts.services.roles import decide_role_change, request_role_change, withdraw_role_change
from audit.models import Entry
from audit.services import verify
from notices.models import Notice

pytestmark = pytest.mark.django_db

ORDINARY = sorted(set(Role) - TWO_PERSON_ROLES)


@pytest.fixture
def ask(cast, noon):
    def request(username, role, grants=True, actor="security"):
        return request_role_change(cast[username], role, grants=grants, reason="岗位调整", actor=cast[actor], now=noon)

    return request


def test_the_two_person_roles_are_those_of_the_leadership_and_the_spokesperson():
    assert {role.value for role in TWO_PERSON_ROLES} == {
        "leader_head",
        "leader_deputy",
        "leader_member",
        "spokesperson",
        "alternate",
    }


@pytest.mark.parametrize("role", ORDINARY)
def test_an_ordinary_role_is_granted_at_once(role, cast, ask, again, on_record):
    change = ask("outsider", role)

    assert (change.state, change.decided_by) == ("applied", cast["security"])
    assert again(cast["outsider"]).roles == {role}
    assert on_record() == [("accounts.role_granted", "security", "person:outsider")]
    assert Notice.objects.count() == 0


def test_an_ordinary_role_is_taken_at_once(cast, ask, again, on_record):
    ask("legal", Role.TEAM_MEMBER, grants=False)

    assert again(cast["legal"]).roles == frozenset()
    assert on_record() == [("accounts.role_taken", "security", "person:legal")]


@pytest.mark.parametrize("role", sorted(TWO_PERSON_ROLES))
def test_a_two_person_role_waits_and_the_leadership_group_is_told(role, cast, ask, again, on_record):
    change = ask("outsider", role)

    assert (change.state, change.decided_by) == ("waiting", None)
    assert again(cast["outsider"]).roles == frozenset()
    assert on_record() == [("accounts.role_change_requested", "security", "person:outsider")]
    assert sorted(Notice.objects.values_list("person__username", flat=True)) == ["deputy", "gm", "member"]


@pytest.mark.parametrize("second", ["gm", "deputy"])
def test_a_second_person_agrees_and_the_role_moves(second, cast, ask, again, noon, on_record):
    change = ask("outsider", Role.LEADER_MEMBER)
    decide_role_change(change, actor=cast[second], now=noon, approves=True, note="同意")

    assert (change.state, change.decided_by, change.decision_note) == ("applied", cast[second], "同意")
    assert again(cast["outsider"]).roles == {Role.LEADER_MEMBER}
    assert on_record()[1:] == [("accounts.role_granted", second, "person:outsider")]
    assert Entry.objects.latest("seq").detail == {
        "change": str(change.uuid),
        "role": "leader_member",
        "grants": True,
        "reason": "岗位调整",
        "requested_by": "security",
        "note": "同意",
    }
    news = Notice.objects.filter(event="accounts.role_change_applied")
    told = sorted(news.values_list("person__username", flat=True))
    assert told == ["deputy", "gm", "member", "outsider", "security"]


def test_another_security_administrator_may_be_the_second_person(cast, ask, again, noon):
    ask("outsider", Role.SECURITY_ADMIN)
    change = ask("dept", Role.ALTERNATE)
    decide_role_change(change, actor=again(cast["outsider"]), now=noon, approves=True)

    assert again(cast["dept"]).roles == {Role.ALTERNATE, Role.DEPARTMENT_STAFF}


def test_taking_a_two_person_role_takes_a_second_person_too(cast, ask, again, noon):
    change = ask("member", Role.LEADER_MEMBER, grants=False)
    assert again(cast["member"]).roles == {Role.LEADER_MEMBER}

    decide_role_change(change, actor=cast["gm"], now=noon, approves=True)
    assert again(cast["member"]).roles == frozenset()


def test_a_refusal_changes_no_role(cast, ask, again, noon, on_record):
    change = ask("outsider", Role.SPOKESPERSON)
    decide_role_change(change, actor=cast["gm"], now=noon, approves=False, note="人选再议")

    assert (change.state, change.decision_note) == ("refused", "人选再议")
    assert again(cast["outsider"]).roles == frozenset()
    assert on_record()[1:] == [("accounts.role_change_refused", "gm", "person:outsider")]


@pytest.mark.parametrize("who", ["security", "outsider", "member", "admin", "auditor", "pr"])
def test_who_may_not_be_the_second_person(who, cast, ask, again, noon, on_record):
    change = ask("outsider", Role.LEADER_MEMBER)
    before = on_record()
    with pytest.raises(PermissionDenied):
        decide_role_change(change, actor=cast[who], now=noon, approves=True)

    change.refresh_from_db()
    assert change.state == "waiting"
    assert again(cast["outsider"]).roles == frozenset()
    assert on_record() == before


def test_the_person_concerned_does_not_decide_even_as_a_leader(cast, ask, again, noon):
    change = ask("deputy", Role.LEADER_HEAD)
    with pytest.raises(PermissionDenied):
        decide_role_change(change, actor=cast["deputy"], now=noon, approves=True)
    assert again(cast["deputy"]).roles == {Role.LEADER_DEPUTY}


def test_a_decision_is_made_once(cast, ask, noon, on_record):
    change = ask("outsider", Role.LEADER_MEMBER)
    stale = RoleChange.objects.get(pk=change.pk)
    decide_role_change(change, actor=cast["gm"], now=noon, approves=False)
    before = on_record()
    with pytest.raises(Refused, match="decided meanwhile"):
        decide_role_change(stale, actor=cast["deputy"], now=noon, approves=True)

    assert RoleChange.objects.get().state == "refused"
    assert on_record() == before


def test_only_who_asked_may_withdraw(cast, ask, noon, on_record):
    change = ask("outsider", Role.LEADER_MEMBER)
    with pytest.raises(PermissionDenied):
        withdraw_role_change(change, actor=cast["gm"], now=noon)
    assert RoleChange.objects.get().state == "waiting"

    withdraw_role_change(change, actor=cast["security"], now=noon)
    assert RoleChange.objects.get().state == "withdrawn"
    assert on_record()[1:] == [("accounts.role_change_withdrawn", "security", "person:outsider")]


@pytest.mark.parametrize("who", ["gm", "pr", "admin", "auditor", "dept", "outsider"])
def test_only_the_security_administrator_asks(who, cast, ask, again, on_record):
    with pytest.raises(PermissionDenied):
        ask("monitor", Role.TEAM_MEMBER, actor=who)
    assert again(cast["monitor"]).roles == {Role.MONITOR}
    assert (RoleChange.objects.count(), on_record()) == (0, [])


def test_nobody_changes_their_own_roles(cast, ask, again):
    with pytest.raises(PermissionDenied):
        ask("security", Role.MONITOR)
    assert again(cast["security"]).roles == {Role.SECURITY_ADMIN}


@pytest.mark.parametrize("officer", ["auditor", "admin"])
@pytest.mark.parametrize("role", [Role.MONITOR, Role.LEADER_HEAD, Role.SECURITY_ADMIN, Role.TEAM_HEAD])
def test_an_officer_gets_no_other_role(officer, role, cast, ask, again, on_record):
    before = again(cast[officer]).roles
    with pytest.raises(Refused, match="officer holds no other role"):
        ask(officer, role)
    assert again(cast[officer]).roles == before
    assert on_record() == []


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
def test_whoever_has_a_role_does_not_become_an_officer(role, cast, ask, again):
    with pytest.raises(Refused, match="officer holds no other role"):
        ask("gm", role)
    assert again(cast["gm"]).roles == {Role.LEADER_HEAD}


def test_what_has_become_impossible_is_refused_by_the_second_word(cast, ask, again, noon):
    change = ask("outsider", Role.LEADER_MEMBER)
    ask("outsider", Role.AUDITOR)
    with pytest.raises(Refused, match="officer holds no other role"):
        decide_role_change(change, actor=cast["gm"], now=noon, approves=True)

    assert again(cast["outsider"]).roles == {Role.AUDITOR}
    assert RoleChange.objects.get(pk=change.pk).state == "waiting"


def test_the_last_head_of_the_leadership_keeps_the_role(cast, ask, again):
    with pytest.raises(Refused, match="held by nobody else"):
        ask("gm", Role.LEADER_HEAD, grants=False)
    assert again(cast["gm"]).roles == {Role.LEADER_HEAD}


def test_one_of_two_security_administrators_may_go(cast, ask, again, noon):
    ask("outsider", Role.SECURITY_ADMIN)
    second = again(cast["outsider"])
    request_role_change(cast["security"], Role.SECURITY_ADMIN, grants=False, reason="离任", actor=second, now=noon)

    assert again(cast["security"]).roles == frozenset()
    assert again(second).roles == {Role.SECURITY_ADMIN}


def test_two_heads_going_at_once_leave_one(cast, ask, again, noon):
    cast["outsider"].groups.add(cast["gm"].groups.get())
    first = ask("gm", Role.LEADER_HEAD, grants=False)
    second = ask("outsider", Role.LEADER_HEAD, grants=False)
    decide_role_change(first, actor=cast["deputy"], now=noon, approves=True)
    with pytest.raises(Refused, match="held by nobody else"):
        decide_role_change(second, actor=cast["deputy"], now=noon, approves=True)
    assert again(cast["outsider"]).roles == {Role.LEADER_HEAD}


@pytest.mark.parametrize(
    ("username", "role", "grants", "words"),
    [
        ("monitor", Role.MONITOR, True, "holds the role already"),
        ("monitor", Role.TEAM_MEMBER, False, "does not hold the role"),
    ],
)
def test_what_changes_nothing_is_refused(username, role, grants, words, ask, on_record):
    with pytest.raises(Refused, match=words):
        ask(username, role, grants)
    assert (RoleChange.objects.count(), on_record()) == (0, [])


def test_a_role_waits_once_for_a_person(ask, on_record):
    ask("outsider", Role.LEADER_MEMBER)
    before = on_record()
    with pytest.raises(Refused, match="already waiting"):
        ask("outsider", Role.LEADER_MEMBER)
    assert RoleChange.objects.count() == 1
    assert on_record() == before


def test_somebody_switched_off_is_given_nothing(cast, ask):
    cast["outsider"].is_active = False
    cast["outsider"].save()
    with pytest.raises(Refused, match="switched off"):
        ask("outsider", Role.MONITOR)


def test_a_hook_that_fails_takes_the_change_back(cast, ask, again, settings, on_record):
    settings.ACCOUNT_HOOKS = ["tests.accounts.test_role_changes.failing_hook"]
    with pytest.raises(RuntimeError, match="no news"):
        ask("outsider", Role.LEADER_MEMBER)
    assert (RoleChange.objects.count(), on_record()) == (0, [])
    assert verify().whole


def failing_hook(event, row):
    raise RuntimeError("no news")
