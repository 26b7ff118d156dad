"""Accounts opened, edited, switched off and on; passwords and second factors; departments."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from accounts.models import Department, RoleChange, User
from accounts.roles import Role
from accounts.services import Refused, people
from accounts.services.roles import request_role_change
from accounts.versions import Stale
from audit.models import Entry
from notices.models import Notice
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

NOT_SECURITY = ["pr", "gm", "deputy", "head", "auditor", "admin", "outsider"]


def told(event):
    return sorted(Notice.objects.filter(event=event).values_list("person__username", flat=True))


# --- opening an account ----------------------------------------------------------------------------------------------
def test_a_new_person_begins_with_a_one_time_password_and_no_role(cast, noon, on_record):
    person, password = people.add_person(username="new", name="新人", actor=cast["security"], now=noon)

    assert (person.check_password(password), person.must_change_password, person.roles) == (True, True, frozenset())
    assert len(password) == 19
    assert on_record() == [("accounts.person_added", "security", "person:new")]
    assert password not in str(Entry.objects.get().detail)


def test_two_one_time_passwords_differ(cast, noon):
    given = {people.one_time_password() for _round in range(50)}
    assert len(given) == 50


@pytest.mark.parametrize("who", NOT_SECURITY)
def test_who_may_not_open_an_account(who, cast, noon, on_record):
    with pytest.raises(PermissionDenied):
        people.add_person(username="new", name="新人", actor=cast[who], now=noon)
    assert (User.objects.filter(username="new").exists(), on_record()) == (False, [])


def test_a_user_name_is_taken_whatever_its_case(cast, noon):
    with pytest.raises(Refused, match="already somebody called GM"):
        people.add_person(username="GM", name="冒名", actor=cast["security"], now=noon)


# --- editing ---------------------------------------------------------------------------------------------------------
def test_an_entry_is_edited(cast, again, on_record):
    people.edit_person(cast["pr"], actor=cast["security"], version=1, changes={"title": "公关总监", "name": "周妍"})

    assert (again(cast["pr"]).title, again(cast["pr"]).version) == ("公关总监", 2)
    assert on_record() == [("accounts.person_edited", "security", "person:pr")]
    assert Entry.objects.get().detail == {"fields": ["title"]}


def test_a_stale_edit_changes_nothing(cast, again, on_record):
    people.edit_person(cast["pr"], actor=cast["security"], version=1, changes={"title": "公关总监"})
    before = on_record()
    with pytest.raises(Stale):
        people.edit_person(cast["pr"], actor=cast["security"], version=1, changes={"title": "经理"})
    assert (again(cast["pr"]).title, on_record()) == ("公关总监", before)


def test_what_is_no_directory_field_is_not_written(cast, again):
    changes = {"is_active": False, "is_superuser": True, "username": "x", "title": "经理"}
    people.edit_person(cast["pr"], actor=cast["security"], version=1, changes=changes)
    person = again(cast["pr"])
    assert (person.is_active, person.is_superuser, person.username, person.title) == (True, False, "pr", "经理")


# --- off and on ------------------------------------------------------------------------------------------------------
def test_switching_off_ends_the_sessions_at_once(cast, desk, noon, on_record):
    client = desk("legal")
    assert client.get("/people/settings/").status_code == 200
    people.deactivate_person(cast["legal"], actor=cast["security"], now=noon)

    assert client.get("/people/settings/").status_code == 302
    assert on_record() == [("accounts.person_deactivated", "security", "person:legal")]
    assert told("accounts.person_deactivated") == []


def test_an_old_session_stays_dead_when_the_account_is_switched_on_again(cast, desk, noon, again):
    client = desk("legal")
    client.get("/people/settings/")
    people.deactivate_person(cast["legal"], actor=cast["security"], now=noon)
    password = people.reactivate_person(cast["legal"], actor=cast["security"], now=noon)

    person = again(cast["legal"])
    assert (person.is_active, person.check_password(password), person.roles) == (True, True, {Role.TEAM_MEMBER})
    assert client.get("/people/settings/").status_code == 302


def test_a_leader_switched_off_is_told_to_the_leadership_group(cast, noon):
    people.deactivate_person(cast["member"], actor=cast["security"], now=noon)
    assert told("accounts.person_deactivated") == ["deputy", "gm"]


def test_waiting_changes_lapse_with_the_account(cast, noon):
    request_role_change(cast["dept"], Role.ALTERNATE, grants=True, reason="备选", actor=cast["security"], now=noon)
    people.deactivate_person(cast["dept"], actor=cast["security"], now=noon)
    assert RoleChange.objects.get().state == "withdrawn"


@pytest.mark.parametrize("who", [*NOT_SECURITY, "security"])
def test_who_may_not_switch_off(who, cast, noon, again, on_record):
    target = cast["security"] if who == "security" else cast["legal"]
    with pytest.raises(PermissionDenied):
        people.deactivate_person(target, actor=cast[who], now=noon)
    assert (again(target).is_active, on_record()) == (True, [])


def test_the_last_head_of_the_leadership_stays_on(cast, noon, again):
    with pytest.raises(Refused, match="held by nobody else"):
        people.deactivate_person(cast["gm"], actor=cast["security"], now=noon)
    assert again(cast["gm"]).is_active is True


def test_off_twice_and_on_twice_are_refused(cast, noon):
    people.deactivate_person(cast["legal"], actor=cast["security"], now=noon)
    with pytest.raises(Refused, match="off already"):
        people.deactivate_person(cast["legal"], actor=cast["security"], now=noon)
    people.reactivate_person(cast["legal"], actor=cast["security"], now=noon)
    with pytest.raises(Refused, match="on already"):
        people.reactivate_person(cast["legal"], actor=cast["security"], now=noon)


# --- passwords and second factors ------------------------------------------------------------------------------------
def test_a_reset_gives_a_new_password_and_ends_the_sessions(cast, desk, noon, again, on_record):
    client = desk("legal")
    client.get("/people/settings/")
    password = people.reset_password(cast["legal"], actor=cast["security"], now=noon)

    person = again(cast["legal"])
    assert (person.check_password(password), person.check_password(PASSWORD)) == (True, False)
    assert person.must_change_password is True
    assert client.get("/people/settings/").status_code == 302
    assert on_record() == [("accounts.password_reset", "security", "person:legal")]
    assert told("accounts.password_reset") == []


@pytest.mark.parametrize("who", ["gm", "deputy", "member", "spokesperson", "alternate"])
def test_the_reset_of_one_who_decides_or_speaks_is_told(who, cast, noon):
    people.reset_password(cast[who], actor=cast["security"], now=noon)
    assert told("accounts.password_reset") == sorted({"gm", "deputy", "member", who})


@pytest.mark.parametrize("who", [*NOT_SECURITY, "security"])
def test_who_may_not_reset(who, cast, noon, again, on_record):
    target = cast["security"] if who == "security" else cast["legal"]
    for act in (people.reset_password,):
        with pytest.raises(PermissionDenied):
            act(target, actor=cast[who], now=noon)
    assert (again(target).check_password(PASSWORD), on_record()) == (True, [])


def test_a_lost_phone(cast, desk, noon, on_record):
    Authenticator.objects.create(user=cast["gm"], type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = desk("gm")
    client.get("/people/settings/")
    people.clear_second_factors(cast["gm"], actor=cast["security"])

    assert Authenticator.objects.count() == 0
    assert client.get("/people/settings/").status_code == 302
    assert told("accounts.second_factors_cleared") == ["deputy", "gm", "member"]
    assert on_record() == [("accounts.second_factors_cleared", "security", "person:gm")]
    with pytest.raises(Refused, match="no second factor"):
        people.clear_second_factors(cast["gm"], actor=cast["security"])


def test_a_one_time_password_has_an_end(cast, noon):
    person, _password = people.add_person(username="new", name="新人", actor=cast["security"], now=noon)
    assert person.one_time_password_is_over(noon + timedelta(days=7)) is False
    assert person.one_time_password_is_over(noon + timedelta(days=7, seconds=1)) is True
    assert cast["pr"].one_time_password_is_over(noon + timedelta(days=999)) is False


# --- departments -----------------------------------------------------------------------------------------------------
def test_departments_are_added_and_renamed(cast, on_record):
    department = people.add_department(code="store", name="门店部", actor=cast["security"])
    people.rename_department(department, name="门店运营部", version=1, actor=cast["security"])

    assert Department.objects.values_list("name", "version").get(code="store") == ("门店运营部", 2)
    assert on_record() == [
        ("accounts.department_added", "security", "department:store"),
        ("accounts.department_renamed", "security", "department:store"),
    ]


def test_a_department_is_not_there_twice(cast):
    with pytest.raises(Refused, match="already a department"):
        people.add_department(code="pr", name="另一个", actor=cast["security"])
    with pytest.raises(Refused, match="already a department"):
        people.rename_department(cast["legal"].department, name="公关部", version=1, actor=cast["security"])


def test_a_stale_name_is_not_written(cast):
    department = cast["legal"].department
    people.rename_department(department, name="法律事务部", version=1, actor=cast["security"])
    with pytest.raises(Stale):
        people.rename_department(department, name="合规部", version=1, actor=cast["security"])
    assert Department.objects.get(code="legal").name == "法律事务部"


@pytest.mark.parametrize("who", NOT_SECURITY)
def test_who_may_not_change_departments(who, cast):
    with pytest.raises(PermissionDenied):
        people.add_department(code="store", name="门店部", actor=cast[who])
    assert Department.objects.filter(code="store").exists() is False


# --- the first people, from the command line -------------------------------------------------------------------------
def test_the_first_people_of_an_empty_desk(db, capsys, on_record):
    call_command("add_person", "gm", "--name", "王立群", "--role", "leader_head", "--department", "board")
    password = capsys.readouterr().out.strip()

    person = User.objects.get()
    assert (person.roles, person.department.code, person.check_password(password)) == ({"leader_head"}, "board", True)
    assert person.must_change_password is True
    assert on_record() == [
        ("accounts.person_added", None, "person:gm"),
        ("accounts.role_granted", None, "person:gm"),
    ]
    assert {entry.actor_kind for entry in Entry.objects.all()} == {"system"}


def test_a_two_person_role_that_somebody_holds_is_not_given_from_the_command_line(cast, on_record):
    with pytest.raises(CommandError, match="held by somebody already"):
        call_command("add_person", "intruder", "--name", "入侵者", "--role", "leader_head")
    assert (User.objects.filter(username="intruder").exists(), on_record()) == (False, [])


def test_an_ordinary_role_can_always_be_given_from_the_command_line(cast, again):
    call_command("add_person", "second", "--name", "第二人", "--role", "security_admin")
    assert User.objects.get(username="second").roles == {"security_admin"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gm", "--name", "又一个"], "already somebody called gm"),
        (["no spaces", "--name", "名字"], "valid username"),
        (["both", "--name", "两职", "--role", "auditor", "--role", "monitor"], "officer holds no other role"),
    ],
)
def test_what_the_command_refuses(arguments, words, cast, on_record):
    count = User.objects.count()
    with pytest.raises(CommandError, match=words):
        call_command("add_person", *arguments)
    assert (User.objects.count(), on_record()) == (count, [])
