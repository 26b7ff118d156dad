"""Words of our own: the page, adding and changing, and what they do to scores, risks and the cutting of words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from opinion import words
from opinion.models import CompanyTerm, Match, Post
from opinion.services.pipeline import take_in
from opinion.services.terms import dictionary_digest, dictionary_names
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db

CRISIS = {"text": "掉渣门", "kind": "crisis", "category": "food_drug", "severity": "3", "is_enabled": "on"}


def term(text: str, kind: str = "crisis", **given) -> CompanyTerm:
    more = {"category": "food_drug", "severity": 3} if kind == "crisis" else {}
    return CompanyTerm.objects.create(text=text, kind=kind, added_at=NOON, **{**more, **given})


@pytest.fixture(autouse=True)
def _names_as_before():
    yield
    words.use_names([])


def test_adding_a_word(signed_in, cast):
    answer = signed_in("monitor").post(reverse("opinion:add-term"), CRISIS)
    assert (answer.status_code, answer.url) == (302, reverse("opinion:terms"))
    added = CompanyTerm.objects.get()
    assert (added.text, added.kind, added.category, added.severity, added.watch) == (
        "掉渣门", "crisis", "food_drug", 3, None,
    )  # fmt: skip
    assert (added.added_by, added.is_enabled) == (cast["monitor"], True)
    entry = Entry.objects.get(event="opinion.term_added")
    assert (entry.actor, entry.detail["text"]) == (cast["monitor"], "掉渣门")


def test_the_list_names_each_word_what_it_is_and_where_it_counts(signed_in):
    watch = WatchFactory(name="晴野品牌")
    term("掉渣门", watch=watch)
    term("晴野", "name", is_enabled=False)
    page = signed_in("gm").get(reverse("opinion:terms")).content.decode()
    for text in ("掉渣门", "晴野品牌", "晴野"):
        assert text in page
    assert reverse("opinion:add-term") not in page  # a reader edits nothing


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": ""}, "category"),
        ({"severity": ""}, "severity"),
        ({"text": "渣"}, "text"),
        ({"text": "两个 词", "kind": "name"}, "text"),
        ({"severity": "9"}, "severity"),
    ],
)
def test_a_word_that_cannot_be_used_is_refused_at_its_field(signed_in, change, field):
    answer = signed_in("monitor").post(reverse("opinion:add-term"), {**CRISIS, **change})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not CompanyTerm.objects.exists()


def test_the_same_word_twice_is_refused_but_a_watch_may_have_its_own(signed_in):
    term("掉渣门")
    client = signed_in("monitor")
    assert client.post(reverse("opinion:add-term"), CRISIS).status_code == 422
    watch = WatchFactory()
    assert client.post(reverse("opinion:add-term"), {**CRISIS, "watch": watch.pk}).status_code == 302
    assert client.post(reverse("opinion:add-term"), {**CRISIS, "watch": watch.pk}).status_code == 422
    assert CompanyTerm.objects.count() == 2


def test_a_word_that_is_no_crisis_term_keeps_no_category(signed_in):
    signed_in("monitor").post(reverse("opinion:add-term"), {**CRISIS, "kind": "neg"})
    added = CompanyTerm.objects.get()
    assert (added.kind, added.category, added.severity) == ("neg", "", None)


def test_changing_switching_off_and_on_leave_both_states_in_the_trail(signed_in):
    added = term("掉渣门")
    client = signed_in("pr")
    client.post(reverse("opinion:change-term", args=[added.uuid]), {**CRISIS, "severity": "2", "version": "1"})
    client.post(reverse("opinion:switch-term", args=[added.uuid]), {"version": "2"})
    added.refresh_from_db()
    assert (added.severity, added.is_enabled, added.version) == (2, False, 3)
    client.post(reverse("opinion:switch-term", args=[added.uuid]), {"version": "3", "on": "yes"})
    added.refresh_from_db()
    assert added.is_enabled
    trail = [
        (entry.detail["before"]["is_enabled"], entry.detail["after"]["is_enabled"])
        for entry in Entry.objects.filter(event="opinion.term_changed").order_by("pk")
    ]
    assert trail == [(True, True), (True, False), (False, True)]


@pytest.mark.parametrize("address", ["change-term", "switch-term"])
def test_a_stale_change_gets_409_and_changes_nothing(signed_in, address):
    added = term("掉渣门", version=2)
    answer = signed_in("pr").post(
        reverse(f"opinion:{address}", args=[added.uuid]), {**CRISIS, "severity": "2", "version": "1"}
    )
    assert answer.status_code == 409
    added.refresh_from_db()
    assert (added.severity, added.is_enabled, added.version) == (3, True, 2)


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "outsider"])
def test_who_may_not_edit_changes_nothing(signed_in, who):
    added = term("掉渣门")
    client = signed_in(who)
    assert client.post(reverse("opinion:add-term"), {**CRISIS, "text": "别的词"}).status_code == 403
    assert client.post(reverse("opinion:switch-term", args=[added.uuid]), {"version": "1"}).status_code == 403
    assert client.post(reverse("opinion:change-term", args=[added.uuid]), CRISIS).status_code == 403
    assert [(each.text, each.version) for each in CompanyTerm.objects.all()] == [("掉渣门", 1)]


@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_has_no_part_in_it_does_not_see_the_list(signed_in, who):
    assert signed_in(who).get(reverse("opinion:terms")).status_code == 403


def test_the_list_takes_the_same_queries_however_many_words(signed_in):
    client = signed_in("monitor")
    client.get(reverse("opinion:terms"))
    counts = []
    for texts in (["一号词"], ["二号词", "三号词"]):
        for text in texts:
            term(text, watch=WatchFactory())
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opinion:terms"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- what they do ----------------------------------------------------------------------------------------------------
def stored(text: str) -> Post:
    take_in(SourceFactory(), [raw("1", text)], now=NOON)
    return Post.objects.get()


def test_a_crisis_term_of_ours_is_a_risk_and_makes_the_score_negative():
    WatchFactory(rule="晴野")
    term("掉渣门")
    post = stored("晴野掉渣门持续")
    assert post.risks == [{"term": "掉渣门", "category": "food_drug", "severity": 3}]
    assert post.sentiment == "neg"
    assert "+t" in post.score_model
    assert ("掉渣门", "crisis_3") in [(reason["text"], reason["kind"]) for reason in post.reasons]


def test_without_words_of_ours_the_version_names_none():
    WatchFactory(rule="晴野")
    term("掉渣门", is_enabled=False)
    post = stored("晴野掉渣门持续")
    assert (post.risks, "+t" in post.score_model) == ([], False)


def test_a_word_of_one_watch_counts_only_in_what_it_wants():
    WatchFactory(rule="晴野")
    other = WatchFactory(rule="禾味")
    term("掉渣门", watch=other)
    source = SourceFactory()
    take_in(source, [raw("1", "晴野掉渣门持续"), raw("2", "禾味的掉渣门今天又来了")], now=NOON)
    one, two = Post.objects.order_by("key__external_id")
    assert (one.risks, [risk["term"] for risk in two.risks]) == ([], ["掉渣门"])
    assert ("+t" in one.score_model, "+t" in two.score_model) == (False, True)


def test_a_word_of_ours_stands_before_a_shipped_one():
    WatchFactory(rule="晴野")
    term("爆炸", severity=2, category="outrage")
    assert stored("晴野门店爆炸").risks == [{"term": "爆炸", "category": "outrage", "severity": 2}]


def test_a_name_with_a_crisis_term_in_it_is_no_crisis():
    WatchFactory(rule="爆炸猫")
    term("爆炸猫", "name")
    assert stored("爆炸猫今天开了新店").risks == []


def test_names_are_kept_whole_from_the_next_batch_on():
    assert "晴野茶饮" not in words.cut("我爱晴野茶饮")
    WatchFactory(rule="我爱")
    term("晴野茶饮", "name")
    assert "晴野茶饮" in stored("我爱晴野茶饮").tokens.split()


def test_names_are_those_in_use_and_the_words_watches_ask_for():
    WatchFactory(rule="晴野{-晴野山} NOT 招聘")
    WatchFactory(rule="旧词", is_enabled=False)
    term("青柠果茶", "name")
    term("停用名", "name", is_enabled=False)
    term("掉渣门")
    assert dictionary_names() == ["晴野", "青柠果茶"]
    before = dictionary_digest()
    term("新名字", "name")
    assert dictionary_digest() != before


def test_a_name_that_is_gone_is_forgotten():
    words.use_names(["晴野茶饮", "奶茶"])
    assert words.cut("晴野茶饮奶茶") == ["晴野茶饮", "奶茶"]
    words.use_names([])
    assert "晴野茶饮" not in words.cut("晴野茶饮奶茶")
    assert "奶茶" in words.cut("一杯奶茶")  # a word of the dictionary's own stays


# --- whom it is aimed at ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [("晴野比青野难喝", "own"), ("青野比晴野难喝", "rival"), ("晴野难喝", ""), ("晴野和青野开业", "")],
)
def test_where_a_rival_is_named_it_is_said_whom_the_bad_words_are_about(text, expected):
    ours, rival = WatchFactory(rule="晴野"), WatchFactory(rule="青野", is_rival=True)
    stored(text)
    assert {match.watch_id: match.aim for match in Match.objects.all()} == {
        ours.pk: expected,
        **({rival.pk: ""} if "青野" in text else {}),
    }
