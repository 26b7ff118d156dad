import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from accounts.models import Exercise
from accounts.versions import Stale
from incidents.models import Incident
from incidents.services.numbering import next_number
from incidents.services.opening import open_incident
from monitoring.models import Signal
from tests.cast import make_cast
from tests.factories import TopicFactory


@pytest.mark.django_db
def test_one_series_a_prefix_and_year(noon):
    numbers = [next_number(prefix, now=noon) for prefix in ("YQ", "YQ", "SM", "YQ")]
    assert numbers == ["YQ-2026-001", "YQ-2026-002", "SM-2026-001", "YQ-2026-003"]


@pytest.mark.django_db
def test_the_year_is_the_companys():
    new_year = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    assert next_number("YQ", now=new_year) == "YQ-2027-001"


@pytest.mark.django_db
def test_two_drills_share_no_number(noon):
    drills = [Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon) for _ in range(2)]
    numbers = [next_number("YQ", now=noon, exercise=drill) for drill in drills]
    assert numbers == [f"YL-{drill.pk}-YQ-001" for drill in drills]


@pytest.mark.django_db
def test_a_number_goes_back_with_what_took_it(noon):
    with transaction.atomic():
        assert next_number("YQ", now=noon) == "YQ-2026-001"
        transaction.set_rollback(True)
    assert next_number("YQ", now=noon) == "YQ-2026-001"


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_there_is_none(noon):
    with pytest.raises(transaction.TransactionManagementError):
        next_number("YQ", now=noon)


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_open_incidents_and_those_that_fail_leave_no_gap(noon):
    """Every fourth opens from a signal that somebody judged meanwhile: it takes a number, fails, and gives it back."""
    pr = make_cast()["pr"]
    topic = TopicFactory()
    judged = Signal.objects.create(watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon)
    Signal.objects.update(closed_at=noon, version=2)
    start = threading.Barrier(20)
    failures = []

    def open_one(n):
        try:
            start.wait()
            open_incident(actor=pr, title=f"事件 {n}", now=noon, signal=judged if n % 4 == 0 else None)
        except Exception as failure:  # noqa: BLE001  a thread's failure is the test's
            failures.append(type(failure))
        finally:
            connection.close()

    threads = [threading.Thread(target=open_one, args=[n]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == [Stale] * 5
    assert sorted(Incident.objects.values_list("number", flat=True)) == [f"YQ-2026-{n:03d}" for n in range(1, 16)]
    assert open_incident(actor=pr, title="下一个", now=noon).number == "YQ-2026-016"
