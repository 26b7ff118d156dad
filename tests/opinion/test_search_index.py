"""The index of words on both databases: kept with every change, asked for any word, put back where it was lost."""

from datetime import timedelta
from itertools import count

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opinion import index, words
from opinion.models import Post
from opinion.rules import RuleError, read
from opinion.search import AllOf, AnyOf, Has, condition_of, query_of
from opinion.selectors import search
from opinion.text import fold
from tests.factories import NOON, PostFactory, SourceFactory

pytestmark = pytest.mark.django_db
_hours = count()


@pytest.fixture
def names():
    """The dictionary knows our names, as it does once a watch asks for them."""
    words.use_names(["晴野", "晴野茶饮"])
    yield
    words.use_names([])


def found(condition):
    return set(index.matching(Post.everywhere.all(), condition).values_list("pk", flat=True))


def test_posts_are_found_by_the_words_they_hold():
    one, both = PostFactory(tokens="晴野 奶茶"), PostFactory(tokens="晴野 退款 it's")
    copy = PostFactory(tokens="", original=one)
    assert found(Has("晴野")) == {one.pk, both.pk}
    assert found(AllOf((Has("晴野"), Has("退款")))) == {both.pk}
    assert found(AnyOf((Has("奶茶"), AllOf((Has("晴野"), Has("退款")))))) == {one.pk, both.pk}
    assert found(Has("it's")) == {both.pk}
    assert found(Has("野")) == set()
    assert copy.pk not in found(Has("晴野"))


def test_the_index_follows_every_change():
    post = PostFactory(tokens="晴野 奶茶")
    post.tokens = "退款"
    post.save()
    assert (found(Has("奶茶")), found(Has("退款"))) == (set(), {post.pk})
    Post.everywhere.filter(pk=post.pk).update(tokens="", title="晴野")
    assert found(Has("退款")) == set()
    Post.everywhere.filter(pk=post.pk).update(tokens="发霉")
    assert found(Has("发霉")) == {post.pk}
    Post.everywhere.filter(pk=post.pk).delete()
    assert found(Has("发霉")) == set()


def test_a_lost_part_is_noticed_and_put_back_with_what_was_missed():
    if connection.vendor == "postgresql":
        index.lift()
        lost = ["opinion_post_words"]
    else:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER opinion_words_insert")
        lost = ["opinion_words_insert"]
    missed = PostFactory(tokens="晴野")
    assert index.missing() == lost
    with pytest.raises(SystemCheckError, match=lost[0]):
        call_command("check", databases=["default"], fail_level="WARNING")
    connection.check_constraints()  # PostgreSQL makes no index while a foreign key still waits to be checked
    index.install()
    assert index.missing() == []
    assert found(Has("晴野")) == {missed.pk}


def test_double_blanks_stop_no_post():
    post = PostFactory(tokens=" 晴野  奶茶 ")
    assert found(Has("奶茶")) == {post.pk}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60))
def test_every_word_of_every_text_is_found(db, text):
    tokens = words.search_tokens(words.cut(fold(text).text))
    source = SourceFactory(url=f"https://example.com/{next(_hours)}")
    post = PostFactory(source=source, tokens=" ".join(tokens))
    for token in tokens:
        assert post.pk in found(Has(token)), token


ODD = st.text(alphabet="晴野茶饮退款NOTANDRE/12 ()\"{}-'&|!:*\\%_^~ａＢé酸…ab", max_size=40) | st.text(max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ODD)
def test_any_search_is_answered_or_refused_with_a_reason(db, typed):
    try:
        asked = search.query(typed)
    except RuleError:
        return
    posts = search.candidates(Post.objects.order_by("-published_at", "-pk"), asked)
    search.first_page(posts, asked)


@pytest.mark.parametrize(
    "rule",
    [
        "晴野 退款",
        "(异物 OR 发霉) NOT 客服",
        "iphone",
        "15",
        '"两小时 才"',
        "晴野 NEAR/20 腹泻",
        "退款{-不退款}",
        "味",
    ],
)
def test_what_a_rule_wants_is_never_beyond_what_the_index_is_asked(rule, names):
    texts = [
        "晴野茶饮退款太慢",
        "柜台有异物，发霉了",
        "我的iPhone15坏了",
        "排队两小时 才喝到，晴野的茶让孩子腹泻",
        "不退款",
        "退款",
    ]
    posts = [PostFactory(title="", text=text, tokens=" ".join(words.read(fold(text).text).search)) for text in texts]
    asked = query_of(rule, words.cut)
    wanted = {post.pk for post in posts if asked.wants(post.text)}
    assert asked.condition is None or wanted <= found(asked.condition)


def test_a_long_rule_is_no_burden():
    rule = " OR ".join(f"词语{number}" for number in range(250)) + " " + " ".join(f"另外{n}" for n in range(200))
    condition = condition_of(read(rule), words.cut)
    assert found(condition) == set()
    assert condition_of(read("甲" * 3000), words.cut) is None


def test_few_and_many_candidates_are_the_same(monkeypatch):
    for number in range(6):
        PostFactory(title=f"晴野{number}", tokens=f"晴野 {number}", published_at=NOON + timedelta(hours=number))
    asked, posts = search.query("晴野"), Post.objects.order_by("-published_at")
    few = list(search.candidates(posts, asked))
    monkeypatch.setattr(search, "FEW", 2)
    assert list(search.candidates(posts, asked)) == few
    assert len(few) == 6
