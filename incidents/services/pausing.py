"""Stopping a clock for a while, with a reason, and letting it go on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.models import Clock, ClockPause
from incidents.permissions import require
from incidents.refusals import Refused, check_reason
from incidents.services.clocks import set_times, write
from incidents.services.timeline import note_on


@transaction.atomic
def pause(clock: Clock, *, actor: User, now: datetime, reason: str) -> ClockPause:
    """暂停: the clock stands still from now on. One set by law cannot.

    Raises PermissionDenied, ReasonNeeded, Refused when it does not run.
    """
    require(actor, "pause_clock", clock)
    reason = check_reason(reason)
    runs = Clock.objects.running().filter(pk=clock.pk, paused_at__isnull=True)
    if runs.update(paused_at=now, next_word_at=None) != 1:
        raise Refused(_("This clock does not run any more, or is paused already."))
    pause = clock.pauses.create(paused_at=now, paused_by=actor, reason=reason)
    note_on(clock.incident, "incidents.clock_paused", actor=actor, now=now, note=reason, **about(clock))
    return pause


@transaction.atomic
def resume(clock: Clock, *, actor: User, now: datetime) -> Clock:
    """继续: the clock goes on, and is due later by what was left when it stopped. Raises PermissionDenied, Refused."""
    require(actor, "resume_clock", clock)
    if Clock.objects.running().filter(pk=clock.pk, paused_at__isnull=False).update(paused_at=None) != 1:
        raise Refused(_("This clock is not paused."))
    clock.pauses.filter(resumed_at__isnull=True).update(resumed_at=now, resumed_by=actor)
    clock.refresh_from_db()
    set_times(clock)
    write(clock)
    note_on(clock.incident, "incidents.clock_resumed", actor=actor, now=now, **about(clock))
    return clock


def about(clock: Clock) -> dict[str, Any]:
    """What an entry about a clock carries: which one, and where it is shown."""
    return {"detail": {"clock": clock.kind, "level": clock.level}, "url": clock.get_absolute_url()}
