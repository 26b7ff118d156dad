"""A version of the plan is drafted by the 工作组组长, adopted by 组长 or 副组长, and never by one who wrote in it."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import PlanTask, PlanVersion
from response.notnow import NotNow
from response.permissions import may
from response.selectors.plan import plan_of
from response.services import drafting
from tests.cast import PASSWORD
from tests.response.factories import incident_at, with_tasks

pytestmark = pytest.mark.django_db
State = PlanVersion.State


@pytest.fixture
def first() -> PlanVersion:
    return PlanVersion.objects.get()


@pytest.fixture
def draft(first: PlanVersion, cast: dict[str, User], noon: datetime) -> PlanVersion:
    return drafting.start_draft(first, actor=cast["pr"], now=noon, reason="复盘：首次发声太慢")


def proposed(draft: PlanVersion, cast: dict[str, User], noon: datetime) -> PlanVersion:
    drafting.propose_plan(draft, actor=cast["pr"], now=noon, seen_version=draft.version)
    return draft


def keys(plan: PlanVersion, level: int) -> list[str]:
    return list(plan.tasks.filter(level=level).values_list("key", flat=True))


def test_who_may(draft: PlanVersion, cast: dict[str, User]) -> None:
    allowed = {
        act: {name for name, one in cast.items() if may(one, act, draft)} for act in ("draft_plan", "adopt_plan")
    }
    assert allowed == {"draft_plan": {"pr"}, "adopt_plan": {"gm", "deputy"}}
    draft.writers.add(cast["deputy"])
    assert not may(cast["deputy"], "adopt_plan", draft)


def test_a_draft_begins_as_a_copy_and_changes_nothing_in_force(draft: PlanVersion, first: PlanVersion) -> None:
    assert (draft.number, draft.state, draft.based_on, draft.gives_standing_authority) == (2, "draft", first, False)
    assert [keys(draft, level) for level in (1, 2, 3)] == [keys(first, level) for level in (1, 2, 3)]
    assert (draft.clocks.count(), first.tasks.count()) == (first.clocks.count(), 47)
    assert PlanVersion.objects.get(state=State.ADOPTED) == first


def test_lines_are_added_changed_moved_and_taken_out(draft: PlanVersion, cast: dict[str, User]) -> None:
    seen = {"actor": cast["pr"]}
    new = PlanTask(
        level=3, title="通知门店", roles="MKT", within_minutes=45, evidence="回执", waits_for=["name-handler"]
    )
    drafting.save_line(draft, new, seen_version=draft.version, **seen)
    assert (new.order, new.key[:5]) == (10, "task-")
    drafting.place_line(draft, new, seen_version=draft.version, order=2, **seen)
    assert keys(draft, 3)[:3] == ["report-to-leaders", new.key, "name-handler"]
    handler = draft.tasks.get(level=3, key="name-handler")
    drafting.remove_line(draft, handler, seen_version=draft.version, **seen)
    new.refresh_from_db()
    assert (new.waits_for, draft.tasks.filter(level=3).count()) == ([], 9)
    drafting.set_clocks(draft, 3, {"assess": 90, "confirm": None}, seen_version=draft.version, **seen)
    assert dict(draft.clocks.filter(level=3).values_list("kind", "within_minutes")) == {"assess": 90}
    assert draft.version == 5
    parts = Entry.objects.filter(event="response.plan_edited", subject="plan:2").order_by("id")
    assert [entry.detail["part"] for entry in parts] == [new.key, new.key, "name-handler", "clocks"]


def test_of_two_who_write_the_second_is_told(draft: PlanVersion, cast: dict[str, User]) -> None:
    other = PlanVersion.objects.get(pk=draft.pk)
    drafting.rename(draft, actor=cast["pr"], seen_version=1, name="预案 2027", reason="一")
    with pytest.raises(Stale):
        drafting.rename(other, actor=cast["pr"], seen_version=1, name="预案 2028", reason="二")
    assert PlanVersion.objects.get(pk=draft.pk).name == "预案 2027"


def test_what_waits_in_a_circle_is_refused(draft: PlanVersion, cast: dict[str, User]) -> None:
    one, two = draft.tasks.filter(level=2)[:2]
    one.waits_for = [two.key]
    drafting.save_line(draft, one, actor=cast["pr"], seen_version=draft.version)
    two.waits_for = [one.key]
    with pytest.raises(NotNow):
        drafting.save_line(draft, two, actor=cast["pr"], seen_version=draft.version)
    assert draft.tasks.get(pk=two.pk).waits_for == []


def test_the_leadership_adopts_what_it_read(
    draft: PlanVersion, first: PlanVersion, cast: dict[str, User], noon: datetime
) -> None:
    with pytest.raises(NotNow):  # it does not lie before them yet
        drafting.adopt_plan(draft, actor=cast["gm"], now=noon, seen_version=draft.version)
    proposed(draft, cast, noon)
    assert set(Notice.objects.filter(event="response.plan_proposed").values_list("person__username", flat=True)) == {
        "gm",
        "deputy",
    }
    with pytest.raises(PermissionDenied):
        drafting.adopt_plan(draft, actor=cast["pr"], now=noon, seen_version=draft.version)
    read = draft.version
    drafting.rename(draft, actor=cast["pr"], seen_version=read, name=draft.name, reason="还有一处")  # takes it back
    with pytest.raises(NotNow):
        drafting.adopt_plan(draft, actor=cast["gm"], now=noon, seen_version=read)
    proposed(draft, cast, noon)
    drafting.return_plan(draft, actor=cast["deputy"], seen_version=draft.version, reason="时限太紧")
    assert Notice.objects.get(event="response.plan_returned").body == "时限太紧"
    proposed(draft, cast, noon)
    drafting.adopt_plan(draft, actor=cast["gm"], now=noon, seen_version=draft.version)
    first.refresh_from_db()
    assert (first.state, draft.state, draft.adopted_by, draft.adopted_at) == ("retired", "adopted", cast["gm"], noon)
    with pytest.raises(NotNow):
        drafting.rename(draft, actor=cast["pr"], seen_version=draft.version, name="x", reason="y")


def test_a_running_incident_keeps_the_version_it_began_with(
    draft: PlanVersion, first: PlanVersion, cast: dict[str, User], noon: datetime
) -> None:
    running = with_tasks(incident_at(Level.THREE, cast, noon), cast, noon)
    proposed(draft, cast, noon)
    drafting.adopt_plan(draft, actor=cast["gm"], now=noon, seen_version=draft.version)
    Incident.everywhere.filter(pk=running.pk).update(level=Level.TWO)
    running = with_tasks(Incident.everywhere.get(pk=running.pk), cast, noon)
    assert plan_of(running) == first
    assert set(running.tasks.values_list("plan_task__plan__number", flat=True)) == {1}
    fresh = with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)
    assert set(fresh.tasks.values_list("plan_task__plan__number", flat=True)) == {2}


def test_the_pages(draft: PlanVersion, cast: dict[str, User], signed_in) -> None:
    pr: Client = signed_in("pr")
    page = draft.get_absolute_url()
    assert pr.get(page).status_code == 200
    line = draft.tasks.get(level=3, key="contact-party")
    typed = {
        "version": draft.version,
        "title": "核实并联系当事人",
        "roles_0": "DEP",
        "roles_1": "PR",
        "within_minutes": 120,
        "evidence": "记录",
        "checklist": "电话联系\n当面说明",
        "waits_for": ["name-handler"],
        "key": line.key,
    }
    assert pr.post(f"{page}lines/{line.pk}/", {**typed, "within_minutes": 0}).status_code == 422
    assert pr.post(f"{page}lines/{line.pk}/", {**typed, "roles_0": "KING"}).status_code == 422
    assert pr.post(f"{page}lines/{line.pk}/", typed).status_code == 302
    line.refresh_from_db()
    assert (line.roles, line.wave, line.checklist) == ("DEP/PR", 240, ["电话联系", "当面说明"])
    assert line.waits_for == ["name-handler"]
    assert pr.post(f"{page}lines/{line.pk}/", typed).status_code == 409  # seen before the last change
    for path in ("plan/versions/", "plan/", f"plan/versions/2/lines/{line.pk}/", "plan/versions/2/levels/1/add/",
                 "plan/versions/2/levels/1/clocks/", "plan/versions/1/draft/", "plan/versions/1/"):  # fmt: skip
        assert pr.get(f"/{path}").status_code == 200, path
    compared = pr.get("/plan/compare/?before=1&after=2").content.decode()
    assert compared.count("<del>") == 6  # role, deadline, waits for, checklist; nothing in English any more
    assert pr.post(f"{page}propose/", {"version": 2}).status_code == 302
    assert signed_in("legal").get(f"{page}lines/{line.pk}/").status_code == 403
    assert signed_in("legal").get(page).status_code == 200
    stale = signed_in("gm").post(f"{page}adopt/", {"version": 3})  # this session gave no proof just now
    assert stale["Location"].startswith("/accounts/reauthenticate/")
    gm = Client()
    gm.post("/accounts/login/", {"username": "gm", "password": PASSWORD})
    assert gm.post(f"{page}adopt/", {"version": 3}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "adopted"


def test_a_level_page_asks_as_much_however_many_lines(
    draft: PlanVersion, signed_in, django_assert_max_num_queries
) -> None:
    pr = signed_in("pr")
    with django_assert_max_num_queries(32):
        pr.get(draft.get_absolute_url())
