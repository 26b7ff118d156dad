"""Texts per channel: counted as the platform counts, part of what is signed, never torn inside a sign."""

from datetime import datetime

import pytest

from accounts.models import User
from incidents.levels import Level
from response.channels import channel_named
from response.channels.newsroom.channel import address_of
from response.channels.words import length_on, shortened, unfit, weibo_length
from response.models import StatementVersion
from response.notnow import NotNow
from response.selectors.statements import findings_of
from response.services.releases import publish
from response.services.statements import fingerprint, hash_of, revise, save_draft, submit
from tests.response.factories import draft_of, incident_at, releasable

LINK = "http://127.0.0.1:8000/newsroom/SM-2026-001/"
FAMILY, FLAG, RARE, THUMB = "👨‍👩‍👧", "🇨🇳", "𠮷", "👍🏽"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("声明", 2),
        ("ab", 1),
        ("声明a", 2.5),
        (LINK, 10),
        (f"见 {LINK}", 11.5),
        (RARE, 2),
        ("🙏", 2),
        ("“好”", 3),
        ("", 0),
    ],
)
def test_weibo_counts_in_halves_links_as_ten_and_what_lies_outside_the_basic_plane_twice(
    text: str, length: float
) -> None:
    assert weibo_length(text) == length


def test_shortening_leaves_no_torn_sign_and_never_more_than_the_room() -> None:
    for sign in (FAMILY, FLAG, RARE, THUMB, "é", "❤️"):
        text = sign * 40
        for room in range(5, 30):
            cut = shortened(text, room)
            kept = cut.removesuffix("…")
            assert weibo_length(cut) <= room
            assert kept == sign * (len(kept) // len(sign)), (sign, room)
    assert shortened("短", 5) == "短"


def test_what_a_platform_would_refuse() -> None:
    assert unfit("weibo", "没有链接", LINK) == ["link"]
    assert unfit("weibo", f"#话题# {LINK}", LINK) == ["topic"]
    assert unfit("weibo", "长" * 129 + f" {LINK}", LINK) == []  # 129 + ½ + 10
    assert unfit("weibo", "长" * 130 + f" {LINK}", LINK) == ["long"]
    assert unfit("wechat", "长" * 20_000, LINK) == []
    assert unfit("wechat", "长" * 20_001, LINK) == ["long"]


def own(version: StatementVersion, cast: dict[str, User], now: datetime, **words: str) -> StatementVersion:
    return save_draft(
        version,
        actor=cast["spokesperson"],
        now=now,
        seen_version=version.version,
        title=version.title,
        text=version.text,
        channel_words=words,
    )


def test_a_persons_own_text_goes_out_and_is_part_of_what_is_signed(cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident_at(Level.TWO, cast, noon), cast, noon)
    link, before = address_of(version.statement.number), version.text_hash
    assert before == hash_of(version.title, version.text)
    made = channel_named("weibo").words_for(version)
    assert made.endswith(link)
    assert length_on("weibo", made) <= 140
    words = f"该店已停业[F1] {RARE}{FAMILY} 全文：{link}"
    version = own(version, cast, noon, weibo=words, wechat=" ", newsroom="不算")
    version.refresh_from_db()
    assert version.channel_words == {"weibo": words}  # rare signs are kept; an empty one gives the made text back
    assert channel_named("weibo").words_for(version) == words.replace("[F1]", "")
    assert channel_named("wechat").words_for(version).startswith(version.title)
    assert version.text_hash == fingerprint(version) != before
    assert findings_of(version) == []


def test_a_text_that_does_not_fit_blocks_the_submission(cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident_at(Level.TWO, cast, noon), cast, noon)
    version = own(version, cast, noon, weibo="已停业99天，请加#话题#")
    found = [(one.rule, one.where, one.detail) for one in findings_of(version)]
    assert found == [
        ("channel", "weibo", "link"),
        ("channel", "weibo", "topic"),
        ("channels_differ", "weibo", ""),
    ]
    with pytest.raises(NotNow):
        submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)


def test_a_channels_text_changed_behind_the_signatures_does_not_leave(
    speakers: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident_at(Level.TWO, speakers, noon), speakers, noon)
    StatementVersion.objects.filter(pk=version.pk).update(channel_words={"weibo": "别的话"})
    with pytest.raises(NotNow):
        publish(version, channels=["newsroom"], actor=speakers["spokesperson"], now=noon)


def test_the_next_version_goes_on_with_the_channels_texts(cast: dict[str, User], noon: datetime) -> None:
    version = draft_of(incident_at(Level.TWO, cast, noon), cast, noon)
    version = own(version, cast, noon, weibo=f"已停业 {address_of(version.statement.number)}")
    submit(version, actor=cast["spokesperson"], now=noon, seen_version=version.version)
    following = revise(version, actor=cast["spokesperson"], now=noon)
    assert (following.channel_words, fingerprint(following)) == (version.channel_words, following.text_hash)
