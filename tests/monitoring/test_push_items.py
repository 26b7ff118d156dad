"""Reading one pushed item: what is taken, and for what is not, the field and the reason."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.api.items import FIELDS, REASONS, Rejected, id_as_sent, read_item
from tests.factories import NOON
from tests.monitoring.vendor_tools import an_item


def reading(item, mapping=None, channels=("default", "news")):
    return read_item(item, mapping=mapping or {}, channels=dict.fromkeys(channels), now=NOON)


def test_a_plain_item():
    found = reading(an_item(7))
    assert found.channel == "default"
    post = found.post
    assert (post.external_id, post.url, post.author) == ("wb-7", "https://weibo.example/7", "路人甲")
    assert post.published_at == NOON - timedelta(minutes=2)
    assert (post.date_doubt, post.likes, post.rank, post.platform, post.author_since) == ("", None, None, "", None)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-11-18T12:00:00+08:00", NOON),
        ("2026-11-18T12:00:00+0800", NOON),
        ("2026-11-18T04:00:00Z", NOON),
        (" 2026-11-18 04:00:00.5+00:00 ", NOON + timedelta(seconds=0.5)),
        (1_794_974_400, NOON),
        (1_794_974_400_250, NOON + timedelta(milliseconds=250)),
        ("2026-11-18T12:10:00+08:00", NOON + timedelta(minutes=10)),
        (1_500_000_000, datetime(2017, 7, 14, 2, 40, tzinfo=UTC)),
    ],
)
def test_times_with_a_zone_are_read(value, at):
    assert reading(an_item(1, published_at=value)).post.published_at == at


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("external_id", "", "missing"),
        ("external_id", None, "missing"),
        ("external_id", True, "missing"),
        ("external_id", ["x"], "missing"),
        ("external_id", "\u200b\x00", "missing"),
        ("external_id", "x" * 501, "too_long"),
        ("channel", "other", "unknown_channel"),
        ("channel", 1, "not_text"),
        ("published_at", None, "missing"),
        ("published_at", "", "missing"),
        ("published_at", "2026-11-18T12:00:00", "no_zone"),
        ("published_at", "2026-11-18", "no_zone"),
        ("published_at", "昨天", "not_a_time"),
        ("published_at", "1794974400", "not_a_time"),
        ("published_at", 1.5, "not_text"),
        ("published_at", 10**40, "not_a_time"),
        ("published_at", "0001-01-01T00:00:00+08:00", "not_a_time"),
        ("published_at", "2026-11-18T12:10:01+08:00", "in_future"),
        ("published_at", 1_000_000_000, "too_old"),
        ("author_since", "2020", "not_a_time"),
        ("author_since", "2020-01-01T00:00:00", "no_zone"),
        ("text", 5, "not_text"),
        ("title", {"a": 1}, "not_text"),
        ("platform", ["微博"], "not_text"),
        ("likes", -1, "not_a_count"),
        ("likes", 1.5, "not_a_count"),
        ("likes", True, "not_a_count"),
        ("likes", "many", "not_a_count"),
        ("reads", 2**63, "not_a_count"),
        ("rank", 2**31, "not_a_count"),
        ("url", "javascript:alert(1)", "not_an_address"),
        ("url", "https://x/" + "y" * 2000, "too_long"),
        ("url", 1, "not_text"),
    ],
)
def test_what_cannot_be_taken_names_the_field(field, value, reason):
    with pytest.raises(Rejected) as refused:
        reading(an_item(1, **{field: value}))
    assert (refused.value.reason, refused.value.field) == (reason, field)


def test_without_words_there_is_nothing_to_read():
    with pytest.raises(Rejected) as refused:
        reading(an_item(1, text=" \u200b ", title=None))
    assert (refused.value.reason, refused.value.field, refused.value.external_id) == ("no_words", "text", "wb-1")


@pytest.mark.parametrize("item", [None, 1, "x", [], [{}], True])
def test_an_item_is_an_object(item):
    with pytest.raises(Rejected) as refused:
        reading(item)
    assert (refused.value.reason, refused.value.field) == ("not_an_object", "")
    assert id_as_sent(item, {}) == ""


def test_names_of_the_vendors_own_and_objects_inside_objects():
    mapping = {"external_id": "mid", "author": "user.name", "likes": "stat.like", "published_at": "t", "text": "a.b"}
    item = {
        "mid": 12,
        "user": {"name": "甲"},
        "stat": {"like": "3"},
        "t": 1_794_974_400,
        "a.b": "有点的名字",
        "likes": "x",
    }
    post = reading(item, mapping).post
    assert (post.external_id, post.author, post.likes, post.text) == ("12", "甲", 3, "有点的名字")
    assert id_as_sent(item, mapping) == "12"


def test_long_texts_are_cut_and_hidden_characters_go():
    post = reading(an_item(1, title="标" * 600, text="晴\u200b野\x00")).post
    assert (len(post.title), post.title[-1], post.text) == (500, "…", "晴野")


def test_every_reason_has_its_sentence_in_english():
    with translation.override("en"):
        assert all(str(words).endswith((".", "?")) for words in REASONS.values())


anything: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just([{}])
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_whatever_is_said_is_read_or_refused(item):
    try:
        post = reading(item).post
    except Rejected as refused:
        assert (refused.reason in REASONS, refused.field in FIELDS) == (True, True)  # noqa: PT017 - either may happen
        return
    assert post.external_id
    assert post.published_at.tzinfo is not None
    assert post.title or post.text
