"""通知回执: who was called, how it reached them, who said 收到 and when."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from notices.models import Call, Delivery, Notice, Standby
from notices.subjects import is_answered_for, may_know


@dataclass(frozen=True, slots=True)
class Receipts:
    """One call as its sender looks at it."""

    call: Call
    notices: list[Notice]

    @property
    def acknowledged(self) -> int:
        return sum(notice.acknowledged_at is not None for notice in self.notices)


def calls_about(viewer: User, about: str) -> list[Receipts]:
    """The calls about one thing, the newest first, for somebody who may know of it. Three queries."""
    found = Call.everywhere.filter(about=about) if may_know(viewer, about) else Call.everywhere.none()
    if not is_answered_for(about):
        found = found.filter(Q(sender=viewer) | Q(pk__in=Notice.everywhere.for_person(viewer).values("call")))
    return [Receipts(call, list(call.notices.all())) for call in _with_people(found)]


def call_to(viewer: User, url: str) -> Notice | None:
    """The notice by which this person is called to a page and has not said 收到 yet."""
    mine = Notice.everywhere.for_person(viewer).unacknowledged().filter(call__url=url, call__ended_at__isnull=True)
    return mine.select_related("call").first()


def own_calls(viewer: User) -> list[Receipts]:
    """The last calls this person sent."""
    found = _with_people(Call.objects.filter(sender=viewer))[:20]
    return [Receipts(call, list(call.notices.all())) for call in found]


def _with_people(calls: QuerySet[Call]) -> QuerySet[Call]:
    deliveries = Prefetch("deliveries", Delivery.objects.select_related("channel").order_by("pk"))
    notices = Notice.everywhere.select_related("person").prefetch_related(deliveries).order_by("created_at", "pk")
    standbys = Prefetch("standbys", Standby.objects.filter(told_at__isnull=True).select_related("person"))
    return calls.prefetch_related(Prefetch("notices", notices), standbys)
