"""After a year an account is known by a keyed hash: nobody can be named any more, but accounts can still be counted."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from accounts.models import Exercise
from opinion.models import Post
from opinion.services.pipeline import take_in
from opinion.services.retention import hashed_names, prune
from tests.factories import NOON, PostFactory, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LONG_AGO = NOON - 366 * DAY


def authors(posts=None):
    return list((posts or Post.everywhere).order_by("pk").values_list("author", "is_author_hashed"))


def test_an_account_name_becomes_a_hash_after_a_year_and_not_before():
    PostFactory(published_at=LONG_AGO, author="奶茶观察员")
    PostFactory(published_at=NOON - 364 * DAY, author="奶茶观察员")
    assert prune(NOON)["authors"] == 1
    [(hashed, is_hashed), kept] = authors()
    assert hashed.startswith("账号 ")
    assert (len(hashed), is_hashed, kept) == (15, True, ("奶茶观察员", False))


def test_the_time_is_a_setting(settings):
    settings.AUTHOR_DAYS = 30
    PostFactory(published_at=NOON - 31 * DAY)
    assert prune(NOON)["authors"] == 1


def test_the_same_account_stays_the_same_and_another_or_another_platform_does_not():
    weibo, zhihu = SourceFactory(platform="微博"), SourceFactory(platform="知乎")
    for source, platform, author in (
        (weibo, "", "甲"),
        (weibo, "微博", "甲"),
        (weibo, "", "乙"),
        (zhihu, "", "甲"),
        (weibo, "知乎", "甲"),
    ):
        PostFactory(source=source, platform=platform, author=author, published_at=LONG_AGO)
    prune(NOON)
    one, same, other, elsewhere, elsewhere_too = [author for author, _hashed in authors()]
    assert one == same
    assert elsewhere == elsewhere_too
    assert len({one, other, elsewhere}) == 3


def test_the_hash_is_made_with_a_key_and_a_new_key_in_front_does_not_change_it(settings):
    settings.SECRETS_KEYS = ["one"]
    first = hashed_names("微博", "甲")
    settings.SECRETS_KEYS = [Fernet.generate_key().decode(), "one"]
    assert (hashed_names("微博", "甲")[0], len(hashed_names("微博", "甲"))) == (first[0], 2)
    settings.SECRETS_KEYS = ["another"]
    assert hashed_names("微博", "甲") != first


def test_what_is_held_keeps_its_author():
    PostFactory(published_at=LONG_AGO, is_held=True)
    assert prune(NOON)["authors"] == 0
    assert authors() == [("路人甲", False)]


def test_a_post_without_an_author_is_done_and_stays_without():
    PostFactory(published_at=LONG_AGO, author="")
    assert prune(NOON)["authors"] == 1
    assert prune(NOON)["authors"] == 0
    assert authors() == [("", True)]


def test_others_who_mention_the_account_keep_their_words():
    PostFactory(published_at=LONG_AGO, author="甲", text="我说的")
    mention = PostFactory(published_at=NOON, author="乙", text="@甲 说得对")
    prune(NOON)
    mention.refresh_from_db()
    assert (mention.text, mention.author) == ("@甲 说得对", "乙")


def test_an_exercise_names_its_accounts_until_it_ends():
    running = Exercise.objects.create(name="进行中", kind="drill", started_at=NOON, clock_from=LONG_AGO)
    over = Exercise.objects.create(
        name="已结束", kind="replay", started_at=NOON - 9 * DAY, clock_from=LONG_AGO, ended_at=NOON - DAY
    )
    PostFactory(published_at=LONG_AGO, exercise=running)
    PostFactory(published_at=NOON, exercise=over)
    assert prune(NOON)["authors"] == 1
    assert [hashed for _author, hashed in authors()] == [False, True]


def test_a_run_that_died_is_finished_by_the_next(monkeypatch):
    from opinion.services import retention

    posts = [PostFactory(published_at=LONG_AGO, author=f"账户{n}") for n in range(5)]
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    whole = retention.hash_authors
    calls = []

    def dies_at_the_second(batch):
        calls.append(len(batch))
        if len(calls) == 2:
            raise RuntimeError("killed")
        whole(batch)

    monkeypatch.setattr(retention, "hash_authors", dies_at_the_second)
    with pytest.raises(RuntimeError):
        prune(NOON)
    assert Post.objects.filter(is_author_hashed=True).count() == 2
    monkeypatch.setattr(retention, "hash_authors", whole)
    assert prune(NOON)["authors"] == 3
    assert {author for author, _hashed in authors()} == {hashed_names("微博", post.author)[0] for post in posts}


def test_a_poll_that_brings_the_post_again_does_not_name_its_author_again():
    WatchFactory(rule="晴野")
    source = SourceFactory()
    take_in(source, [raw(1, at=LONG_AGO)], now=LONG_AGO)
    prune(NOON)
    take_in(source, [raw(1, at=LONG_AGO, likes=9)], now=NOON)
    post = Post.objects.get()
    assert (post.likes, post.is_author_hashed, post.author == "路人甲") == (9, True, False)
