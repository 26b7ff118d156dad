import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry, Head
from audit.services import record, verify

pytestmark = pytest.mark.django_db


def test_entries_follow_one_another(cast):
    first = record("test.began", actor=cast["pr"], subject="YQ-1", detail={"level": 2})
    second = record("test.ended", vendor="acme")

    assert (first.seq, second.seq) == (1, 2)
    assert second.prev_hash == first.hash
    assert (second.actor, second.actor_kind, second.actor_name) == (None, "vendor", "acme")
    assert verify().whole


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_refuses():
    with pytest.raises(transaction.TransactionManagementError):
        record("test.began")
    assert Entry.objects.count() == 0


def test_what_rolls_back_leaves_no_entry_and_no_gap():
    with transaction.atomic():
        record("test.began")
        transaction.set_rollback(True)
    assert record("test.ended").seq == 1
    assert verify().entries == 1


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_entry SET event = 'nothing' WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 1",
    ],
)
def test_the_database_refuses_a_change(attack):
    record("test.began")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert Entry.objects.get().event == "test.began"


def test_insert_or_replace_and_truncate_are_refused_too():
    entry = record("test.began")
    if connection.vendor == "sqlite":
        attack = (
            "INSERT OR REPLACE INTO audit_entry"
            " (id, seq, at, event, actor_kind, actor_name, subject, detail, prev_hash, hash)"
            f" VALUES ({entry.pk}, 1, '2026-01-01', 'nothing', 'system', 'x', '', '{{}}', '', '')"
        )
    else:
        # else PostgreSQL refuses for another reason: the entry's own pending checks
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        attack = "TRUNCATE audit_entry"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert Entry.objects.get().event == "test.began"


@pytest.mark.parametrize(
    ("attack", "bad_seq"),
    [
        ("UPDATE audit_entry SET subject = 'somebody else' WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 3", 3),
        ("UPDATE audit_entry SET seq = 9 WHERE seq = 3", 3),
        ("DELETE FROM audit_entry", 1),
        ("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_entry WHERE seq = 2)", 2),
    ],
)
def test_whoever_goes_round_the_triggers_is_found(attack, bad_seq):
    from audit import triggers

    for subject in ("one", "two", "three"):
        record("test.happened", subject=subject)
    triggers.lift()
    with connection.cursor() as cursor:
        cursor.execute(attack)
    triggers.install()

    verdict = verify()

    assert (verdict.whole, verdict.bad_seq) == (False, bad_seq)


def test_cutting_head_and_tail_together_is_found_by_the_seal():
    from audit import triggers

    for subject in ("one", "two", "three"):
        record("test.happened", subject=subject)
    triggers.lift()
    Entry.objects.filter(seq=3).delete()
    Head.objects.update(seq=2, hash=Entry.objects.get(seq=2).hash)
    triggers.install()

    verdict = verify()

    assert (verdict.whole, verdict.reason[:20]) == (False, "the head's seal is n")
