"""What stands where: the same version everywhere or flagged, the time from first to last; Weibo and its picture."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import User
from incidents.levels import Level
from notices.channels.fakes.server import FakeServer, break_next
from response import tasks as background
from response.channels.fakes import weibo
from response.models import Release, StatementImage, StatementVersion
from response.selectors.releases import publications
from response.services import images
from response.services.releases import publish
from response.services.signing import approve
from response.services.statements import revise, save_draft, submit
from tests.response.factories import GOOD_TEXT, SIGNERS, all_sign, drill, in_review, incident_at, releasable

TO = ["newsroom", "weibo"]


@pytest.fixture
def version(
    cast: dict[str, User], speakers: dict[str, User], at_noon: datetime, platforms: FakeServer
) -> StatementVersion:
    """Signed with its picture, where this machine can draw one."""
    version = in_review(incident_at(Level.TWO, cast, at_noon), cast, at_noon, text=GOOD_TEXT + "\n致谢𠮷🙏。")
    images.image_of(version, at_noon)
    return all_sign(version, cast, at_noon)


def out(version: StatementVersion, cast: dict[str, User], now: datetime, *names: str) -> None:
    publish(version, channels=names or TO, actor=cast["spokesperson"], now=now)
    for seconds in (0, 60, 66, 130, 400, 700):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            background.send_releases()


def corrected(version: StatementVersion, cast: dict[str, User], now: datetime) -> StatementVersion:
    writer = cast["spokesperson"]
    draft = revise(version, actor=writer, now=now)
    draft = save_draft(
        draft, actor=writer, now=now, seen_version=draft.version, title=draft.title, text=draft.text + "更正。",
        change_note="补充一句",
    )  # fmt: skip
    following = submit(draft, actor=writer, now=now, seen_version=draft.version)
    for signoff in following.signoffs.all():
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=now, seen_hash=following.text_hash)
    following.refresh_from_db()
    return following


def test_one_line_a_statement_with_the_gap_and_the_version_that_lags(
    version: StatementVersion, cast: dict[str, User], signed_in: Callable[[str], Client], noon: datetime
) -> None:
    reader = cast["spokesperson"]
    assert publications(reader) == []
    out(version, cast, noon)
    (line,) = publications(reader)
    assert (line.newest, line.gap, line.waited, line.differs) == (version, timedelta(seconds=60), timedelta(0), False)
    later = noon + timedelta(hours=1)
    second = corrected(version, cast, later)
    page = signed_in("spokesperson").get(f"/statements/{second.statement.uuid}/publish/").content.decode()
    assert 'value="weibo" checked' in page  # a correction goes where the earlier one stands
    assert 'value="cms" checked' not in page
    out(second, cast, later, "newsroom")
    (line,) = publications(reader)
    behind = {cell.channel for cell in line.cells if cell.is_behind}
    assert (line.newest, behind, line.differs) == (second, {"weibo"}, True)
    with CaptureQueriesContext(connection) as asked:
        publications(reader)
    third = releasable(incident_at(Level.TWO, cast, later), cast, later)
    out(third, cast, later, "newsroom")
    with CaptureQueriesContext(connection) as asked_again:
        assert len(publications(reader)) == 2
    assert len(asked) == len(asked_again)
    assert signed_in("auditor").get("/publications/").status_code == 200


def test_a_drill_is_not_among_them(cast: dict[str, User], speakers: dict[str, User], at_noon: datetime) -> None:
    drilled = incident_at(Level.TWO, cast, at_noon, number="YL-1-YQ-001", exercise=drill(at_noon))
    version = releasable(drilled, cast, at_noon)
    publish(version, channels=TO, actor=cast["spokesperson"], now=at_noon)
    Release.everywhere.update(state="sent", sent_at=at_noon)
    assert publications(cast["spokesperson"]) == []


# --- the picture -----------------------------------------------------------------------------------------------------
def drawable() -> bool:
    try:
        return bool(images.font(images.TEXT_SIZE))
    except images.NoFont:
        return False


needs_font = pytest.mark.skipif(not drawable(), reason="no Chinese font on this machine: nothing was drawn")


@needs_font
def test_the_picture_goes_along_to_the_byte_and_another_one_does_not(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    image = images.image_of(version, noon)
    assert image is not None
    assert image == images.image_of(version, noon)
    assert (image.text_hash, image.undrawn) == (version.text_hash, "🙏")
    with Image.open(io.BytesIO(bytes(image.png))) as picture:
        assert picture.width == images.WIDTH
    out(version, cast, noon)
    (post,) = weibo.posts(platforms.world)
    assert post["picture"] == bytes(image.png)
    release = Release.objects.get(channel="weibo")
    assert release.image_hash == image.sha256
    assert version.statement.incident.timeline.filter(event="response.release_requested").get().detail["image_hash"]
    Release.objects.filter(pk=release.pk).update(state="refused", called_at=None, remote={})
    weibo.posts(platforms.world).clear()
    publish(version, channels=TO, actor=cast["spokesperson"], now=noon)
    StatementImage.objects.update(png=b"\x89PNG another")
    with time_machine.travel(noon, tick=False):
        background.send_releases()
    assert (Release.objects.get(pk=release.pk).state, weibo.posts(platforms.world)) == ("refused", [])


@needs_font
def test_a_picture_that_somebody_has_not_signed_does_not_go_along(
    cast: dict[str, User], speakers: dict[str, User], noon: datetime, at_noon: datetime, platforms: FakeServer
) -> None:
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon)
    first, *rest = version.signoffs.all()
    approve(first, actor=cast[SIGNERS[first.place]], now=noon, seen_hash=version.text_hash)
    images.image_of(version, noon)  # drawn late
    for signoff in rest:
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=noon, seen_hash=version.text_hash)
    out(version, cast, noon)
    (post,) = weibo.posts(platforms.world)
    assert (post["picture"], Release.objects.get(channel="weibo").image_hash) == (b"", "")


@needs_font
def test_lines_fit_and_long_words_are_cut() -> None:
    face = images.font(images.TEXT_SIZE)
    lines = images.wrapped("一" * 100 + "，" + "A" * 400 + " 结束。", face)
    assert all(face.getlength(line) <= images.WIDTH - images.MARGIN for line in lines)
    assert not any(line[0] in images.NO_BREAK_BEFORE for line in lines)
    assert images.drawn("", "正文", "尾")[0].startswith(b"\x89PNG")


def test_without_a_font_weibo_goes_as_text(
    cast: dict[str, User],
    speakers: dict[str, User],
    at_noon: datetime,
    noon: datetime,
    platforms: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images.font.cache_clear()
    monkeypatch.setattr(images, "USUAL_FONTS", ())
    version = in_review(incident_at(Level.TWO, cast, noon), cast, noon, text=GOOD_TEXT + "\n致谢𠮷🙏。")
    assert images.image_of(version, noon) is None
    all_sign(version, cast, noon)
    out(version, cast, noon)
    images.font.cache_clear()
    (post,) = weibo.posts(platforms.world)
    assert (post["picture"], Release.objects.get(channel="weibo").state) == (b"", "sent")
    assert "𠮷" in post["words"]


# --- what Weibo says -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("switches", "faults", "state", "by_hand", "posts"),
    [
        ({"weibo_over": True}, [], "queued", True, 0),
        ({"weibo_domain": "other.example.com"}, [], "queued", True, 0),
        ({"weibo_code": 20012}, [], "refused", False, 0),
        ({"weibo_code": 20019}, [], "unknown", False, 0),
        ({"weibo_code": 10009}, [], "unknown", False, 0),
        ({}, [("/2/statuses/share.json", "swallow", 1)], "sent", False, 1),
        ({}, [("/2/statuses/share.json", "drop", 1)], "unknown", False, 0),
    ],
)
def test_a_code_is_a_no_and_anything_else_is_looked_for_and_then_asked(
    version: StatementVersion,
    cast: dict[str, User],
    noon: datetime,
    platforms: FakeServer,
    switches: dict[str, object],
    faults: list[tuple[str, str, int]],
    state: str,
    by_hand: bool,
    posts: int,
) -> None:
    platforms.world.switches |= switches
    for fault in faults:
        break_next(platforms.world, *fault)
    out(version, cast, noon)
    release = Release.objects.get(channel="weibo")
    assert (release.state, release.is_manual, len(weibo.posts(platforms.world))) == (state, by_hand, posts)
    assert weibo.TOKEN not in release.words
