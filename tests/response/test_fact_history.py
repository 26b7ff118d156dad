"""A fact that was signed is corrected by its next version; what shows it stays beside it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from opinion.models import Post
from response.models import FactVersion
from response.notnow import NotNow
from response.selectors.statements import findings_of
from response.services.facts import add_proofs, sign_fact
from tests.factories import PostFactory
from tests.response.factories import draft_of, fact_of, incident_at
from tests.response.test_files import PDF

CORRECTED = {"state": "untrue", "evidence": "监控显示仍在营业", "reason": "门店监控 11:20 的画面"}


@pytest.fixture(autouse=True)
def _storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def test_a_correction_is_the_next_version_and_the_first_one_stays(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    fact = fact_of(incident, cast, noon, claim="建国路店已停业")
    later = noon + timedelta(hours=2)
    with pytest.raises(NotNow):  # signed before: a correction says why
        sign_fact(fact, actor=cast["legal"], now=later, seen_version=2, **(CORRECTED | {"reason": " "}))
    sign_fact(fact, actor=cast["legal"], now=later, seen_version=2, claim="建国路店已停止营业", **CORRECTED)
    kept = [(one.number, one.claim, one.state, one.reason, one.signed_by, one.signed_at) for one in fact.versions.all()]
    assert kept == [
        (2, "建国路店已停止营业", "untrue", "门店监控 11:20 的画面", cast["legal"], later),
        (1, "建国路店已停业", "verified", "", cast["tech"], noon),
    ]


def test_the_database_keeps_what_was_signed(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact_of(incident, cast, noon)
    for change in (lambda: FactVersion.objects.update(claim="别的"), lambda: FactVersion.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert FactVersion.objects.get().claim == "已停业"


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [
        ({"state": "untrue"}, True),
        ({"state": "checking"}, True),
        ({"claim": "已停业整顿"}, False),
        ({"evidence": "另一张照片"}, None),
    ],
)
def test_who_quotes_it_is_told_when_its_state_or_words_change(
    incident: Incident, cast: dict[str, User], noon: datetime, changes: dict[str, str], flagged: bool | None
) -> None:
    version = draft_of(incident, cast, noon)
    fact = incident.facts.get()
    said = {"state": "verified", "evidence": "现场照片", "reason": "复查", **changes}
    sign_fact(fact, actor=cast["tech"], now=noon, seen_version=fact.version, **said)
    told = {notice.person.username for notice in Notice.objects.filter(event="response.quoted_fact_changed")}
    assert told == (set() if flagged is None else {"spokesperson", "pr"})
    blocked = [one.rule for one in findings_of(version) if one.blocks]
    assert blocked == (["fact"] if changes.get("state") == "untrue" or changes.get("state") == "checking" else [])


def test_files_links_and_posts_are_put_beside_it_once(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact = fact_of(incident, cast, noon, state="checking")
    post = PostFactory(url="https://weibo.example/1", text="店门口贴了停业通知")
    sent = {
        "uploads": SimpleUploadedFile("检测报告.pdf", PDF),
        "links": "市监局通告 https://amr.example/notice/7\nhttps://weibo.example/1",
    }
    page = signed_in("tech")
    assert page.post(f"/facts/{fact.uuid}/proofs/", sent).status_code == 302
    assert [(proof.kind, proof.name) for proof in fact.proofs.all()] == [
        ("file", "检测报告.pdf"),
        ("link", "市监局通告"),
        ("post", post.said[:200]),
    ]
    assert Post.objects.get().is_held
    with pytest.raises(NotNow):
        add_proofs(fact, actor=cast["tech"], now=noon, posts=[post], links=[("", "https://amr.example/notice/7")])
    shown = page.get(f"/facts/{fact.uuid}/").content.decode()
    assert "市监局通告" in shown
    assert fact.proofs.get(kind="file").file.sha256 in shown


@pytest.mark.parametrize("line", ["javascript:alert(1)", "通告 ftp://example.com/x", "没有地址", "http://"])
def test_what_is_no_address_is_refused_in_words(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client], line: str
) -> None:
    fact = fact_of(incident, cast, noon, state="checking")
    answer = signed_in("tech").post(f"/facts/{fact.uuid}/proofs/", {"links": line})
    assert answer.status_code == 400
    assert not fact.proofs.exists()


def test_a_reader_sees_the_history_and_is_refused_the_pen(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact = fact_of(incident, cast, noon)
    sign_fact(fact, actor=cast["legal"], now=noon, seen_version=2, **CORRECTED)
    reader = signed_in("gm")
    assert CORRECTED["reason"] in reader.get(f"/facts/{fact.uuid}/").content.decode()
    assert reader.post(f"/facts/{fact.uuid}/proofs/", {"links": "https://example.com/"}).status_code == 403
    assert signed_in("outsider").get(f"/facts/{fact.uuid}/").status_code == 404
