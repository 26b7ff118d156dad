"""The warning levels and stages, and which of two levels counts. Pure words and rules, no database."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.IntegerChoices):
    """预警等级. One is the gravest; 0 means that nobody has decided yet."""

    UNSET = 0, _("level not set")
    THREE = 3, _("level three")
    TWO = 2, _("level two")
    ONE = 1, _("level one")


class Stage(models.TextChoices):
    TRIAGED = "triaged", _("triaged")
    RESPONDING = "responding", _("responding")
    OBSERVING = "observing", _("observing")
    REVIEWING = "reviewing", _("reviewing")
    ARCHIVED = "archived", _("archived")
    DISMISSED = "dismissed", _("false alarm")
    MERGED = "merged", _("merged")


class ClockKind(models.TextChoices):
    """时限: the limits of the procedure, in the order they come."""

    ASSESS = "assess", pgettext_lazy("clock", "Assess")
    CONFIRM = "confirm", pgettext_lazy("clock", "Set the level")
    DECIDE = "decide", pgettext_lazy("clock", "Decide")
    SPEAK = "speak", pgettext_lazy("clock", "First statement")
    REPORT = "report", pgettext_lazy("clock", "Report to the regulator")
    CLOSE = "close", pgettext_lazy("clock", "Close")


PUBLIC_CLOCKS = (ClockKind.SPEAK, ClockKind.REPORT)  # count from 获知 whatever the level did since
LEGAL_CLOCKS = (ClockKind.REPORT,)  # nobody can stop these

OPEN_STAGES = (Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING)
LEVEL_STAGES = (Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING)  # where a level can still be asked for and decided
LEVELS = (Level.ONE, Level.TWO, Level.THREE)  # those that can be asked for, gravest first

# How many minutes each clock gives at a level, where the plan says nothing (practice.md C1, C5, C7). A kind that a
# level leaves out does not run at it: 三级 need not be answered in public, and only 一级 is reported to a regulator.
LIMITS: dict[str, dict[int, int]] = {
    ClockKind.ASSESS: {Level.ONE: 15, Level.TWO: 30, Level.THREE: 120},
    ClockKind.CONFIRM: {Level.ONE: 30, Level.TWO: 60, Level.THREE: 240},
    ClockKind.DECIDE: {Level.ONE: 15, Level.TWO: 30, Level.THREE: 60},
    ClockKind.SPEAK: {Level.ONE: 60, Level.TWO: 240},
    ClockKind.REPORT: {Level.ONE: 60},
    ClockKind.CLOSE: {Level.ONE: 10080, Level.TWO: 7200, Level.THREE: 4320},
}
# Shares of a limit, in per cent, at which somebody is told: whose clock it is, at the limit the 工作组组长 too; a clock
# the public or the law holds us to goes on to 副组长 and 组长 (practice.md C5).
STEPS = (50, 80, 100)
PUBLIC_STEPS = (*STEPS, 150, 200)
TAKE_BACK_WITHIN = timedelta(minutes=10)
RATIFY_WITHIN = timedelta(minutes=30)  # a provisional start; then the whole leadership group is told, again and again
END_WITHIN = timedelta(hours=4)  # a response that is to end harms nobody while it waits
OVERTURN_WITHIN = timedelta(hours=24)  # what was decided under the standing authority, by one act of a leader
COUNTERSIGN_WITHIN = timedelta(hours=24)  # an approval by word of mouth; then it is flagged
STARTED_LEVELS = (Level.ONE, Level.TWO)  # those that may be started provisionally

# De-escalation (practice.md C4): so many hours in a row, each below the level's threshold by this margin and with no
# more posts than the same hour of other days makes likely.
CALM_HOURS = {Level.ONE: 24, Level.TWO: 12, Level.THREE: 6}
CALM_MARGIN = 5.0

# The plan's own words for each level (requirements L1-L3), shown wherever a level is chosen.
CRITERIA = {
    Level.ONE: _("A grave incident: a serious breach of law or rules, or one that may cause social unrest."),
    Level.TWO: _("Has some influence and may harm the company's reputation or its business."),
    Level.THREE: _("Small influence; the department can handle it by itself."),
}

# What a level sets in motion, said before somebody asks for it or decides it (design: Statement and release;
# practice.md C5).
CONSEQUENCES = {
    Level.ONE: (
        _("The level-one plan starts: its tasks open with owners and deadlines, the command centre is formed."),
        _("The regulators concerned are informed; a first word to the public is due within one hour."),
        _("Statements need legal, the working group head and the leadership group head."),
        _("Monitoring briefs come every hour."),
    ),
    Level.TWO: (
        _("The level-two plan starts: its tasks open with owners and deadlines, an emergency working group is formed."),
        _("A first word to the public is due within four hours."),
        _("Statements need legal, the working group head and the group head or a deputy."),
        _("Monitoring briefs come every two hours."),
    ),
    Level.THREE: (
        _("The owning department handles it and reports progress; the level-three tasks open."),
        _("If the public is to be answered, it is within 48 hours."),
        _("Statements need the working group head, and legal if the checks ask for it."),
        _("Monitoring looks again every four hours."),
    ),
}

END_CONSEQUENCES = (
    _("The incident goes over to observation at the level it has; its topics are watched as before."),
    _("Tasks go on until they are done; the review can begin once it stayed calm."),
    _("If it comes back, the working group head takes the response up again."),
)


def graver(one: int, other: int) -> int:
    """The graver of two levels: 1 before 2 before 3 before 0."""
    return min(one, other, key=lambda level: level or 9)


def is_rise(before: int, after: int) -> bool:
    """Whether going from `before` to `after` is 升级 (or the first setting) rather than 降级."""
    return before != after and graver(before, after) == after
