"""A draft from a template, saving, submitting, revising."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import Release, Statement, StatementKind, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.services.facts import sign_fact
from response.services.statements import hash_of, revise, save_draft, start_statement, submit, tidy
from response.templates_of_statements import template
from response.wording import findings
from tests.response.factories import GOOD_TEXT, draft_of, drill, fact_of, in_review, incident_at, releasable


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


@pytest.mark.parametrize("kind", StatementKind.values)
def test_every_template_has_headings_in_both_languages_and_open_slots(kind: str) -> None:
    form = template(kind)
    assert all(element.zh and element.en.isascii() for element in form.elements)
    assert "{" in form.text
    rules = {one.rule for one in findings(form.title, form.text, kind=kind, facts={})}
    assert rules <= {"slot", "next_update", "unsourced"}  # our own words pass our own rules, once facts are marked


def test_a_draft_begins_with_what_the_desk_knows(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    version = start_statement(incident, kind="T0", actor=cast["spokesperson"], now=noon)
    assert version.statement.number == "SM-2026-001"
    assert version.title == "关于建国路店疑似更换原料效期标签的说明"
    assert "我们于11月18日11:00注意到建国路店疑似更换原料效期标签。" in version.text
    assert "http://127.0.0.1:8000/newsroom/SM-2026-001/" in version.text
    assert "{受影响者}" in version.text
    assert (version.state, version.text_hash) == ("draft", hash_of(version.title, version.text))
    assert list(version.writers.all()) == [cast["spokesperson"]]


@pytest.mark.parametrize("act", ["draft_statement", "edit_statement", "submit_statement", "revise_statement"])
def test_who_writes(incident: Incident, cast: dict[str, User], act: str) -> None:
    writers = {name for name, person in cast.items() if may(person, act, incident)}
    assert writers == {"pr", "legal", "market", "tech", "spokesperson", "alternate"}


def test_nobody_else_begins_one(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(PermissionDenied):
        start_statement(incident, kind="T0", actor=cast["gm"], now=noon)
    assert not Statement.objects.exists()


def test_a_closed_incident_gets_no_statement(cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        start_statement(incident_at(3, cast, noon, stage="archived"), kind="T0", actor=cast["pr"], now=noon)
    assert not Statement.objects.exists()


def test_saving_keeps_the_words_the_hash_and_the_quoted_facts(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    fact = fact_of(incident, cast, noon)
    version = start_statement(incident, kind="T0", actor=cast["spokesperson"], now=noon)
    later = noon + timedelta(minutes=5)
    save_draft(
        version, actor=cast["spokesperson"], now=later, seen_version=1, title=" 说\n明 ", text="已停业[F1]。\r\n\x07完"
    )
    version.refresh_from_db()
    assert (version.title, version.text, version.version, version.saved_at) == ("说 明", "已停业[F1]。\n完", 2, later)
    assert version.text_hash == hash_of("说 明", "已停业[F1]。\n完")
    assert list(version.facts.all()) == [fact]


def test_who_changes_a_word_becomes_a_writer(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident, cast, noon)
    same = {"title": version.title, "text": version.text}
    save_draft(version, actor=cast["legal"], now=noon, seen_version=version.version, **same)
    assert set(version.writers.all()) == {cast["spokesperson"]}
    save_draft(version, actor=cast["legal"], now=noon, seen_version=version.version, title="新题", text=version.text)
    assert set(version.writers.all()) == {cast["spokesperson"], cast["legal"]}


def test_of_two_who_save_the_second_is_told_and_nothing_is_lost(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = draft_of(incident, cast, noon)
    other = StatementVersion.objects.get(pk=version.pk)
    seen = version.version
    save_draft(version, actor=cast["pr"], now=noon, seen_version=seen, title="甲", text="甲")
    with pytest.raises(Stale):
        save_draft(other, actor=cast["market"], now=noon, seen_version=seen, title="乙", text="乙")
    there = StatementVersion.objects.get(pk=version.pk)
    assert (there.title, set(there.writers.all())) == ("甲", {cast["spokesperson"], cast["pr"]})


def test_control_characters_never_reach_the_row() -> None:
    assert tidy(" a\x00b\x1b[31m\u202e\ud800\uffffc\r\nd\te👨‍👩‍👧 ") == "ab[31mc\nd e👨‍👩‍👧"


# --- submitting ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "places"),
    [
        (Level.THREE, ["team_head"]),
        (Level.TWO, ["legal", "team_head", "leader"]),
        (Level.ONE, ["legal", "team_head", "leader"]),
    ],
)
def test_the_level_says_who_signs(cast: dict[str, User], noon: datetime, level: int, places: list[str]) -> None:
    version = in_review(incident_at(level, cast, noon), cast, noon)
    assert [signoff.place for signoff in version.signoffs.all()] == places
    assert (version.state, version.level, version.submitted_by) == ("in_review", level, cast["spokesperson"])
    assert set(version.signoffs.values_list("state", "text_hash")) == {("waiting", version.text_hash)}


def test_at_level_three_a_flag_of_the_checks_asks_for_legal(cast: dict[str, User], noon: datetime) -> None:
    text = GOOD_TEXT.replace("已停止", "已绝对停止")
    version = in_review(incident_at(Level.THREE, cast, noon), cast, noon, text=text)
    assert [signoff.place for signoff in version.signoffs.all()] == ["legal", "team_head"]


def test_those_who_may_sign_are_told_and_nobody_else(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident, cast, noon)
    told = Notice.objects.filter(event="response.statement_submitted")
    assert {notice.person.username for notice in told} == {"legal", "pr", "gm", "deputy"}
    assert {notice.url for notice in told} == {f"/signoffs/{version.uuid}/"}


@pytest.mark.parametrize(
    "text",
    [
        GOOD_TEXT.replace("顾客", "{受影响者}"),
        GOOD_TEXT.replace("[F1]", "[F2]"),  # being checked, said as if it were so
        GOOD_TEXT.replace("400-000-0000", "13800138000"),
    ],
)
def test_a_blocking_finding_stops_the_submission(
    incident: Incident, cast: dict[str, User], noon: datetime, text: str
) -> None:
    fact_of(incident, cast, noon)
    fact_of(incident, cast, noon, state="checking", claim="其他门店也有")
    version = draft_of(incident, cast, noon, text=text)
    with pytest.raises(NotNow):
        submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    version.refresh_from_db()
    assert (version.state, version.signoffs.count()) == ("draft", 0)


def test_without_a_level_nobody_can_be_asked(cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident_at(Level.UNSET, cast, noon), cast, noon)
    with pytest.raises(NotNow):
        submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    assert StatementVersion.objects.get().state == "draft"


def test_a_submitted_text_is_not_edited(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident, cast, noon)
    with pytest.raises(NotNow):
        save_draft(version, actor=cast["pr"], now=noon, seen_version=version.version, title="改", text="改")
    assert StatementVersion.objects.get().text == GOOD_TEXT


# --- revising --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [in_review, releasable])
def test_revising_makes_the_next_version_and_voids_this_one(
    incident: Incident, cast: dict[str, User], noon: datetime, make: object
) -> None:
    version = make(incident, cast, noon)  # type: ignore[operator]
    following = revise(version, actor=cast["market"], now=noon)
    version.refresh_from_db()
    assert version.state == "superseded"
    assert (following.number, following.state, following.text, following.signoffs.count()) == (2, "draft", GOOD_TEXT, 0)
    assert set(following.writers.all()) == {cast["spokesperson"], cast["market"]}


def test_a_draft_or_an_old_version_is_not_revised(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident, cast, noon)
    revise(version, actor=cast["market"], now=noon)
    with pytest.raises(Stale):
        revise(version, actor=cast["market"], now=noon)
    assert StatementVersion.objects.count() == 2


def test_what_was_queued_of_a_revised_version_stays_here(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident, cast, noon)
    release = Release.objects.create(
        version=version,
        channel="newsroom",
        text_hash=version.text_hash,
        requested_by=cast["spokesperson"],
        requested_at=noon,
    )
    revise(version, actor=cast["spokesperson"], now=noon)
    release.refresh_from_db()
    assert release.state == "refused"


def test_a_correction_of_what_is_out_says_what_changed(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident, cast, noon)
    Release.objects.create(
        version=version,
        channel="newsroom",
        state="sent",
        sent_at=noon,
        text_hash=version.text_hash,
        requested_by=cast["spokesperson"],
        requested_at=noon,
    )
    following = revise(version, actor=cast["spokesperson"], now=noon)
    with pytest.raises(NotNow):
        submit(following, actor=cast["spokesperson"], now=noon, seen_version=1)
    save_draft(
        following,
        actor=cast["spokesperson"],
        now=noon,
        seen_version=1,
        title=following.title,
        text=following.text,
        change_note="更正营业时间",
    )
    submit(following, actor=cast["spokesperson"], now=noon, seen_version=2)
    following.refresh_from_db()
    assert (following.state, following.change_note) == ("in_review", "更正营业时间")


def test_a_drills_statement_has_a_number_of_its_own(cast: dict[str, User], noon: datetime) -> None:
    exercise = drill(noon)
    version = draft_of(incident_at(Level.TWO, cast, noon, number="YL-1-YQ-001", exercise=exercise), cast, noon)
    assert version.statement.number == f"YL-{exercise.pk}-SM-001"
    assert not Statement.objects.exists()


def test_a_fact_that_falls_after_the_submission_is_seen_by_the_checks(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    from response.selectors.statements import findings_of

    version = in_review(incident, cast, noon)
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
    assert [one.rule for one in findings_of(version)] == ["fact"]
