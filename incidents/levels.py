"""The warning levels and stages, and which of two levels counts. Pure words and rules, no database."""

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

# The plan's own words for each level (requirements L1-L3), shown wherever a level is chosen.
CRITERIA = {
    Level.ONE: _("A grave incident: a serious breach of law or rules, or one that may cause social unrest."),
    Level.TWO: _("Has some influence and may harm the company's reputation or its business."),
    Level.THREE: _("Small influence; the department can handle it by itself."),
}


def graver(one: int, other: int) -> int:
    """The graver of two levels: 1 before 2 before 3 before 0."""
    return min(one, other, key=lambda level: level or 9)


def is_rise(before: int, after: int) -> bool:
    """Whether going from `before` to `after` is 升级 (or the first setting) rather than 降级."""
    return before != after and graver(before, after) == after
