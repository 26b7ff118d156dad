"""Many narrow rows inserted at once: what `bulk_create` does, at a tenth of its cost, for tables that need no more.

It builds an object for every row and asks each of its fields how it is to be written; that took longer than reading,
masking and matching the post the row tells of.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection, models

AT_ONCE = 200  # rows in one statement


def insert(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, meeting: str = ""
) -> None:
    """Insert rows that say a value for each of these fields; all others must have none to say.

    rows     keys instead of objects where a field points to a row
    meeting  SQL: what happens where a row is there already, such as "ON CONFLICT DO NOTHING"
    """
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in names]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    into = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns}) VALUES "
    place = f"({', '.join(['%s'] * len(fields))})"
    every = list(rows)
    with connection.cursor() as cursor:
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            values = [
                field.get_db_prep_save(value, connection)
                for row in some
                for field, value in zip(fields, row, strict=True)
            ]
            cursor.execute(f"{into}{', '.join([place] * len(some))} {meeting}", values)
