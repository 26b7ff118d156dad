"""What the public asks; untrue claims beside what is so, with how far each side went, in a table to hand out."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from opinion.models import Post
from response.models import PublicQuestion, Rumour, RumourPost
from response.notnow import NotNow
from response.permissions import may
from response.selectors.facts import rumours_of
from response.selectors.rumours import pairs_of
from response.services.facts import sign_fact
from response.services.rumours import (
    add_question,
    change_rumour,
    link_post,
    pair_rumour,
    save_question,
    unlink_post,
)
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.response.factories import fact_of, incident_at

AUTHORITY = {
    "wording": "rumour",
    "authority": "晴江市公安局",
    "authority_on": date(2026, 11, 18),
    "authority_document": "警情通报 2026-118",
}


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


# --- questions -------------------------------------------------------------------------------------------------------
def test_a_question_is_open_until_it_has_an_answer(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    post = PostFactory()
    asked = add_question(incident, actor=cast["monitor"], now=noon, text="会退款吗?", times_seen=40, posts=[post])
    assert not asked.is_answered
    assert Post.objects.get().is_held
    answered = {"times_seen": 55, "posts": [], "answer": "会，凭小票全额退款。", "fact": None}
    save_question(asked, actor=cast["pr"], now=noon, seen_version=1, **answered)
    with pytest.raises(Stale):
        save_question(asked, actor=cast["pr"], now=noon, seen_version=1, **answered)
    save_question(asked, actor=cast["pr"], now=noon, seen_version=2, **(answered | {"answer": " "}))
    asked = PublicQuestion.objects.get()
    assert (asked.is_answered, asked.answered_by, asked.times_seen) == (False, None, 55)
    assert [entry.event for entry in incident.timeline.all()] == [
        "response.question_reopened",
        "response.question_answered",
        "response.question_added",
    ]


def test_the_page_says_when_an_answer_rests_on_a_fallen_fact(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact = fact_of(incident, cast, noon)
    team = signed_in("market")
    url = f"/incidents/{incident.number}/questions/"
    assert (
        team.post(url, {"text": "还在营业吗?", "times_seen": 3, "posts": "https://nowhere.example/"}).status_code == 400
    )
    assert team.post(url, {"text": "还在营业吗?", "times_seen": 3}).status_code == 302
    asked = incident.questions.get()
    typed = {"version": 1, "times_seen": 9, "answer": "已停业。", "fact": fact.pk}
    assert signed_in("monitor").post(f"/questions/{asked.uuid}/", typed).status_code == 403
    assert team.post(f"/questions/{asked.uuid}/", typed).status_code == 302
    warning = '<span class="tag bad">'
    assert warning not in team.get(url).content.decode()
    sign_fact(fact, actor=cast["tech"], now=noon, seen_version=2, state="untrue", evidence="监控", reason="复查")
    assert warning in team.get(url).content.decode()


# --- pairs -----------------------------------------------------------------------------------------------------------
def test_only_what_an_authority_called_so_is_a_rumour(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    pair = {"actor": cast["pr"], "now": noon, "claim": "喝了会中毒"}
    for missing in ("authority", "authority_on", "authority_document"):
        with pytest.raises(NotNow):
            pair_rumour(incident, **pair, **(AUTHORITY | {missing: None if missing == "authority_on" else " "}))
    plain = pair_rumour(incident, **pair)
    called = pair_rumour(incident, **pair, **AUTHORITY)
    assert [(one.number, one.wording, one.authority) for one in (plain, called)] == [
        (1, "untrue", ""),
        (2, "rumour", "晴江市公安局"),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Rumour.objects.filter(pk=plain.pk).update(wording="rumour")


@pytest.mark.parametrize(("state", "fits"), [("verified", True), ("untrue", True), ("checking", False)])
def test_a_clarification_rests_on_a_settled_fact(
    incident: Incident, cast: dict[str, User], noon: datetime, state: str, fits: bool
) -> None:
    fact = fact_of(incident, cast, noon, state=state)
    pair = {"actor": cast["pr"], "now": noon, "claim": "喝了会中毒", "fact": fact, "clarification": "检测合格"}
    if fits:
        assert pair_rumour(incident, **pair).fact == fact
        return
    with pytest.raises(NotNow):
        pair_rumour(incident, **pair)
    assert not incident.rumours.exists()


def test_who_pairs(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    assert {name for name, person in cast.items() if may(person, "pair_rumour", incident)} == {
        "pr",
        "legal",
        "market",
        "tech",
    }
    with pytest.raises(PermissionDenied):
        pair_rumour(incident, actor=cast["head"], now=noon, claim="喝了会中毒")


def paired(incident: Incident, cast: dict[str, User], noon: datetime) -> Rumour:
    """A claim in a story of two originals and three reposts, and a post of its own; a clarification in one post."""
    topic = TopicFactory()
    for hours, copies, reposts in ((3, 2, 100), (2, 1, None)):
        post = PostFactory(published_at=noon - timedelta(hours=hours), copy_count=copies, reposts=reposts)
        MatchFactory(topic=topic, watch=topic.watch, post=post)
        for _number in range(copies):
            MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(original=post))
    alone = PostFactory(published_at=noon - timedelta(hours=1), likes=7)
    clear = PostFactory(published_at=noon, copy_count=1)
    linked = {"claim_posts": [alone, topic.matches.first().post], "answer_posts": [clear]}
    return pair_rumour(incident, actor=cast["pr"], now=noon, claim="喝了会中毒", topic=topic, **linked)


def test_both_sides_are_counted_once_and_what_nobody_tells_is_no_zero(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    rumour = paired(incident, cast, noon)
    pair_rumour(incident, actor=cast["pr"], now=noon, claim="老板跑了")
    measured, unlinked = pairs_of(incident, list(rumours_of(incident)))
    assert measured.claim is not None
    assert (measured.claim.posts, measured.claim.interactions) == (6, 107)
    assert measured.claim.first_at == noon - timedelta(hours=3)
    assert measured.answer is not None
    assert (measured.answer.posts, measured.answer.interactions, measured.answer.reads) == (2, None, None)
    assert measured.share == pytest.approx(1 / 3)
    assert measured.delay == timedelta(hours=3)
    assert (unlinked.claim, unlinked.answer, unlinked.share) == (None, None, None)
    assert rumour.linked.count() == 3


def test_a_post_is_on_one_side_and_stays_there(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    rumour = paired(incident, cast, noon)
    clear = rumour.linked.get(side="answer").post
    with pytest.raises(NotNow):
        change_rumour(rumour, actor=cast["pr"], now=noon, seen_version=1, claim_posts=[clear])
    assert RumourPost.objects.get(post=clear).side == "answer"
    assert Post.objects.get(pk=clear.pk).is_held


def test_a_post_linked_by_mistake_is_taken_off_and_put_back(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    rumour = paired(incident, cast, noon)
    alone = rumour.linked.get(side="claim", post__likes=7).post
    address = f"/rumours/{rumour.uuid}/posts/{alone.uuid}/"
    team = signed_in("market")
    assert signed_in("gm").post(f"{address}take-off/").status_code == 403
    assert signed_in("outsider").post(f"{address}take-off/").status_code == 404
    assert f"{address}take-off/" in team.get(f"/rumours/{rumour.uuid}/").content.decode()

    page = team.post(f"{address}take-off/", follow=True).content.decode()
    [measured] = pairs_of(incident, list(rumours_of(incident)))
    assert measured.claim is not None
    assert (measured.claim.posts, measured.claim.interactions) == (5, 100)  # counted anew
    assert f'action="{address}claim/"' in page  # the undo
    assert team.post(f"{address}take-off/").status_code == 404  # twice is once

    assert team.post(f"{address}claim/").status_code == 302
    assert team.post(f"{address}claim/").status_code == 302
    [measured] = pairs_of(incident, list(rumours_of(incident)))
    assert measured.claim is not None
    assert (measured.claim.posts, measured.claim.interactions) == (6, 107)
    assert team.post(f"{address}both/").status_code == 404
    entries = list(incident.timeline.filter(detail__post=str(alone.uuid)).order_by("id"))
    assert [(entry.event, entry.actor, entry.detail["side"]) for entry in entries] == [
        ("response.rumour_post_unlinked", cast["market"], "claim"),
        ("response.rumour_post_linked", cast["market"], "claim"),
    ]
    assert Entry.objects.filter(event="response.rumour_post_unlinked", detail__post=str(alone.uuid)).count() == 1


def test_undoing_does_not_put_a_post_on_the_other_side(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    rumour = paired(incident, cast, noon)
    clear = rumour.linked.get(side="answer").post
    with pytest.raises(NotNow):
        link_post(rumour, clear, "claim", actor=cast["pr"], now=noon)
    assert unlink_post(rumour, clear, actor=cast["pr"], now=noon) == "answer"
    assert unlink_post(rumour, clear, actor=cast["pr"], now=noon) is None
    assert link_post(rumour, clear, "claim", actor=cast["pr"], now=noon) is True
    assert rumour.linked.get(post=clear).side == "claim"
    with pytest.raises(PermissionDenied):
        unlink_post(rumour, clear, actor=cast["head"], now=noon)
    assert Post.objects.get(pk=clear.pk).is_held


def test_the_page_has_one_query_count_and_the_table_says_what_cannot_be_measured(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    reader, base = signed_in("gm"), f"/incidents/{incident.number}/rumours/"
    counts = []
    for _number in range(2):
        paired(incident, cast, noon)
        pair_rumour(incident, actor=cast["pr"], now=noon, claim="=老板跑了", **AUTHORITY)
        reader.get(base)
        with CaptureQueriesContext(connection) as queries:
            page = reader.get(base).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "晴江市公安局" in page
    assert "警情通报 2026-118" in reader.get(f"{base}table/").content.decode()
    sheet = load_workbook(BytesIO(reader.get(f"{base}table.xlsx").content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][10:12] == (6, 107)
    assert rows[2][2] == "=老板跑了"
    assert rows[2][10] == rows[2][13] != 0
    assert signed_in("outsider").get(f"{base}table.csv").status_code == 404


def test_the_form_says_what_is_missing_and_a_stale_one_shows_both_states(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    team, base = signed_in("pr"), f"/incidents/{incident.number}/rumours/"
    assert team.post(f"{base}pair/", {"claim": "喝了会中毒", "wording": "rumour"}).status_code == 400
    assert team.post(f"{base}pair/", {"claim": "喝了会中毒", "wording": "untrue"}).status_code == 302
    rumour = incident.rumours.get()
    typed = {"version": 1, "claim": "喝了会中毒。", "wording": "untrue"}
    assert team.post(f"/rumours/{rumour.uuid}/", typed).status_code == 302
    answer = signed_in("legal").post(f"/rumours/{rumour.uuid}/", typed | {"claim": "喝了会死人"})
    assert answer.status_code == 409
    assert "喝了会死人" in answer.content.decode()
    assert signed_in("head").get(f"{base}pair/").status_code == 403
