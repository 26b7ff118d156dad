"""The one map of how an incident moves. Bodies stay empty: effects live in services."""

from django.db import models
from django_fsm import GET_STATE, ConcurrentTransitionMixin, FSMField, FSMIntegerField, transition

from incidents.levels import LEVEL_STAGES, Level, Stage

ANY_LEVEL = [Level.UNSET, Level.THREE, Level.TWO, Level.ONE]


def level_is_open(incident: models.Model) -> bool:
    """A level is decided while the matter is alive, not once it is dismissed, merged, under review or archived."""
    return isinstance(incident, Lifecycle) and incident.stage in LEVEL_STAGES


class Lifecycle(ConcurrentTransitionMixin, models.Model):
    """`stage` and `level`, moved only by incidents.services.move."""

    stage = FSMField(choices=Stage, default=Stage.TRIAGED, protected=True)
    level = FSMIntegerField(choices=Level, default=Level.UNSET, protected=True)

    class Meta:
        abstract = True

    @transition(field=stage, source=Stage.TRIAGED, target=Stage.RESPONDING)
    def respond(self) -> None:
        """A level was confirmed: the response begins."""

    @transition(field=stage, source=Stage.RESPONDING, target=Stage.TRIAGED)
    def stand_back(self) -> None:
        """The decision that began the response was taken back."""

    @transition(field=stage, source=Stage.RESPONDING, target=Stage.OBSERVING)
    def calm_down(self) -> None:
        """The response ends (解除响应); we keep watching."""

    @transition(field=stage, source=Stage.OBSERVING, target=Stage.RESPONDING)
    def relapse(self) -> None:
        """It came back while we watched."""

    @transition(field=stage, source=Stage.OBSERVING, target=Stage.REVIEWING)
    def begin_review(self) -> None:
        """It stayed calm: now learn from it."""

    @transition(field=stage, source=Stage.REVIEWING, target=Stage.ARCHIVED)
    def archive(self) -> None:
        """The review is done; the case enters the library."""

    @transition(field=stage, source=Stage.ARCHIVED, target=Stage.RESPONDING)
    def reopen(self) -> None:
        """It came back after the archive, with a reason."""

    @transition(field=stage, source=[Stage.TRIAGED, Stage.RESPONDING], target=Stage.DISMISSED)
    def dismiss(self) -> None:
        """误报: nothing was there."""

    @transition(
        field=stage, source=[Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING], target=Stage.MERGED
    )
    def merge(self) -> None:
        """It is part of another incident (已并入)."""

    @transition(
        field=stage,
        source=Stage.MERGED,
        target=GET_STATE(
            lambda incident: incident.stage_before_merging,
            states=[Stage.TRIAGED, Stage.RESPONDING, Stage.OBSERVING, Stage.REVIEWING],
        ),
    )
    def unmerge(self) -> None:
        """The merge is undone: it stands where it stood."""

    @transition(field=level, source=ANY_LEVEL, target=Level.THREE, conditions=[level_is_open])
    def set_level_three(self) -> None:
        """Confirmed as 三级."""

    @transition(field=level, source=ANY_LEVEL, target=Level.TWO, conditions=[level_is_open])
    def set_level_two(self) -> None:
        """Confirmed as 二级."""

    @transition(field=level, source=ANY_LEVEL, target=Level.ONE, conditions=[level_is_open])
    def set_level_one(self) -> None:
        """Confirmed as 一级."""

    @transition(field=level, source=ANY_LEVEL, target=Level.UNSET, conditions=[level_is_open])
    def unset_level(self) -> None:
        """The first decision was taken back."""

    @transition(field=level, source=[Level.TWO, Level.ONE], target=None, conditions=[level_is_open])
    def ratify(self) -> None:
        """A provisional start was ratified (追认): the level stays, and is now somebody's decision."""
