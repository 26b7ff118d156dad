"""Comments, and the two persons who together let pass what the checks block."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from incidents.levels import Level
from notices.models import Notice
from response.models import CheckOverride, StatementComment, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.selectors.statements import blockers_of, findings_of
from response.services.facts import sign_fact
from response.services.releases import may_leave
from response.services.reviewing import comment, override_checks, resolve_comment
from response.services.signing import approve
from response.services.statements import revise, save_draft, submit
from tests.response.factories import GOOD_TEXT, SIGNERS, draft_of, in_review, incident_at

HOTLINE = GOOD_TEXT.replace("400-000-0000", "13800138000")  # the company's own mobile hotline


@pytest.fixture
def blocked(cast: dict[str, User], noon: datetime) -> StatementVersion:
    return draft_of(incident_at(Level.TWO, cast, noon), cast, noon, text=HOTLINE)


def let_pass(version: StatementVersion, person: User, now: datetime, reason: str = "公司号码") -> CheckOverride:
    return override_checks(version, actor=person, now=now, seen_hash=version.text_hash, reason=reason)


def sent(version: StatementVersion, cast: dict[str, User], now: datetime) -> StatementVersion:
    return submit(version, actor=cast["spokesperson"], now=now, seen_version=version.version)


def test_it_takes_legal_and_the_working_group_head_and_a_reason(
    blocked: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    with pytest.raises(NotNow):
        let_pass(blocked, cast["legal"], noon, reason=" ")
    first = let_pass(blocked, cast["legal"], noon)
    assert not first.is_complete
    assert {notice.person.username for notice in Notice.objects.filter(event="response.override_asked")} == {"pr"}
    with pytest.raises(NotNow):  # one person is not two
        let_pass(blocked, cast["legal"], noon)
    with pytest.raises(NotNow):
        sent(blocked, cast, noon)
    second = let_pass(blocked, cast["pr"], noon, reason="")
    assert (second.is_complete, second.reason, second.covers) == (
        True,
        "公司号码",
        [["personal", "text", "13800138000", ""]],
    )
    assert [one.rule for one in findings_of(blocked) if one.blocks] == ["personal"]  # still seen by who signs
    version = sent(blocked, cast, noon)
    for signoff in version.signoffs.all():
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=noon, seen_hash=version.text_hash)
    version.refresh_from_db()
    may_leave(version)
    events = list(version.statement.incident.timeline.values_list("event", flat=True))
    assert events.count("response.checks_overridden") == 1


def test_who_may_let_pass(blocked: StatementVersion, cast: dict[str, User], noon: datetime) -> None:
    assert {name for name, one in cast.items() if may(one, "override_checks", blocked)} == {"legal", "pr"}
    with pytest.raises(PermissionDenied):
        let_pass(blocked, cast["gm"], noon)
    save_draft(blocked, actor=cast["pr"], now=noon, seen_version=blocked.version, title="换", text=HOTLINE)
    blocked = StatementVersion.objects.get(pk=blocked.pk)
    # the head wrote a word of it: a leader speaks in that place
    assert {name for name, one in cast.items() if may(one, "override_checks", blocked)} == {"legal", "gm", "deputy"}


def test_another_word_or_another_fault_voids_it(
    blocked: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    seen = blocked.text_hash
    let_pass(blocked, cast["pr"], noon)
    let_pass(blocked, cast["legal"], noon)
    assert blockers_of(blocked) == []
    fact = blocked.statement.incident.facts.get()
    fact = sign_fact(
        fact, actor=cast["tech"], now=noon, seen_version=fact.version, state="untrue", evidence="未停业", reason="查实"
    )
    assert [one.rule for one in blockers_of(blocked)] == ["fact"]  # what was let pass was the number, not this
    sign_fact(
        fact,
        actor=cast["tech"],
        now=noon,
        seen_version=fact.version,
        state="verified",
        evidence="已停业",
        reason="复核",
    )
    saved = save_draft(
        blocked, actor=cast["spokesperson"], now=noon, seen_version=blocked.version, title="另", text=HOTLINE
    )
    assert [one.rule for one in blockers_of(StatementVersion.objects.get(pk=saved.pk))] == ["personal"]
    with pytest.raises(NotNow):
        override_checks(saved, actor=cast["legal"], now=noon, seen_hash=seen, reason="旧文")


def test_nothing_to_let_pass_is_not_let_pass(cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident_at(Level.TWO, cast, noon), cast, noon)
    with pytest.raises(NotNow):
        let_pass(version, cast["legal"], noon)
    assert not CheckOverride.objects.exists()


def test_open_comments_reach_the_signers_of_later_versions(
    cast: dict[str, User], at_noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    version = in_review(incident_at(Level.TWO, cast, at_noon), cast, at_noon)
    made = comment(version, actor=cast["head"], now=at_noon, words=" 第二句太硬 ")
    assert [notice.person.username for notice in Notice.objects.filter(event="response.statement_commented")] == [
        "spokesperson"
    ]
    following = revise(version, actor=cast["spokesperson"], now=at_noon)
    with pytest.raises(NotNow):
        comment(StatementVersion.objects.get(pk=version.pk), actor=cast["head"], now=at_noon, words="旧版")
    following = sent(following, cast, at_noon)
    page = signed_in("gm").get(f"/signoffs/{following.uuid}/").content.decode()
    assert "第二句太硬" in page
    with pytest.raises(PermissionDenied):
        resolve_comment(made, actor=cast["gm"], now=at_noon)
    resolve_comment(made, actor=cast["spokesperson"], now=at_noon)
    with pytest.raises(NotNow):
        resolve_comment(made, actor=cast["spokesperson"], now=at_noon)
    assert "第二句太硬" not in signed_in("gm").get(f"/signoffs/{following.uuid}/").content.decode()


def test_the_doors_of_comments_and_overrides(
    blocked: StatementVersion, cast: dict[str, User], at_noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    address = f"/statements/{blocked.statement.uuid}"
    assert signed_in("monitor").post(f"{address}/comment/", {"words": "看"}).status_code == 403
    assert signed_in("outsider").post(f"{address}/comment/", {"words": "看"}).status_code == 404
    assert signed_in("market").post(f"{address}/override/", {"text_hash": blocked.text_hash}).status_code == 403
    assert signed_in("head").post(f"{address}/comment/", {"words": "改一下"}).status_code == 302
    remark = StatementComment.objects.get()
    assert signed_in("gm").post(f"/comments/{remark.uuid}/resolve/").status_code == 403
    assert signed_in("pr").post(f"/comments/{remark.uuid}/resolve/").status_code == 302
    answer = signed_in("legal").post(f"{address}/override/", {"text_hash": blocked.text_hash, "reason": "公司号码"})
    assert answer.status_code == 302
    assert CheckOverride.objects.get().legal == cast["legal"]
    page = signed_in("pr").get(f"{address}/").content.decode()
    assert 'data-locate="#id_text"' in page
    assert "公司号码" in page
