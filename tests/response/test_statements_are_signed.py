"""Signatures: who, bound to which words, in whose name; and what a rise of the level asks on top."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Delegation, User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import SignOff, StatementVersion
from response.notnow import NotNow
from response.permissions import signs_as
from response.selectors.signoffs import signers_of, signoffs_waiting_for, since_last_look
from response.selectors.statements import version_in_full
from response.services.signing import approve, look, send_back
from response.services.statements import after_step, hash_of, revise, save_draft, submit
from tests.response.factories import GOOD_TEXT, SIGNERS, in_review, incident_at, let_speak, releasable

pytestmark = pytest.mark.usefixtures("at_noon")


def place(version: StatementVersion, name: str) -> SignOff:
    return version_in_full(version.pk).signoffs.get(place=name)


def away(principal: User, delegate: User, now: datetime) -> None:
    Delegation.objects.create(
        principal=principal,
        delegate=delegate,
        reason="出差",
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
    )


def sign(version: StatementVersion, name: str, who: User, now: datetime) -> SignOff:
    return approve(place(version, name), actor=who, now=now, seen_hash=version.text_hash)


@pytest.mark.parametrize(
    ("level", "name", "signers"),
    [
        (Level.THREE, "team_head", {"pr"}),
        (Level.TWO, "legal", {"legal"}),
        (Level.TWO, "team_head", {"pr"}),
        (Level.TWO, "leader", {"gm", "deputy"}),
        (Level.ONE, "leader", {"gm"}),
    ],
)
def test_who_signs_where(cast: dict[str, User], noon: datetime, level: int, name: str, signers: set[str]) -> None:
    version = in_review(incident_at(level, cast, noon), cast, noon)
    may_sign = {each for each, person in cast.items() if signs_as(person, place(version, name))}
    assert may_sign == signers
    assert {person.username for person in signers_of(place(version, name))} == signers


def test_with_the_last_signature_it_may_be_published(cast: dict[str, User], noon: datetime) -> None:
    let_speak(cast["spokesperson"], cast)
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    states = []
    for name, who in SIGNERS.items():
        sign(version, name, cast[who], noon)
        version.refresh_from_db()
        states.append(version.state)
    assert states == ["in_review", "in_review", "releasable"]
    assert version.releasable_at == noon
    told = Notice.objects.filter(event="response.statement_releasable")
    assert {notice.person.username for notice in told} == {"spokesperson"}
    assert (
        Entry.objects.filter(event="response.statement_signed").latest("seq").detail["text_hash"] == version.text_hash
    )


@pytest.mark.parametrize("who", ["market", "member", "head", "spokesperson", "auditor", "admin", "outsider"])
def test_who_may_not_sign_is_refused_and_nothing_changes(cast: dict[str, User], noon: datetime, who: str) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    for name in SIGNERS:
        with pytest.raises(PermissionDenied):
            sign(version, name, cast[who], noon)
    assert set(version.signoffs.values_list("state", "person")) == {("waiting", None)}


def test_nobody_signs_what_they_wrote(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon, who="legal")
    with pytest.raises(PermissionDenied):
        sign(version, "legal", cast["legal"], noon)
    assert place(version, "legal").state == "waiting"


def test_who_changed_one_word_does_not_sign(cast: dict[str, User], noon: datetime) -> None:
    first = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    version = revise(first, actor=cast["spokesperson"], now=noon)
    save_draft(version, actor=cast["legal"], now=noon, seen_version=1, title=version.title, text=GOOD_TEXT + "谢谢。")
    submit(version, actor=cast["spokesperson"], now=noon, seen_version=2)
    with pytest.raises(PermissionDenied):
        sign(version, "legal", cast["legal"], noon)


def test_when_the_team_head_wrote_it_two_different_leaders_sign(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon, who="pr")
    with pytest.raises(PermissionDenied):
        sign(version, "team_head", cast["pr"], noon)
    sign(version, "team_head", cast["deputy"], noon)
    with pytest.raises(PermissionDenied):
        sign(version, "leader", cast["deputy"], noon)  # nobody signs twice
    sign(version, "leader", cast["gm"], noon)
    sign(version, "legal", cast["legal"], noon)
    version.refresh_from_db()
    assert version.state == "releasable"


def test_who_acts_for_the_head_signs_level_one_and_both_names_are_kept(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.ONE, cast, noon), cast, noon)
    away(cast["gm"], cast["deputy"], noon)
    signed = sign(version, "leader", cast["deputy"], noon)
    signed.refresh_from_db()
    assert (signed.person, signed.acting_for) == (cast["deputy"], cast["gm"])
    assert version.statement.incident.timeline.latest("id").acting_for == cast["gm"]


def test_nobody_signs_in_the_name_of_a_writer(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.THREE, cast, noon), cast, noon, who="pr")
    away(cast["pr"], cast["market"], noon)
    assert signs_as(cast["market"], place(version, "team_head")) is None


def test_a_signature_is_bound_to_the_words_that_were_read(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    with pytest.raises(Stale):
        approve(place(version, "legal"), actor=cast["legal"], now=noon, seen_hash=hash_of("别的", "别的"))
    assert place(version, "legal").state == "waiting"


def test_a_version_that_was_revised_meanwhile_is_not_signed(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    waiting = place(version, "legal")
    revise(version, actor=cast["spokesperson"], now=noon)
    with pytest.raises(Stale):
        approve(waiting, actor=cast["legal"], now=noon, seen_hash=version.text_hash)
    assert place(version, "legal").state == "waiting"


def test_of_two_who_sign_the_same_place_the_second_is_told(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    sign(version, "leader", cast["gm"], noon)
    with pytest.raises(NotNow, match="王立群"):
        sign(version, "leader", cast["deputy"], noon)
    assert place(version, "leader").person == cast["gm"]


def test_returning_needs_words_and_tells_the_writers(cast: dict[str, User], noon: datetime) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    waiting = place(version, "legal")
    with pytest.raises(NotNow):
        send_back(waiting, actor=cast["legal"], now=noon, seen_hash=version.text_hash, note=" ")
    send_back(waiting, actor=cast["legal"], now=noon, seen_hash=version.text_hash, note="先核实营业时间")
    told = Notice.objects.get(event="response.statement_returned")
    assert (told.person, told.body) == (cast["spokesperson"], "先核实营业时间")
    with pytest.raises(NotNow):  # nobody signs a returned version
        sign(version, "team_head", cast["pr"], noon)
    version.refresh_from_db()
    assert (version.state, version_in_full(version.pk).is_returned) == ("in_review", True)


# --- the list of those who sign --------------------------------------------------------------------------------------
def test_what_waits_for_me(cast: dict[str, User], noon: datetime) -> None:
    first = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    in_review(incident_at(Level.THREE, cast, noon), cast, noon)
    waiting = {name: len(signoffs_waiting_for(person)) for name, person in cast.items()}
    assert {name: count for name, count in waiting.items() if count} == {"pr": 2, "legal": 1, "gm": 1, "deputy": 1}
    sign(first, "legal", cast["legal"], noon)
    assert signoffs_waiting_for(cast["legal"]) == []


def test_a_confidential_statement_waits_only_for_those_who_may_see_it(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.TWO, cast, noon, is_confidential=True)
    in_review(incident, cast, noon)
    assert [len(signoffs_waiting_for(cast[who])) for who in ("legal", "gm")] == [0, 1]


# --- what changed since I looked -------------------------------------------------------------------------------------
def test_earlier_reviewers_see_what_changed_since_they_signed(cast: dict[str, User], noon: datetime) -> None:
    first = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    sign(first, "legal", cast["legal"], noon)
    look(first, cast["gm"], noon)
    second = revise(first, actor=cast["spokesperson"], now=noon)
    save_draft(
        second,
        actor=cast["spokesperson"],
        now=noon,
        seen_version=1,
        title=second.title,
        text=GOOD_TEXT.replace("18时", "20时"),
    )
    submit(second, actor=cast["spokesperson"], now=noon, seen_version=2)
    version = version_in_full(second.pk)
    by_legal, by_gm, by_deputy = (since_last_look(version, cast[who]) for who in ("legal", "gm", "deputy"))
    assert by_legal is not None
    assert by_gm is not None
    assert by_deputy is None
    assert (by_legal.since, by_legal.was_signed, by_gm.was_signed) == (first, True, False)
    changed = [(piece.change, piece.words) for piece in by_legal.pieces if piece.change != "same"]
    assert changed == [("removed", "18"), ("added", "20")]


# --- the level rises -------------------------------------------------------------------------------------------------
def rise(incident: Incident, level: int, cast: dict[str, User], now: datetime) -> None:
    Incident.everywhere.filter(pk=incident.pk).update(level=level)
    incident = Incident.everywhere.get(pk=incident.pk)
    steps = {Level.ONE: "set_level_one", Level.TWO: "set_level_two", Level.THREE: "set_level_three"}
    with transaction.atomic():
        after_step(steps[Level(level)], incident, actor=cast["gm"], now=now)


def test_a_rise_asks_for_the_signatures_that_are_missing(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.THREE, cast, noon)
    version = releasable(incident, cast, noon)
    rise(incident, Level.TWO, cast, noon)
    version.refresh_from_db()
    assert (version.state, version.level, version.releasable_at) == ("in_review", Level.TWO, None)
    assert {(each.place, each.state) for each in version.signoffs.all()} == {
        ("team_head", "approved"),
        ("legal", "waiting"),
        ("leader", "waiting"),
    }


def test_a_deputys_signature_does_not_do_for_level_one(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.TWO, cast, noon)
    version = in_review(incident, cast, noon)
    for name, who in (("legal", "legal"), ("team_head", "pr"), ("leader", "deputy")):
        sign(version, name, cast[who], noon)
    rise(incident, Level.ONE, cast, noon)
    version.refresh_from_db()
    assert (version.state, place(version, "leader").state) == ("in_review", "waiting")
    sign(version, "leader", cast["gm"], noon)
    version.refresh_from_db()
    assert version.state == "releasable"


def test_a_fall_changes_nothing(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.TWO, cast, noon)
    version = in_review(incident, cast, noon)
    rise(incident, Level.THREE, cast, noon)
    version.refresh_from_db()
    assert (version.level, version.signoffs.count()) == (Level.TWO, 3)
