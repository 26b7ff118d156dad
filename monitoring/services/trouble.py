"""Sources that we should hear and do not: found where no visit finds them, told of once, and again when it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import TEAM, Role
from accounts.selectors import people_with
from monitoring.health.advice import VISITED
from monitoring.health.standing import TROUBLES, WELL, quiet_words
from monitoring.health.words import LONGEST
from monitoring.models import DutyRule
from notices.services import notify
from opinion.models import Source, SourceHealth, SourceKind

LATE = timedelta(minutes=30)  # behind its turn, and our own desk is to blame
NAMED = 20  # sources named in one notice; the page has them all


def mark_quiet(now: datetime) -> int:
    """Write on those that come to us that they have been quiet for too long; returns how many. A visit finds others."""
    fed = Source.objects.filter(kind__in=(SourceKind.VENDOR, SourceKind.FORM), is_enabled=True)
    marked = 0
    for source in fed.filter(health__in=(*WELL, SourceHealth.NEVER), usual_gap_seconds__isnull=False):
        if words := quiet_words(source, now):
            same = fed.filter(pk=source.pk, last_post_at=source.last_post_at)
            marked += same.update(health=SourceHealth.QUIET, health_words=words[:LONGEST], health_since=now)
    return marked


def mark_overdue(now: datetime) -> int:
    """Write on sources that nobody visits though it is their turn that they wait; returns how many. A visit ends it."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    visited = Source.objects.filter(free, kind__in=VISITED, is_enabled=True, next_poll_at__lt=now - LATE)
    words = _("It should have been asked more than half an hour ago.")
    waiting = visited.exclude(health__in=TROUBLES)
    return waiting.update(health=SourceHealth.OVERDUE, health_words=words, health_since=now)


@transaction.atomic
def tell_of_trouble(now: datetime) -> tuple[int, int]:
    """Tell the monitors and the working group which sources are in trouble for long, and which are heard again.

    One notice for all of them, however many; returns how many are in trouble and how many are over it.
    """
    rule, _made = DutyRule.objects.get_or_create(pk=1)
    since = now - timedelta(minutes=rule.tell_after_minutes)
    held = Source.objects.select_for_update().filter(is_enabled=True).order_by("pk")
    troubled = list(held.filter(trouble_told="", health__in=TROUBLES, health_since__lte=since))
    again = list(held.exclude(trouble_told="").filter(health__in=WELL))
    if troubled or again:
        Source.objects.filter(pk__in=[source.pk for source in troubled]).update(trouble_told=F("health"))
        Source.objects.filter(pk__in=[source.pk for source in again]).update(trouble_told="")
        _tell(troubled, again)
    return len(troubled), len(again)


def tell_of_gone(source: Source) -> None:
    """Tell at once that a source is gone for good (410) and was switched off. Call inside the poll's transaction."""
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            people_with(Role.MONITOR, *TEAM),
            event="monitoring.source_gone",
            subject=_("%(source)s is gone for good and was switched off") % {"source": source.name},
            body=_("It says so itself (410). What is said there is not heard any more; look for its new address."),
            url=reverse("monitoring:source", args=[source.uuid]),
        )


def _tell(troubled: Sequence[Source], again: Sequence[Source]) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subjects = []
        if troubled:
            words = ngettext("%(n)s source is not heard", "%(n)s sources are not heard", len(troubled))
            subjects.append(words % {"n": len(troubled)})
        if again:
            words = ngettext("%(n)s source is heard again", "%(n)s sources are heard again", len(again))
            subjects.append(words % {"n": len(again)})
        lines = [*map(_line, _by_name(troubled)), *(_("%s: heard again") % one.name for one in _by_name(again))]
        if len(troubled) > NAMED or len(again) > NAMED:
            lines.append(_("The page of sources names them all."))
        notify(
            people_with(Role.MONITOR, *TEAM),
            event="monitoring.sources_in_trouble",
            subject=" · ".join(subjects),
            body="\n".join(lines),
            url=reverse("monitoring:sources"),
        )


def _by_name(sources: Sequence[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: source.name)[:NAMED]


def _line(source: Source) -> str:
    since = f"{localtime(source.health_since):%m-%d %H:%M}"
    facts = {"source": source.name, "state": source.get_health_display(), "since": since, "words": source.health_words}
    return (_("%(source)s: %(state)s, since %(since)s. %(words)s") % facts).strip()
