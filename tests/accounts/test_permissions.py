"""The policy of this app as a table. Rows are acts, names are the cast who may; everybody else may not."""

import pytest

from accounts.models import BreakGlass, Delegation, PlatformIdentity, RoleChange
from accounts.permissions import MAY, may
from accounts.roles import Role
from accounts.selectors import role_changes_to_decide

pytestmark = pytest.mark.django_db

EVERYBODY_WITH_A_ROLE = (
    "monitor pr legal market tech gm deputy member spokesperson alternate head dept auditor security admin"
)

# act: who may, done to `spokesperson`, to a change `security` asked for `dept`, or to what `pr` took or gave
POLICY = {
    "see_people": EVERYBODY_WITH_A_ROLE,
    "add_person": "security",
    "edit_person": "security",
    "deactivate_person": "security",
    "reactivate_person": "security",
    "reset_password": "security",
    "clear_second_factors": "security",
    "unlock_person": "security",
    "set_identity": "security admin",
    "confirm_identity": "spokesperson gm deputy security",
    "remove_identity": "spokesperson security admin",
    "change_departments": "security",
    "request_role_change": "security",
    "see_role_changes": "security gm deputy member auditor",
    "decide_role_change": "gm deputy",
    "withdraw_role_change": "security",
    "issue_letter": "gm deputy",
    "revoke_letter": "gm deputy",
    "take_break_glass": "pr gm deputy member",
    "end_break_glass": "pr gm deputy",
    "delegate": "pr gm deputy member",
    "revoke_delegation": "pr gm deputy",
}


def thing_of(act, cast, noon):
    if act in {"decide_role_change", "withdraw_role_change"}:
        return RoleChange(person=cast["dept"], role=Role.LEADER_MEMBER, grants=True, requested_by=cast["security"])
    if act in {"confirm_identity", "remove_identity"}:
        return PlatformIdentity(person=cast["spokesperson"], set_by=cast["admin"])
    if act == "end_break_glass":
        return BreakGlass(person=cast["pr"])
    if act == "revoke_delegation":
        return Delegation(principal=cast["pr"], delegate=cast["legal"])
    return cast["spokesperson"]


def test_every_act_has_a_row():
    assert set(POLICY) == set(MAY)


@pytest.mark.parametrize("act", POLICY)
def test_who_may(act, cast, noon):
    thing = thing_of(act, cast, noon)
    assert [name for name in cast if may(cast[name], act, thing)] == [
        name for name in cast if name in POLICY[act].split()
    ]


@pytest.mark.parametrize("act", POLICY)
def test_switched_off_nobody_may_anything(act, cast, noon):
    for person in cast.values():
        person.is_active = False
    thing = thing_of(act, cast, noon)
    assert [name for name in cast if may(cast[name], act, thing)] == []


@pytest.mark.parametrize("act", POLICY)
def test_a_superuser_without_a_role_may_nothing(act, cast, noon):
    cast["outsider"].is_superuser = True
    assert may(cast["outsider"], act, thing_of(act, cast, noon)) is False


@pytest.mark.parametrize(
    "act",
    ["deactivate_person", "reactivate_person", "reset_password", "clear_second_factors", "request_role_change"],
)
def test_the_security_administrator_may_not_do_it_to_themself(act, cast):
    assert may(cast["security"], act, cast["security"]) is False


def test_a_leader_gives_themself_no_letter(cast):
    assert may(cast["gm"], "issue_letter", cast["gm"]) is False


def test_whom_a_change_concerns_does_not_decide_it(cast):
    change = RoleChange(person=cast["deputy"], role=Role.LEADER_HEAD, grants=True, requested_by=cast["security"])
    assert may(cast["deputy"], "decide_role_change", change) is False
    assert may(cast["gm"], "decide_role_change", change) is True


def test_what_waits_for_my_word_is_what_i_may_decide(cast, noon):
    for username in ("dept", "deputy"):
        RoleChange.objects.create(
            person=cast[username], role=Role.SPOKESPERSON, grants=True, requested_by=cast["security"], requested_at=noon
        )
    for person in cast.values():
        mine = {change.pk for change in role_changes_to_decide(person)}
        assert mine == {c.pk for c in RoleChange.objects.all() if may(person, "decide_role_change", c)}
