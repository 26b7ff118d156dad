"""The databases' own refusal to change the trail. One of the two places where the vendors differ (docs/adr/0004)."""

from django.db import connection

REFUSAL = "the audit trail is append-only"

POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION '{REFUSAL}'; END; $$ LANGUAGE plpgsql""",
    """CREATE OR REPLACE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE OR REPLACE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
]
SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS audit_entry_no_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS audit_entry_no_delete BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
]
NAMES = {
    "postgresql": ["audit_entry_no_change", "audit_entry_no_truncate"],
    "sqlite": ["audit_entry_no_update", "audit_entry_no_delete"],
}


def install() -> None:
    """Put the triggers in place. Run after every migrate: SQLite rebuilds a table to alter it and drops them."""
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def lift() -> None:
    """Take the triggers away. Only the tests that must empty the table between runs call this."""
    with connection.cursor() as cursor:
        for name in NAMES[connection.vendor]:
            on_table = " ON audit_entry" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing() -> list[str]:
    """Names of the triggers that should be on the table and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for name in NAMES[connection.vendor] if name not in there]
