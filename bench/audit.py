"""What the trail costs: a chained entry against a plain row, each in its own transaction."""

import time
from collections.abc import Callable

from django.db import transaction

from accounts.models import Department
from audit import services
from audit.models import Entry

ROUNDS = 300


def run() -> dict[str, float]:
    def plain_row(number: int) -> None:
        with transaction.atomic():
            Department.objects.create(code=f"bench-{number}", name=f"部门 {number}")

    def entry(number: int) -> None:
        with transaction.atomic():
            services.record("bench.acted", subject=f"bench:{number}", detail={"number": number})

    found = {"a plain row": per_second(plain_row), "an audit entry": per_second(entry)}
    began = time.perf_counter()
    verdict = services.verify()
    assert verdict.whole, verdict.reason
    return found | {"entries verified": Entry.objects.count() / (time.perf_counter() - began)}


def per_second(act: Callable[[int], None]) -> float:
    began = time.perf_counter()
    for number in range(ROUNDS):
        act(number)
    return ROUNDS / (time.perf_counter() - began)
