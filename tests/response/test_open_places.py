"""Nothing of a template leaves the house unfilled: in the text, a channel's own, the public reason, a paper, a line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.forms.incoming import LineForm
from response.forms.lines import LineForm as WriteForm
from response.models import Release
from response.notnow import NotNow
from response.selectors.statements import findings_of
from response.services import papers
from response.services.releases import publish
from response.services.statements import revise, save_draft, submit
from response.wording import open_places
from tests.response.factories import GOOD_TEXT, draft_of, incident_at, releasable
from tests.response.test_papers import WORDS

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("我们于{获知时间}注意到{事项}，将于｛获知时间｝更新。", ["{获知时间}", "{事项}", "｛获知时间｝"]),
        ("联系人：____，于XX月××日到【待补充】", ["____", "XX", "××", "【待补充】"]),
        ("括号没有关上{事项", ["{"]),
        ("见 https://example.com/a__b/{id}x 与 XL 码、xx牌", []),
        ("", []),
    ],
)
def test_what_is_open_is_named_as_it_stands(text: str, places: list[str]) -> None:
    assert open_places(text) == places


@pytest.mark.parametrize("where", ["title", "text", "wechat", "weibo"])
def test_an_open_place_blocks_whichever_text_it_is_in(
    cast: dict[str, User], incident: Incident, noon: datetime, where: str
) -> None:
    version, who = draft_of(incident, cast, noon), cast["spokesperson"]
    texts: dict[str, str] = {"title": version.title, "text": GOOD_TEXT, "wechat": GOOD_TEXT, "weibo": ""}
    texts[where] += "{事项}"
    own = {name: texts[name] for name in ("wechat", "weibo")}
    how: dict[str, Any] = {"actor": who, "now": noon, "seen_version": version.version}
    version = save_draft(version, title=texts["title"], text=texts["text"], channel_words=own, **how)
    assert ("slot", where) in [(one.rule, one.where) for one in findings_of(version)]
    with pytest.raises(NotNow):
        submit(version, actor=who, now=noon, seen_version=version.version)
    version.refresh_from_db()
    assert version.state == "draft"


@translation.override("en")
def test_the_public_reason_of_a_correction_is_whole(
    speakers: dict[str, User], incident: Incident, noon: datetime
) -> None:
    version, who = releasable(incident, speakers, noon), speakers["spokesperson"]
    publish(version, channels=["newsroom"], actor=who, now=noon)
    Release.objects.update(state="sent", sent_at=noon)
    following = revise(version, actor=who, now=noon)
    texts = {"title": following.title, "text": following.text, "change_note": "更正{哪一处}"}
    following = save_draft(following, actor=who, now=noon, seen_version=1, **texts)
    with pytest.raises(NotNow, match=r"Still to be filled in: \{哪一处\}\."):
        submit(following, actor=who, now=noon, seen_version=following.version)


def test_the_note_of_a_withdrawal_stays_in_its_box(
    speakers: dict[str, User], incident: Incident, noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    version = releasable(incident, speakers, noon)
    (release,) = publish(version, channels=["newsroom"], actor=speakers["spokesperson"], now=noon)
    Release.objects.update(state="sent", sent_at=noon)
    answer = signed_in("spokesperson").post(
        f"/releases/{release.uuid}/withdraw/", {f"r{release.pk}-note": "因{原因}撤回"}
    )
    assert answer.status_code == 400
    assert "因{原因}撤回" in answer.content.decode()
    release.refresh_from_db()
    assert release.state == "sent"


@translation.override("en")
def test_a_paper_is_submitted_without_open_places(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    version = papers.begin_plan(incident, actor=cast["pr"], now=noon)
    content = {**WORDS, "line": "已停业{几家}，正在核查", "timing": "____前更新"}
    version = papers.save_draft(version, actor=cast["pr"], now=noon, seen_version=1, content=content)
    with pytest.raises(NotNow) as refused:
        papers.submit(version, actor=cast["pr"], now=noon, seen_version=version.version)
    named = str(refused.value)
    assert "{几家}" in named
    assert "____" in named
    version.refresh_from_db()
    assert (version.state, version.content["line"]) == ("draft", content["line"])


def test_what_people_will_say_is_whole() -> None:
    assert LineForm({"version": 1, "line": "{时间}前答复"}).has_error("line")
    form = WriteForm({"version": 1, "words": "{时间}前答复", "questions": "何时？\nXX月答复"})
    assert form.has_error("words")
    assert form.has_error("questions")
