"""The default plan is practice C5 as data."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from incidents.levels import LIMITS, Level
from response.models import PlanTask, PlanVersion
from response.services.plan import load_default_plan

# The seed's own steps (★), by level and number.
STARRED = {1: {1, 2, 7, 13, 14, 15, 19, 23}, 2: {1, 3, 5, 9, 11, 15}, 3: {1, 5, 6}}
# level, number, title, roles, minutes, every, evidence: spot checks against the table.
LINES = [
    (1, 1, "启动一级响应并通知全体成员", "L", 10, None, "通知回执率 100 %"),
    (1, 7, "上报相关监管部门", "L/LEG", 60, None, "报告文号、时间、接收人"),
    (1, 8, "首次发声：关切声明", "W/L/S", 60, None, "三渠道链接"),
    (1, 13, "发布权威信息、澄清事实", "S", 240, None, "网站→公众号→微博链接"),
    (1, 20, "滚动更新（每 4 h 或有新事实即发）", "S", 240, 240, "更新版本号"),
    (1, 21, "监测专报（前 24 h 每 1 h，之后每 4 h）", "MON", 60, 60, "专报编号"),
    (1, 23, "评估总结、整改、预案修订", "W/L", 10080, None, "复盘报告、整改台账"),
    (2, 1, "成立应急工作小组并通知", "W", 30, None, "名单、回执"),
    (2, 9, "官方渠道发布回应声明、解释并安抚", "S", 240, None, "三渠道链接"),
    (2, 12, "监测简报每 2 h", "MON", 120, 120, "简报"),
    (2, 14, "升级/降级判断（每 4 h）", "W/D", 240, 240, "判断记录"),
    (3, 1, "第一时间向领导小组汇报", "DEP", 60, None, "汇报"),
    (3, 5, "舆情监控每 4 h，24 h 后每日", "MON", 240, 240, "监控记录"),
    (3, 7, "回应（如需对外，仍走发言人审批）", "PR/S", 2880, None, "链接"),
    (3, 9, "关闭与入库", "W", 4320, None, "关闭单"),
]


@pytest.fixture
def plan(db: None) -> PlanVersion:
    return PlanVersion.objects.get()


def test_migrating_leaves_one_adopted_plan(plan: PlanVersion) -> None:
    assert (plan.number, plan.state, plan.adopted_by) == (1, "adopted", None)
    assert plan.adopted_at is not None


def test_the_counts_are_those_of_the_plan(plan: PlanVersion) -> None:
    assert {level: plan.tasks.filter(level=level).count() for level in (1, 2, 3)} == {1: 23, 2: 15, 3: 9}


def test_the_starred_steps_are_those_of_the_seed(plan: PlanVersion) -> None:
    starred = {
        level: set(plan.tasks.filter(level=level, is_starred=True).values_list("order", flat=True)) for level in STARRED
    }
    assert starred == STARRED
    assert not plan.tasks.filter(is_starred=True, article="").exists()


@pytest.mark.parametrize(("level", "order", "title", "roles", "minutes", "every", "evidence"), LINES)
def test_a_line_says_what_the_table_says(
    plan: PlanVersion, level: int, order: int, title: str, roles: str, minutes: int, every: int | None, evidence: str
) -> None:
    line = plan.tasks.get(level=level, order=order)
    assert (line.title, line.roles, line.within_minutes, line.every_minutes, line.evidence) == (
        title,
        roles,
        minutes,
        every,
        evidence,
    )


def test_the_plan_sets_the_clocks_our_own_limits_would(plan: PlanVersion) -> None:
    by_kind: dict[str, dict[int, int]] = {}
    for clock in plan.clocks.all():
        by_kind.setdefault(clock.kind, {})[clock.level] = clock.within_minutes
    assert by_kind == LIMITS


def test_slower_rhythms_and_the_one_that_waits_for_an_event(plan: PlanVersion) -> None:
    slower = plan.tasks.exclude(later_every_minutes=None).values_list("level", "order", "later_every_minutes")
    assert set(slower) == {(1, 21, 240), (3, 5, 1440)}
    assert list(plan.tasks.filter(is_on_trigger=True).values_list("level", "order")) == [(3, 6)]


def test_every_line_has_both_languages(plan: PlanVersion) -> None:
    for line in plan.tasks.all():
        assert line.title_en.isascii(), line.title
        assert line.evidence_en.isascii(), line.title


def test_loading_again_changes_nothing(plan: PlanVersion, noon: object) -> None:
    before = list(PlanTask.objects.values())
    assert load_default_plan(noon) is None  # type: ignore[arg-type]
    out = StringIO()
    call_command("load_plan", stdout=out)
    assert out.getvalue() == "There is a plan already: 企业舆情应急预案 v1. Nothing changed.\n"
    assert list(PlanTask.objects.values()) == before


def test_every_role_letter_is_one_the_desk_knows(plan: PlanVersion, cast: dict[str, User]) -> None:
    from response.owners import LETTER_ROLES

    letters = {letter for line in plan.tasks.all() for letter in line.roles.split("/")}
    assert letters == set(LETTER_ROLES)
    assert {line.level for line in plan.tasks.all()} == {Level.ONE, Level.TWO, Level.THREE}
