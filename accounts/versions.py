"""Two people edit the same row: the second one is told, and nothing of the first is lost."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class Stale(Exception):
    """The row was changed since it was read. Street side: answer 409 and show both states.

    row  the caller's copy, with what they wanted to write; read the row anew for what stands there
    """

    def __init__(self, row: Any) -> None:
        super().__init__(f"{row._meta.label} {row.pk} was changed by somebody else")
        self.row = row


def save_if_current(row: models.Model, seen_version: int, fields: Iterable[str]) -> None:
    """Save `fields` of a row and raise its `version` by one, if it still has the version the person saw.

    One conditional update, so that of two writers exactly one wins on both databases. Raises Stale for the other, and
    then nothing was written. On success the row in hand carries the new version.
    """
    values: dict[str, Any] = {}
    for name in fields:
        field = row._meta.get_field(name)
        values[field.attname] = field.pre_save(row, False)  # type: ignore[union-attr]
    current = type(row)._base_manager.filter(pk=row.pk, version=seen_version)
    if current.update(**values, version=seen_version + 1) != 1:
        raise Stale(row)
    row.version = seen_version + 1  # type: ignore[attr-defined]
