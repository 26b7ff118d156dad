"""The warning levels and stages, and which of two levels counts. Pure words and rules, no database."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


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


OPEN_STAGES = (Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING)
LEVEL_STAGES = (Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING)  # where a level can still be asked for and decided
LEVELS = (Level.ONE, Level.TWO, Level.THREE)  # those that can be asked for, gravest first

# Our clocks until the plan's own (response) begin. From the request to its decision; from 获知 to the level; from 获知
# to the first public word (practice.md C1, C7).
DECIDE_WITHIN = {Level.ONE: timedelta(minutes=15), Level.TWO: timedelta(minutes=30), Level.THREE: timedelta(minutes=60)}
CONFIRM_WITHIN = {
    Level.ONE: timedelta(minutes=30),
    Level.TWO: timedelta(minutes=60),
    Level.THREE: timedelta(minutes=240),
}
SPEAK_WITHIN = {Level.ONE: timedelta(hours=1), Level.TWO: timedelta(hours=4), Level.THREE: timedelta(hours=48)}
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
