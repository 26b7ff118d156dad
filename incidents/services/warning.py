"""Saying that time runs out: at 50, 80 and 100 % of a clock, and up the chain where the public or the law waits."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.levels import Level
from incidents.models import Clock
from incidents.selectors.people import may_see
from incidents.services.clocks import set_times, step_reached
from incidents.services.pausing import about
from incidents.services.telling import LEVEL_URGENCY, tell_deciders
from incidents.services.timeline import note_on
from notices.services import notify

UP_THE_CHAIN = {100: Role.TEAM_HEAD, 150: Role.LEADER_DEPUTY, 200: Role.LEADER_HEAD}


def words_due(now: datetime, exercise: Exercise | None = None) -> QuerySet[Clock]:
    """Clocks with a step that has passed and was not told, the longest passed first."""
    due = Clock.objects.running().filter(next_word_at__lte=now, incident__exercise=exercise)
    related = ("incident__lead", "incident__exercise", "request__requested_by", "request__incident")
    return due.select_related(*related).order_by("next_word_at", "id")


@transaction.atomic
def warn(clock: Clock, *, now: datetime) -> bool:
    """Tell of the step reached, once; of several that passed unseen the last is told, to all they concern.

    False when another sweep was faster, or the clock changed meanwhile.
    """
    told = clock.told_percent
    unchanged = Clock.objects.running().filter(
        pk=clock.pk, told_percent=told, next_word_at=clock.next_word_at, due_at=clock.due_at
    )
    clock.told_percent = step_reached(clock, now)
    set_times(clock)
    if unchanged.update(told_percent=clock.told_percent, next_word_at=clock.next_word_at) != 1:
        return False
    people = tell_owners(clock) if told < 100 and not climbs(clock) else []
    roles = [role for step, role in UP_THE_CHAIN.items() if told < step <= clock.told_percent]
    if roles:
        chain = [each for each in may_see(clock.incident, people_with(*roles)) if each not in people]
        tell_of(clock, chain)
        people = [*people, *chain]
    detail = about(clock)["detail"] | {"percent": clock.told_percent, "people": [str(person) for person in people]}
    event = "incidents.clock_overdue" if clock.told_percent >= 100 else "incidents.clock_warned"
    note_on(clock.incident, event, actor=None, now=now, detail=detail, url=clock.get_absolute_url())
    return True


def climbs(clock: Clock) -> bool:
    """A provisional start past its time is told to the whole leadership group: services.ratifying."""
    return clock.request is not None and clock.request.is_provisional and clock.told_percent >= 100


def tell_owners(clock: Clock) -> list[User]:
    """Whose clock it is: those who may decide the request, else who leads the incident, else the 工作组组长."""
    if clock.request is not None:
        return tell_deciders(clock.request, reminder=True)
    lead = clock.incident.lead
    people = [lead] if lead else may_see(clock.incident, people_with(Role.TEAM_HEAD))
    tell_of(clock, people)
    return people


def tell_of(clock: Clock, people: Iterable[User]) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(incident)s: %(clock)s is due at %(due)s, %(percent)d%% of the time is used")
        if clock.told_percent >= 100:
            subject = _("%(incident)s: %(clock)s was due at %(due)s and is overdue")
        words = {
            "incident": clock.incident.public_name,
            "clock": clock.label,
            "due": f"{timezone.localtime(clock.due_at):%m-%d %H:%M}",
            "percent": clock.told_percent,
        }
        notify(
            people,
            event="incidents.clock_overdue" if clock.told_percent >= 100 else "incidents.clock_warned",
            subject=subject % words,
            url=clock.request.get_absolute_url() if clock.request else clock.get_absolute_url(),
            urgency=LEVEL_URGENCY[Level(clock.level)],
            about=clock.incident.about,
            exercise=clock.incident.exercise,
        )
