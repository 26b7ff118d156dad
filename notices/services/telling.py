"""Telling people: rows in the inbox inside the act's transaction, deliveries outside it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from celery import current_app
from django.db import transaction

from accounts import clock
from accounts.models import Exercise, User
from notices.models import Call, Delivery, Notice, Standby, Urgency
from notices.selectors.routing import carriers, chats, first_try_at, routes_now, rule

SEND = "notices.tasks.send_notices"


def notify(
    people: Iterable[User],
    *,
    event: str,
    subject: str,
    body: str = "",
    url: str = "",
    urgency: int = Urgency.SOON,
    about: str = "",
    for_groups: bool = False,
    acknowledge: bool = False,
    answered_there: bool = False,
    then: Iterable[User] = (),
    sender: User | None = None,
    exercise: Exercise | None = None,
) -> list[Notice]:
    """Put a notice in each person's inbox and queue its deliveries. Call inside the act's transaction; sends nothing.

    subject, body  self-sufficient and without secrets: they may be shown on a lock screen
    url            a path on this desk
    about          `incident:<uuid>`: what it is about; notices about the same are folded (notices.subjects)
    for_groups     nothing in it is confidential, so the group chats are told, too: once, whoever else is told
    acknowledge    ask for a 收到, by the company's times; who does not answer is told again on the next channel
    answered_there the link of the message leads straight to `url`: who acts there has it (`stand_down(url, by=…)`)
    then           who is told when nobody of those before answered, in this order; one answer is then enough
    sender         who is told that nobody answered
    An exercise's notice stays inside: it gets no delivery.
    Returns the notices of the people.
    """
    now = clock.now(exercise)
    unique = list({person.pk: person for person in people if person.is_active}.values())
    said = {"event": event, "about": about, "subject": subject[:200], "body": body, "url": url, "urgency": urgency}
    asks = acknowledge and unique and (exercise is None or exercise.kind == "drill")
    call = _call(said, unique, list(then), sender, now, exercise, answered_there) if asks else None
    shared = {**said, "created_at": now, "exercise": exercise}
    notices = Notice.everywhere.bulk_create(Notice(person=person, call=call, **shared) for person in unique)
    if exercise is None:
        queue(notices, now)
        posted_in = chats(routes_now(urgency, now)) if for_groups else []
        if posted_in:
            post = Notice.everywhere.create(**shared)
            due = first_try_at(None, urgency, now)
            Delivery.objects.bulk_create(
                Delivery(notice=post, channel=channel, next_try_at=due) for channel in posted_in
            )
        # The street side of forty acts would have to ring; this rings for them, after the commit. A ring nobody hears
        # costs ten seconds, the beat comes round.
        transaction.on_commit(ring, robust=True)
    return notices


def ring() -> None:
    """Wake a worker: something is to be sent."""
    current_app.send_task(SEND, ignore_result=True, retry=False)


def queue(notices: Sequence[Notice], now: datetime) -> None:
    """Deliveries of live notices of one urgency: on every channel that reaches when loud, else on the best one."""
    routes = routes_now(notices[0].urgency, now) if notices else []
    deliveries = []
    for notice in notices:
        assert notice.person
        channels = carriers(notice.person, routes, now)
        chosen = channels if notice.urgency == Urgency.NOW else channels[:1]
        due = first_try_at(notice.person, notice.urgency, now)
        deliveries += [Delivery(notice=notice, channel=channel, next_try_at=due) for channel in chosen]
    Delivery.objects.bulk_create(deliveries)


def on_next_channel(notice: Notice, now: datetime) -> Delivery | None:
    """Queue a notice on the best channel that has not had it yet; None where there is none that works now."""
    if notice.person is None:
        return None
    used = set(notice.deliveries.values_list("channel", flat=True))
    for channel in carriers(notice.person, routes_now(notice.urgency, now), now):
        if channel.pk not in used and not channel.is_resting(now):
            due = first_try_at(notice.person, notice.urgency, now)
            return Delivery.objects.create(notice=notice, channel=channel, next_try_at=due)
    return None


def _call(
    said: dict[str, object],
    people: Sequence[User],
    then: Sequence[User],
    sender: User | None,
    now: datetime,
    exercise: Exercise | None,
    answered_there: bool,
) -> Call:
    every = rule().time_for(int(str(said["urgency"])))
    told = {person.pk for person in people}
    standing_by = list({person.pk: person for person in then if person.pk not in told}.values())
    begins = max(first_try_at(person, int(str(said["urgency"])), now) for person in people)
    call = Call.everywhere.create(
        **said,
        sender=sender,
        one_is_enough=bool(standing_by),
        is_answered_there=answered_there,
        every=every,
        created_at=now,
        next_at=begins + every,
        exercise=exercise,
    )
    Standby.objects.bulk_create(
        Standby(call=call, position=place, person=person) for place, person in enumerate(standing_by, start=1)
    )
    return call


def mark_read(person: User, now: datetime, notice: Notice | None = None) -> int:
    """Mark one of a person's notices read, or all of them; returns how many changed."""
    unread = Notice.objects.for_person(person).unread()
    if notice is not None:
        unread = unread.filter(pk=notice.pk)
    return unread.update(read_at=now)
