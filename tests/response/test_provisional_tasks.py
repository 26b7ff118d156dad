"""A provisional start opens its tasks at once, marked, until a leader decides; the standing authority is the plan's."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Entry
from incidents.levels import Level
from incidents.services import levels, undoing
from incidents.services.starting import start
from notices.models import Notice
from response.models import PlanVersion, Task
from response.notnow import NotNow
from response.selectors.plan import gives_standing_authority
from response.services import tasks
from response.services.plan import set_standing_authority
from tests.cast import PASSWORD
from tests.factories import NOON
from tests.response.factories import incident_at

pytestmark = pytest.mark.django_db
REASON = "央视财经点名，热搜第三，两位组长都在飞机上"
NO = "目前事实不足以支撑一级，先按原等级处置"


@pytest.fixture
def started(cast):
    incident = incident_at(Level.UNSET, cast, NOON)
    return start(incident, Level.ONE, actor=cast["pr"], now=NOON, reason=REASON, fresh=True)


def test_its_tasks_are_marked_until_it_is_ratified(cast, started):
    there = started.incident.tasks
    due = dict(there.values_list("pk", "due_at"))
    assert (there.count() > 10, there.filter(is_provisional=False).count()) == (True, 0)

    levels.approve(started, actor=cast["gm"], now=NOON, fresh=True, seen_version=1)
    assert there.filter(is_provisional=True).count() == 0
    assert dict(there.values_list("pk", "due_at")) == due  # their clocks went on
    assert Entry.objects.filter(event="response.tasks_opened").count() == 1


def test_revoked_untouched_tasks_are_cancelled_and_what_somebody_works_on_stays(cast, started):
    touched = started.incident.tasks.first()
    tasks.start(touched, actor=cast["pr"], now=NOON, seen_version=touched.version)
    undoing.revoke(started, actor=cast["gm"], now=NOON, fresh=True, seen_version=1, note=NO)

    left = started.incident.tasks.exclude(state=Task.State.CANCELLED)
    assert [(task.pk, task.state, task.is_provisional) for task in left] == [(touched.pk, Task.State.DOING, False)]


def test_another_level_settles_them(cast, started):
    levels.decide_otherwise(started, Level.TWO, actor=cast["gm"], now=NOON, fresh=True, seen_version=1, note=NO)
    assert not started.incident.tasks.unfinished().filter(is_provisional=True).exists()


def test_the_lists_say_so(signed_in, cast, started):
    task = started.incident.tasks.filter(owner=cast["pr"]).first()
    client = signed_in("pr")
    pages = [
        reverse("response:my-tasks"),
        reverse("response:tasks-panel", args=[started.incident.number]),
        task.get_absolute_url(),
    ]
    assert ["先行启动" in client.get(page).content.decode() for page in pages] == [True] * 3


# --- 常设授权 --------------------------------------------------------------------------------------------------------
def adopted():
    return PlanVersion.objects.get(state="adopted")


@pytest.mark.parametrize("who", ["pr", "legal", "member", "head", "security", "admin", "auditor"])
def test_only_the_group_head_or_a_deputy_gives_it(cast, who):
    with pytest.raises(PermissionDenied):
        set_standing_authority(adopted(), True, actor=cast[who])
    assert not gives_standing_authority()


def test_given_and_ended_it_is_in_the_trail_and_people_hear_of_it(cast):
    set_standing_authority(adopted(), True, actor=cast["gm"])
    assert gives_standing_authority()
    with pytest.raises(NotNow):
        set_standing_authority(adopted(), True, actor=cast["deputy"])
    set_standing_authority(adopted(), False, actor=cast["deputy"])
    assert not gives_standing_authority()
    assert list(Entry.objects.order_by("pk").values_list("event", flat=True)) == [
        "response.standing_authority_given",
        "response.standing_authority_ended",
    ]
    assert {notice.person.username for notice in Notice.objects.all()} == {"pr", "member", "deputy", "gm"}


def test_the_page_asks_who_one_is_and_switches(signed_in):
    client = signed_in("gm")
    url = reverse("response:set-standing-authority")
    assert url in client.get(reverse("response:plan")).content.decode()
    assert client.post(url, {"gives": "yes"}).url.split("?")[0] == reverse("account_reauthenticate")
    assert not gives_standing_authority()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(url, {"gives": "yes"}).status_code == 302
    assert gives_standing_authority()
    assert url not in signed_in("pr").get(reverse("response:plan")).content.decode()
    assert signed_in("pr").post(url, {"gives": ""}).status_code == 403
