"""Who was told of a matter: one telling for each time something was said, however many people and channels it took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from notices.models import Delivery, Notice

AT_ONCE = timedelta(seconds=5)  # one act tells each owner of their own tasks: that is one telling


@dataclass(frozen=True, slots=True)
class Telling:
    """What was told at one moment, or by one call to whoever it went to in the end; the notices in order.

    A notice without a person is the one of the group chats.
    """

    notices: list[Notice]

    @property
    def at(self) -> datetime:
        return self.notices[0].created_at

    @property
    def first(self) -> Notice:
        return self.notices[0]

    @property
    def subjects(self) -> list[str]:
        return list(dict.fromkeys(notice.subject for notice in self.notices))

    @property
    def people(self) -> list[User]:
        return [notice.person for notice in self.notices if notice.person is not None]

    @property
    def acknowledged(self) -> int:
        return sum(notice.acknowledged_at is not None for notice in self.notices)


def tellings(about: str, since: datetime | None = None, until: datetime | None = None) -> list[Telling]:
    """What was told about something, the newest first, from `since` to before `until`. Three queries.

    about  as of `notify`; the caller has made sure that whoever looks may know of it
    """
    notices = Notice.everywhere.filter(about=about)
    if since is not None:
        notices = notices.filter(created_at__gte=since)
    if until is not None:
        notices = notices.filter(created_at__lt=until)
    deliveries = Prefetch("deliveries", Delivery.objects.select_related("channel").order_by("pk"))
    found: list[Telling] = []
    open_by: dict[object, Telling] = {}
    for notice in notices.select_related("person", "call").prefetch_related(deliveries).order_by("created_at", "pk"):
        key = notice.call_id or notice.event
        telling = open_by.get(key)
        if telling and (notice.call_id or notice.created_at <= telling.at + AT_ONCE):
            telling.notices.append(notice)
        else:
            open_by[key] = Telling([notice])
            found.append(open_by[key])
    return sorted(found, key=lambda telling: (telling.at, telling.first.pk), reverse=True)


def told_at(about: str) -> QuerySet[Notice, datetime]:
    """The moments at which something was told about it, the newest first."""
    moments = Notice.everywhere.filter(about=about).order_by("-created_at")
    return moments.values_list("created_at", flat=True).distinct()


def told_with(uuid: UUID) -> Iterable[Notice]:
    """All notices of the telling that begins with this one; none where there is no such notice."""
    one = Notice.everywhere.filter(uuid=uuid).first()
    if one is None:
        return Notice.everywhere.none()
    if one.call_id:
        return Notice.everywhere.filter(call=one.call_id)
    span = (one.created_at, one.created_at + AT_ONCE)
    return Notice.everywhere.filter(event=one.event, about=one.about, call=None, created_at__range=span)
