"""Rows that may belong to an exercise. The default manager shows live rows only, so forgetting is safe."""

from collections.abc import Sequence
from typing import Any

from django.db import models


class LiveManager(models.Manager):
    """Only live rows: those of no exercise."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(exercise__isnull=True)


class Exercised(models.Model):
    """Base of every root row. `objects` sees the live desk, `everywhere` sees exercises too.

    Relations and admin-like code use `everywhere` (base_manager), so a drill's rows can find one another.
    """

    exercise = models.ForeignKey(
        "accounts.Exercise", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
        base_manager_name = "everywhere"


class ManyExercised(Exercised):
    """Base of rows that come by the thousand a day, nearly all of them live.

    The exercise is indexed without those that have none: SQLite took NULL for a rare value, and read every live row
    to find the few that were asked for.
    """

    exercise = models.ForeignKey(
        "accounts.Exercise",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Exercised.Meta):
        abstract = True
        indexes = [
            models.Index(fields=["exercise"], name="%(class)s_drilled", condition=models.Q(exercise__isnull=False))
        ]


def unique_in_exercise(
    fields: Sequence[str], name: str, condition: models.Q | None = None
) -> list[models.UniqueConstraint]:
    """Uniqueness of `fields` within the live desk and within each exercise.

    Two constraints, because a NULL exercise is distinct from every other NULL in a plain unique key.
    """
    live, drilled = models.Q(exercise__isnull=True), models.Q(exercise__isnull=False)
    return [
        models.UniqueConstraint(
            fields=list(fields), name=f"{name}_live", condition=live & condition if condition else live
        ),
        models.UniqueConstraint(
            fields=[*fields, "exercise"],
            name=f"{name}_drilled",
            condition=drilled & condition if condition else drilled,
        ),
    ]
