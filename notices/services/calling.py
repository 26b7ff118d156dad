"""Calls: 收到, one step further when nobody says it, and the end."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from notices.models import Call, Notice, Standby
from notices.services.telling import notify, on_next_channel, queue
from notices.subjects import may_know


@transaction.atomic
def acknowledge(notice: Notice, *, actor: User, now: datetime) -> bool:
    """收到: this person has it. Returns whether that was news; a call that is over may still be acknowledged.

    Only its own person can: for anybody else nothing happens.
    """
    mine = Notice.everywhere.for_person(actor).unacknowledged().filter(pk=notice.pk)
    if mine.update(acknowledged_at=now, read_at=notice.read_at or now) != 1:
        return False
    assert notice.call
    others = Notice.everywhere.filter(call=notice.call).unacknowledged()
    if notice.call.one_is_enough or not others.exists():
        _end([notice.call.pk], Call.End.ACKNOWLEDGED, now)
    return True


def stand_down(url: str, now: datetime, by: User | None = None) -> int:
    """What the calls that lead to this address were for is settled: nobody is chased any more. Returns how many ended.

    by  who settled it; if they were called, that is their 收到. Call inside the act that settled it.
    """
    settled = Call.everywhere.filter(url=url, ended_at__isnull=True)
    if by is not None:
        theirs = Notice.everywhere.for_person(by).unacknowledged().filter(call__in=settled)
        theirs.update(acknowledged_at=now, read_at=Coalesce("read_at", now))
    return _end(list(settled.values_list("pk", flat=True)), Call.End.STOOD_DOWN, now)


@transaction.atomic
def chase(call: Call, now: datetime) -> str:
    """One step further: again on another channel, else the next person, else the sender hears that nobody answered.

    Returns what was done: "again", "next", "unanswered", or "" when another sweep, or an answer, was faster.
    """
    if not Call.everywhere.claim(call, now + call.every):
        return ""
    silent = Notice.everywhere.filter(call=call).unacknowledged().select_related("person").order_by("pk")
    active = [notice for notice in silent if notice.person and notice.person.is_active]
    if call.exercise_id is None and [one for one in active if on_next_channel(one, now)]:
        return "again"
    following = _next_standby(call)
    if following is not None:
        _tell(call, following, now)
        return "next"
    _end([call.pk], Call.End.UNANSWERED, now)
    _say_unanswered(call, [str(notice.person) for notice in silent])
    return "unanswered"


def _next_standby(call: Call) -> Standby | None:
    """The first who was not told yet, still works here and may still know of it."""
    waiting = call.standbys.filter(told_at__isnull=True).select_related("person")
    return next((one for one in waiting if one.person.is_active and may_know(one.person, call.about)), None)


def _tell(call: Call, standby: Standby, now: datetime) -> None:
    Standby.objects.filter(pk=standby.pk).update(told_at=now)
    notice = Notice.everywhere.create(
        person=standby.person,
        event=call.event,
        about=call.about,
        subject=call.subject,
        body=call.body,
        url=call.url,
        urgency=call.urgency,
        call=call,
        created_at=now,
        exercise=call.exercise,
    )
    if call.exercise_id is None:
        queue([notice], now)


def _say_unanswered(call: Call, names: list[str]) -> None:
    if call.sender is not None:
        with translation.override(settings.LANGUAGE_CODE):
            notify(
                [call.sender],
                event="notices.call_unanswered",
                subject=_("Nobody acknowledged: %(subject)s") % {"subject": call.subject}
                if call.one_is_enough
                else _("Not everybody acknowledged: %(subject)s") % {"subject": call.subject},
                body=_("Please call them: %(names)s") % {"names": "、".join(names)},
                url=call.url or reverse("notices:inbox"),
                urgency=call.urgency,
                about=call.about,
                exercise=call.exercise,
            )
    audit.record("notices.call_unanswered", subject=f"call:{call.uuid}", detail={"event": call.event})


def _end(keys: list[int], end: str, now: datetime) -> int:
    return Call.everywhere.filter(pk__in=keys, ended_at__isnull=True).update(ended_at=now, end=end)
