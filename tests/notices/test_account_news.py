"""Who hears of what happens to roles and authority, in which words."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings as desk_settings

from accounts.roles import Role
from accounts.services import authority, identities, people
from accounts.services.roles import decide_role_change, request_role_change
from notices.account_news import NEWS, tell
from notices.models import Delivery, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _company_language(settings):
    settings.LANGUAGE_CODE = "en"


def news():
    """(event, subject, body, who) of every piece of news, one row a piece."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for notice in Notice.objects.order_by("person__username"):
        rows.setdefault((notice.event, notice.subject, notice.body), []).append(notice.person.username)
    return sorted((*key, who) for key, who in rows.items())


def test_a_role_change_from_request_to_decision(cast, noon):
    change = request_role_change(
        cast["dept"], Role.ALTERNATE, grants=True, reason="扩充备选", actor=cast["security"], now=noon
    )
    decide_role_change(change, actor=cast["gm"], now=noon, approves=True)

    assert news() == [
        (
            "accounts.role_change_applied",
            "江禾 now has the role: alternate spokesperson",
            "Asked by 安恕, agreed by 王立群.",
            ["dept", "deputy", "gm", "member", "security"],
        ),
        (
            "accounts.role_change_requested",
            "安恕 wants to give 江禾 the role: alternate spokesperson",
            "Reason: 扩充备选. A second person must agree.",
            ["deputy", "gm", "member"],
        ),
    ]


def test_a_refusal_reaches_who_asked(cast, noon):
    change = request_role_change(
        cast["member"], Role.LEADER_MEMBER, grants=False, reason="离任", actor=cast["security"], now=noon
    )
    decide_role_change(change, actor=cast["gm"], now=noon, approves=False, note="暂缓")
    refused = Notice.objects.filter(event="accounts.role_change_refused")

    assert sorted(refused.values_list("person__username", flat=True)) == ["deputy", "gm", "member", "security"]
    assert {(n.subject, n.body) for n in refused} == {
        ("Refused: a change of the role leadership group member for 罗敏", "Asked by 安恕, refused by 王立群. 暂缓")
    }


def test_every_event_that_is_told_has_words_and_an_address(cast, noon):
    letter = authority.issue_letter(
        cast["spokesperson"],
        scope="产品质量",
        starts_on=date(2026, 11, 18),
        ends_on=date(2026, 12, 18),
        actor=cast["gm"],
        now=noon,
    )
    authority.revoke_letter(letter, actor=cast["gm"], now=noon)
    glass = authority.take_break_glass(actor=cast["pr"], reason="两位发言人都联系不上", hours=1, now=noon)
    authority.end_break_glass(glass, actor=cast["gm"], now=noon)
    row = authority.delegate(
        cast["deputy"], reason="出差", starts_at=noon, ends_at=noon + timedelta(days=1), actor=cast["gm"], now=noon
    )
    authority.revoke_delegation(row, actor=cast["gm"], now=noon)
    people.reset_password(cast["member"], actor=cast["security"], now=noon)
    people.deactivate_person(cast["member"], actor=cast["security"], now=noon)
    people.reactivate_person(cast["member"], actor=cast["security"], now=noon)
    identities.set_identity(cast["member"], "wecom", "luomin", actor=cast["admin"], now=noon)

    subjects = dict(Notice.objects.order_by("pk").values_list("event", "subject"))
    assert subjects == {
        "accounts.letter_issued": "Letter of authority for 苏青, until 2026-12-18",
        "accounts.letter_revoked": "The letter of authority of 苏青 is revoked",
        "accounts.break_glass_taken": "周妍 speaks for the company until 2026-11-18 13:00 (break-glass)",
        "accounts.break_glass_ended": "The break-glass of 周妍 is over",
        "accounts.delegation_given": "沈知远 decides for 王立群 until 2026-11-19 12:00",
        "accounts.delegation_revoked": "沈知远 no longer decides for 王立群",
        "accounts.password_reset": "The password of 罗敏 was reset",
        "accounts.person_deactivated": "The account of 罗敏 was switched off",
        "accounts.person_reactivated": "The account of 罗敏 was switched on again",
        "accounts.identity_set": "A WeCom account was written down for 罗敏",
    }
    assert all(re.match(r"/people/", url) for url in Notice.objects.values_list("url", flat=True))
    assert Delivery.objects.count() == Notice.objects.count()


def test_no_password_is_ever_told(cast, noon):
    password = people.reset_password(cast["gm"], actor=cast["security"], now=noon)
    assert [n for n in Notice.objects.all() if password in n.subject + n.body] == []


def test_an_event_without_words_tells_nobody(cast):
    tell("accounts.something_else", cast["gm"])
    assert Notice.objects.count() == 0


def test_the_hook_is_the_one_in_the_settings():
    assert desk_settings.ACCOUNT_HOOKS == ["notices.account_news.tell"]
    assert len(NEWS) == 14
