"""A published statement is put right or taken back, in a browser: two clicks to the draft, signed, released, traced."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from response import tasks as background
from response.models import Release, StatementVersion
from response.services.releases import publish
from tests.cast import make_cast
from tests.incidents.conftest import CHROMIUM
from tests.incidents.test_level_proposals_in_browser import post
from tests.response.factories import SIGNERS, incident_at, let_speak, releasable

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]
WHY = "更新时间由18时改为20时：检测比预计慢。"


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    cast = make_cast()
    let_speak(cast["spokesperson"], cast)
    return cast


@pytest.fixture
def version(people: dict[str, User]) -> StatementVersion:
    """v1, out in the newsroom."""
    now = timezone.now()
    version = releasable(incident_at(Level.TWO, people, now), people, now)
    publish(version, channels=["newsroom"], actor=people["spokesperson"], now=now)
    background.send_releases()
    return version


def sign(page: Any, version: StatementVersion) -> None:
    """On the phone: the full text, the diff, two taps (one, where they signed the version before)."""
    page.goto("/incidents/approvals/")
    page.tap(f"a[href='/signoffs/{version.uuid}/'] >> nth=0")
    page.wait_for_url(f"**/signoffs/{version.uuid}/")
    assert page.locator("ins").all_inner_texts() == ["20"]
    if page.locator(".decide a.primary").count():
        page.tap(".decide a.primary")
    page.tap(".decide button.primary")
    page.wait_for_url("**/approvals/**")


def test_two_clicks_from_the_publication_to_a_correction_that_leaves_its_trace(
    version: StatementVersion, sit_down: Callable[..., Any]
) -> None:
    statement, desk = version.statement, f"/statements/{version.statement.uuid}/"
    for who, answer in (("gm", 403), ("monitor", 403), ("admin", 404), ("dept", 404)):
        page = sit_down(who)
        assert post(page, f"{desk}revise/") == answer
    assert statement.versions.count() == 1

    speaker = sit_down("spokesperson")
    speaker.goto("/publications/")
    speaker.click(f"a[href='{desk}publish/']")  # one
    speaker.click(f"form[action='{desk}revise/'] button")  # two
    speaker.wait_for_selector("#draft [name=text]")
    words = speaker.input_value("#draft [name=text]")
    speaker.fill("#draft [name=text]", words.replace("18时", "20时"))
    speaker.click("button[formaction$='/submit/']")
    speaker.wait_for_load_state("networkidle")
    assert statement.newest.is_draft  # not before it says what changed and why
    speaker.fill("#draft [name=change_note]", WHY)
    speaker.click("button[formaction$='/submit/']")
    speaker.wait_for_selector("#draft", state="detached")
    second = statement.newest
    assert (second.number, second.is_in_review) == (2, True)

    reader = sit_down("spokesperson")
    public = f"/newsroom/{statement.number}/"
    reader.goto(public)
    assert "18时" in reader.inner_text("main")  # what is out stays until the next is
    for signoff in second.signoffs.all():
        sign(sit_down(SIGNERS[signoff.place], phone=True), second)
    second.refresh_from_db()
    assert second.is_releasable

    pr = sit_down("pr")
    assert post(pr, f"{desk}publish/now/", channels="newsroom") == 403
    speaker.goto(f"{desk}publish/")
    assert speaker.is_checked("input[value=newsroom]")  # it goes where the one before stands
    speaker.click("main form button.danger")
    speaker.wait_for_load_state("networkidle")
    background.send_releases()

    reader.goto(public)
    reader.reload()  # a browser keeps the page for a minute
    shown = reader.inner_text("main")
    assert "20时" in shown
    assert WHY in reader.inner_text("[role=note]")
    trace = reader.locator(".trace li").all_inner_texts()
    assert ["v2" in trace[0], "v1" in trace[1], len(trace)] == [True, True, 2]
    speaker.goto(f"{desk}?v=1")  # the desk keeps the words themselves
    assert "18时" in speaker.inner_text("main")


def test_a_withdrawal_leaves_its_note_and_only_who_speaks_may(
    version: StatementVersion, sit_down: Callable[..., Any]
) -> None:
    release = Release.objects.get(version=version)
    address, typed = f"/releases/{release.uuid}/withdraw/", {f"r{release.pk}-note": "有误"}
    for who, answer in (("pr", 403), ("gm", 403), ("dept", 404)):
        assert post(sit_down(who), address, **typed) == answer
    speaker = sit_down("spokesperson")
    speaker.goto(f"/statements/{version.statement.uuid}/publish/")
    speaker.click(f"#release-{release.uuid} details summary")
    speaker.fill(f"#release-{release.uuid} [name$=note]", "数字有误，核实后重新发布。")
    speaker.click(f"#release-{release.uuid} button.danger")
    speaker.wait_for_load_state("networkidle")
    release.refresh_from_db()
    assert (release.state, isinstance(release.withdrawn_at, datetime)) == (Release.State.WITHDRAWN, True)
    reader = sit_down("spokesperson")
    reader.goto(f"/newsroom/{version.statement.number}/")
    assert "数字有误，核实后重新发布。" in reader.inner_text(".withdrawn")
    assert "已停止该店营业" not in reader.content()
