import json

import pytest
from django.core.management import call_command
from django.db import connection

from audit import triggers
from audit.services import record

pytestmark = pytest.mark.django_db


def test_a_whole_chain_is_said_to_be_whole(capsys):
    record("test.happened")
    call_command("verify_audit")
    assert capsys.readouterr().out == "The chain is whole: 1 entries.\n"


def test_a_broken_chain_ends_with_status_one_and_names_the_row(capsys):
    record("test.happened")
    record("test.happened")
    triggers.lift()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET detail = '{\"level\": 1}' WHERE seq = 2")
    triggers.install()

    with pytest.raises(SystemExit) as end:
        call_command("verify_audit", "--json")

    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "whole": False,
        "entries": 2,
        "bad_seq": 2,
        "reason": "entry 2 was changed after it was written",
    }


def test_an_empty_trail_is_whole(capsys):
    call_command("verify_audit", "--json")
    assert json.loads(capsys.readouterr().out)["whole"] is True


def test_an_unreadable_trail_ends_with_status_two(monkeypatch, db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry RENAME TO audit_entry_lost")
    with pytest.raises(SystemExit) as end:
        call_command("verify_audit")
    assert end.value.code == 2
