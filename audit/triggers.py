"""The databases' own refusal to change a record. One of the two places where the vendors differ (docs/adr/0004).

The apps above add tables of theirs to APPEND_ONLY in AppConfig.ready().
"""

from django.db import connection

APPEND_ONLY = ["audit_entry"]
REFUSAL = "this record is append-only"

POSTGRESQL = {
    "no_change": "BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "no_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
}
POSTGRESQL_FUNCTION = f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}'; END; $$ LANGUAGE plpgsql"""
SQLITE = {
    "no_update": f"BEFORE UPDATE ON {{table}} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "no_delete": f"BEFORE DELETE ON {{table}} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
}


def triggers() -> list[tuple[str, str, str]]:
    """Table, trigger and what it does, for each append-only table that has been made."""
    bodies = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    there = connection.introspection.table_names()
    return [
        (table, f"{table}_{name}", body.format(table=table))
        for table in APPEND_ONLY
        if table in there
        for name, body in bodies.items()
    ]


def install() -> None:
    """Put the triggers in place. Run after every migrate: SQLite rebuilds a table to alter it and drops them."""
    create = "CREATE TRIGGER IF NOT EXISTS"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            create = "CREATE OR REPLACE TRIGGER"
            cursor.execute(POSTGRESQL_FUNCTION)
        for _table, name, body in triggers():
            cursor.execute(f"{create} {name} {body}")


def lift() -> None:
    """Take the triggers away. Only the tests that must empty the tables between runs call this."""
    on_table = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table, name, _body in triggers():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + f" ON {table}" * on_table)


def missing() -> list[str]:
    """Names of the triggers that should be there and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for _table, name, _body in triggers() if name not in there]
