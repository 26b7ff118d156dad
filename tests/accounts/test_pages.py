"""The people pages, through the browser's eyes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import BreakGlass, Delegation, Department, LetterOfAuthority, RoleChange, User
from accounts.roles import Role
from accounts.services import authority
from accounts.services.people import add_person, deactivate_person
from accounts.services.roles import request_role_change
from audit.models import Entry

pytestmark = pytest.mark.django_db


def words(response):
    """The text of a page, one space between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def url(person, act=""):
    return f"/people/{person.uuid}/{act}"


PAGES = {
    # page: who gets it; others of the cast get 403
    "/people/": "everybody with a role",
    "/people/letters/": "everybody with a role",
    "/people/break-glass/": "everybody with a role",
    "/people/delegation/": "everybody",
    "/people/settings/": "everybody",
    "/people/role-changes/": {"security", "gm", "deputy", "member", "auditor"},
    "/people/add/": {"security"},
    "/people/departments/": {"security"},
    "/people/departments/pr/": {"security"},
}


@pytest.mark.parametrize("page", PAGES)
def test_who_sees_a_page(page, cast, signed_in, stranger):
    allowed = PAGES[page]
    if isinstance(allowed, str):
        allowed = set(cast) - ({"outsider"} if allowed == "everybody with a role" else set())
    assert {name for name in cast if signed_in(name).get(page).status_code == 200} == allowed
    assert {signed_in(name).get(page).status_code for name in set(cast) - allowed} <= {403}
    assert stranger.get(page)["Location"] == f"/accounts/login/?next={page}"


ACTS = [
    "edit",
    "deactivate",
    "reactivate",
    "reset-password",
    "clear-second-factors",
    "unlock",
    "grant-role",
    "take-role",
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["gm", "deputy", "pr", "auditor", "admin", "dept"])
def test_who_may_not_act_on_a_person(act, who, cast, signed_in):
    before = list(User.objects.order_by("pk").values())
    data = {"role": Role.LEADER_HEAD, "reason": "因为需要", "name": "x", "version": 1}
    response = signed_in(who).post(url(cast["legal"], f"{act}/"), data)

    assert response.status_code == 403
    assert [{**row, "last_login": None} for row in User.objects.order_by("pk").values()] == [
        {**row, "last_login": None} for row in before
    ]
    assert [entry.event for entry in Entry.objects.all()] == ["accounts.act_refused"]


@pytest.mark.parametrize("act", [*ACTS[1:], "grant-role", "take-role"])
def test_acts_do_not_answer_a_get(act, cast, signed_in):
    assert signed_in("security").get(url(cast["legal"], f"{act}/")).status_code == 405


def test_a_person_nobody_sees_is_not_found(cast, signed_in, noon):
    deactivate_person(cast["legal"], actor=cast["security"], now=noon)
    assert signed_in("pr").get(url(cast["legal"])).status_code == 404
    assert signed_in("outsider").get(url(cast["gm"])).status_code == 404
    assert signed_in("security").get(url(cast["legal"])).status_code == 200
    assert signed_in("outsider").get(url(cast["outsider"])).status_code == 200


# --- the list --------------------------------------------------------------------------------------------------------
def test_the_list_shows_roles_state_and_authority(cast, desk, noon):
    now = timezone.now()
    today = timezone.localdate(now)
    authority.issue_letter(
        cast["spokesperson"], scope="产品质量", starts_on=today, ends_on=today, actor=cast["gm"], now=now
    )
    authority.delegate(
        cast["deputy"], reason="出差", starts_at=now, ends_at=now + timedelta(days=1), actor=cast["gm"], now=now
    )
    request_role_change(cast["dept"], Role.ALTERNATE, grants=True, reason="备选", actor=cast["security"], now=now)
    add_person(username="new", name="新人", actor=cast["security"], now=now)
    page = words(desk("security").get("/people/"))

    assert f"spokesperson Letter of authority until {today} active" in page
    assert "leadership group head 沈知远 decides for them" in page
    assert "department staff active role change waiting" in page
    assert "新人 new no role one-time password" in page


def test_the_list_is_searched(cast, desk):
    page = words(desk("security").get("/people/?q=法务"))
    assert ("陈序" in page, "王立群" in page) == (True, False)
    assert "Nobody is found by these words" in words(desk("security").get("/people/?q=zzz"))


def test_the_list_costs_the_same_with_more_people(cast, signed_in):
    now = timezone.now()
    client = signed_in("security")
    client.get("/people/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/people/")
    for n in range(5):
        person, _password = add_person(
            username=f"new{n}", name=f"新人{n}", actor=cast["security"], now=now, department=cast["pr"].department
        )
        request_role_change(person, Role.MONITOR, grants=True, reason="值班", actor=cast["security"], now=now)
        request_role_change(person, Role.SPOKESPERSON, grants=True, reason="备用", actor=cast["security"], now=now)
    with CaptureQueriesContext(connection) as many:
        client.get("/people/")
    assert len(many) == len(few)


# --- adding and editing ----------------------------------------------------------------------------------------------
def test_adding_a_person_shows_the_password_once(cast, desk):
    client = desk("security")
    response = client.post("/people/add/", {"username": "new", "name": "新人", "email": "new@example.com"})
    shown = re.search(r'id="password">([a-z2-9-]{19})<', response.content.decode())
    person = User.objects.get(username="new")

    assert shown
    assert person.check_password(shown.group(1))
    assert "no-store" in response["Cache-Control"]
    assert shown.group(1) not in client.get(url(person)).content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"username": "", "name": "新人"}, "This field is required."),
        ({"username": "gm", "name": "新人"}, "A user with that username already exists."),
        ({"username": "Gm", "name": "新人"}, "There is already somebody called Gm."),
        ({"username": "new", "name": "新人", "email": "no address"}, "Enter a valid email address."),
    ],
)
def test_what_the_form_of_a_new_person_refuses(data, sentence, cast, desk):
    count = User.objects.count()
    response = desk("security").post("/people/add/", data)
    assert (response.status_code, User.objects.count()) == (422, count)
    assert sentence in words(response)


def test_an_edit_and_a_stale_edit_that_shows_both_states(cast, desk):
    client = desk("security")
    form = {
        "name": "周妍",
        "title": "公关总监",
        "department": cast["pr"].department_id,
        "speciality": "pr",
        "version": 1,
    }
    assert client.post(url(cast["pr"], "edit/"), form).status_code == 302

    response = client.post(url(cast["pr"], "edit/"), {**form, "title": "首席沟通官"})
    assert response.status_code == 409
    assert "Job title 公关总监 首席沟通官" in words(response)
    assert 'name="version" value="2"' in response.content.decode()
    assert User.objects.get(username="pr").title == "公关总监"

    again = client.post(url(cast["pr"], "edit/"), {**form, "title": "首席沟通官", "version": 2})
    assert (again.status_code, User.objects.get(username="pr").title) == (302, "首席沟通官")


def test_switching_off_and_on_through_the_page(cast, desk):
    client = desk("security")
    assert "sessions have ended" in words(client.post(url(cast["legal"], "deactivate/"), follow=True))
    assert User.objects.get(username="legal").is_active is False
    response = client.post(url(cast["legal"], "reactivate/"))
    assert re.search(r'id="password">[a-z2-9-]{19}<', response.content.decode())
    assert "held by nobody else" in words(client.post(url(cast["gm"], "deactivate/"), follow=True))


def test_a_reset_password_is_shown_once(cast, desk):
    response = desk("security").post(url(cast["legal"], "reset-password/"))
    shown = re.search(r'id="password">([a-z2-9-]{19})<', response.content.decode())
    assert User.objects.get(username="legal").check_password(shown.group(1))
    assert "no-store" in response["Cache-Control"]


def test_locks_are_shown_and_ended(cast, desk, stranger):
    for _try in range(5):
        stranger.post("/accounts/login/", {"username": "gm", "password": "wrong wrong wrong"})
    client = desk("security")
    assert "Locked from 127.0.0.1 until" in words(client.get(url(cast["gm"])))
    client.post(url(cast["gm"], "unlock/"))
    assert "Locked from" not in words(client.get(url(cast["gm"])))


# --- roles -----------------------------------------------------------------------------------------------------------
def test_a_two_person_role_from_request_to_the_second_word(cast, desk):
    asked = desk("security").post(
        url(cast["dept"], "grant-role/"), {"role": Role.ALTERNATE, "reason": "扩充备选"}, follow=True
    )
    assert "A second person must agree; the leadership group knows." in words(asked)
    change = RoleChange.objects.get()

    for onlooker in ("security", "member", "auditor"):
        page = desk(onlooker).get("/people/role-changes/")
        assert "Give 江禾 the role: alternate spokesperson" in words(page)
        assert "Agree, give the role" not in words(page)
    gm = desk("gm")
    assert "Agree, give the role" in words(gm.get("/people/role-changes/"))
    done = gm.post(f"/people/role-changes/{change.uuid}/decide/", {"approves": "yes", "note": "同意"}, follow=True)
    assert "Agreed: the role has changed." in words(done)
    assert User.objects.get(username="dept").roles == {Role.ALTERNATE, Role.DEPARTMENT_STAFF}


@pytest.mark.parametrize(("who", "status"), [("security", 403), ("member", 403), ("auditor", 403), ("pr", 403)])
def test_who_is_no_second_person(who, status, cast, signed_in, noon):
    change = request_role_change(
        cast["dept"], Role.ALTERNATE, grants=True, reason="备选", actor=cast["security"], now=noon
    )
    response = signed_in(who).post(f"/people/role-changes/{change.uuid}/decide/", {"approves": "yes"})
    assert (response.status_code, RoleChange.objects.get().state) == (status, "waiting")


def test_a_decision_without_a_word_decides_nothing(cast, desk, noon):
    change = request_role_change(
        cast["dept"], Role.ALTERNATE, grants=True, reason="备选", actor=cast["security"], now=noon
    )
    response = desk("gm").post(f"/people/role-changes/{change.uuid}/decide/", {}, follow=True)
    assert "Say yes or no" in words(response)
    assert RoleChange.objects.get().state == "waiting"


def test_a_request_is_withdrawn(cast, desk, noon):
    change = request_role_change(
        cast["dept"], Role.ALTERNATE, grants=True, reason="备选", actor=cast["security"], now=noon
    )
    desk("security").post(f"/people/role-changes/{change.uuid}/withdraw/")
    assert RoleChange.objects.get().state == "withdrawn"
    assert "No role change is waiting" in words(desk("gm").get("/people/role-changes/"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"role": Role.AUDITOR, "reason": "兼任审计"}, "An officer holds no other role"),
        ({"role": Role.DEPARTMENT_STAFF, "reason": "重复授予"}, "Select a valid choice."),
        ({"role": Role.MONITOR, "reason": ""}, "This field is required."),
        ({"role": "emperor", "reason": "登基"}, "Select a valid choice."),
    ],
)
def test_what_the_form_of_a_role_refuses(data, sentence, cast, desk):
    response = desk("security").post(url(cast["dept"], "grant-role/"), data)
    assert response.status_code == 422
    assert sentence in words(response)
    assert User.objects.get(username="dept").roles == {Role.DEPARTMENT_STAFF}


# --- authority -------------------------------------------------------------------------------------------------------
def test_a_letter_is_issued_and_revoked(cast, desk):
    today = timezone.localdate()
    form = {"person": cast["spokesperson"].pk, "scope": "产品质量事件", "starts_on": today, "ends_on": today}
    gm = desk("gm")
    page = gm.post("/people/letters/", form, follow=True)
    assert "苏青 spokesperson yes By letter of authority: 产品质量事件" in words(page)

    letter = LetterOfAuthority.objects.get()
    gm.post(f"/people/letters/{letter.uuid}/revoke/")
    assert "There is no letter of authority in force for this role." in words(gm.get("/people/letters/"))


@pytest.mark.parametrize("who", ["member", "pr", "security", "spokesperson"])
def test_who_issues_no_letter(who, cast, signed_in):
    today = timezone.localdate()
    form = {"person": cast["spokesperson"].pk, "scope": "一切", "starts_on": today, "ends_on": today}
    assert signed_in(who).post("/people/letters/", form).status_code == 403
    assert LetterOfAuthority.objects.count() == 0


def test_what_the_form_of_a_letter_refuses(cast, desk):
    today = timezone.localdate()
    form = {"person": cast["pr"].pk, "scope": "", "starts_on": today, "ends_on": today - timedelta(days=1)}
    response = desk("gm").post("/people/letters/", form)
    assert response.status_code == 422
    assert "Select a valid choice" in words(response)
    form = {
        "person": cast["spokesperson"].pk,
        "scope": "产品",
        "starts_on": today,
        "ends_on": today - timedelta(days=1),
    }
    assert "must end on or after" in words(desk("gm").post("/people/letters/", form))
    assert LetterOfAuthority.objects.count() == 0


def test_break_glass_is_taken_and_ended(cast, desk):
    form = {"hours": 2, "reason": "苏青、叶蓁电话均未接通"}
    page = desk("pr").post("/people/break-glass/", form, follow=True)
    assert "You may speak for the company now." in words(page)

    glass = BreakGlass.objects.get()
    assert "End it now" in words(desk("gm").get("/people/break-glass/"))
    assert "End it now" not in words(desk("legal").get("/people/break-glass/"))
    assert desk("legal").post(f"/people/break-glass/{glass.uuid}/end/").status_code == 403
    desk("gm").post(f"/people/break-glass/{glass.uuid}/end/")
    assert "ended by 王立群" in words(desk("legal").get("/people/break-glass/"))


@pytest.mark.parametrize("form", [{"hours": 5, "reason": "电话均未接通，微信无回复"}, {"hours": 1, "reason": "急"}, {}])
def test_what_the_form_of_break_glass_refuses(form, cast, desk):
    assert desk("pr").post("/people/break-glass/", form).status_code == 422
    assert BreakGlass.objects.count() == 0


def test_a_delegation_is_given_and_ended(cast, desk):
    today = timezone.localdate()
    form = {
        "delegate": cast["deputy"].pk,
        "starts_on": today,
        "ends_on": today + timedelta(days=2),
        "reason": "出差三天",
    }
    gm = desk("gm")
    assert "沈知远 decides for 王立群 in force" in words(gm.post("/people/delegation/", form, follow=True))
    row = Delegation.objects.get()
    assert timezone.localtime(row.ends_at).strftime("%H:%M") == "00:00"
    assert timezone.localdate(row.ends_at) == today + timedelta(days=3)
    assert "沈知远 decides for 王立群" in words(desk("deputy").get("/people/delegation/"))

    gm.post(f"/people/delegation/{row.uuid}/revoke/")
    assert Delegation.objects.get().revoked_at is not None
    for who in ("gm", "deputy"):
        assert "沈知远 decided for 王立群 ended early" in words(desk(who).get("/people/delegation/"))
    assert "decided for" not in words(desk("member").get("/people/delegation/"))


@pytest.mark.parametrize("who", ["legal", "dept", "security", "outsider"])
def test_who_delegates_nothing(who, cast, signed_in):
    form = {"delegate": cast["deputy"].pk, "starts_on": "2026-11-18", "ends_on": "2026-11-19", "reason": "出差"}
    assert signed_in(who).post("/people/delegation/", form).status_code == 403
    assert Delegation.objects.count() == 0


def test_a_delegation_of_more_than_thirty_days_is_refused_in_words(cast, desk):
    today = timezone.localdate()
    form = {
        "delegate": cast["deputy"].pk,
        "starts_on": today + timedelta(days=1),
        "ends_on": today + timedelta(days=31),
        "reason": "长期出差",
    }
    response = desk("gm").post("/people/delegation/", form)
    assert (response.status_code, "30 days at most" in words(response)) == (422, True)


# --- departments -----------------------------------------------------------------------------------------------------
def test_departments_through_the_pages(cast, desk):
    client = desk("security")
    client.post("/people/departments/", {"code": "store", "name": "门店部"})
    assert client.post("/people/departments/store/", {"name": "门店运营部", "version": 1}).status_code == 302
    stale = client.post("/people/departments/store/", {"name": "门店管理部", "version": 1})

    assert stale.status_code == 409
    assert "It is called 门店运营部 now." in words(stale)
    assert Department.objects.get(code="store").name == "门店运营部"


@pytest.mark.parametrize(
    "form", [{"code": "has space", "name": "x"}, {"code": "", "name": "x"}, {"code": "pr", "name": "x"}]
)
def test_what_the_form_of_a_department_refuses(form, cast, desk):
    count = Department.objects.count()
    assert desk("security").post("/people/departments/", form).status_code == 422
    assert Department.objects.count() == count


# --- one's own settings ----------------------------------------------------------------------------------------------
def test_settings_show_ones_own(cast, desk):
    page = words(desk("gm").get("/people/settings/"))
    assert "You are signed out after 12 hours without activity." in page
    assert "gm@example.com" in page
    assert "leadership group head" in page


def test_every_post_needs_its_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["security"])
    for path in ("/people/add/", url(cast["legal"], "deactivate/"), "/people/departments/", "/notices/read/"):
        assert client.post(path, {}).status_code == 403
    assert client.post("/accounts/login/", {"username": "pr", "password": "x"}).status_code == 403
    assert User.objects.get(username="legal").is_active is True
