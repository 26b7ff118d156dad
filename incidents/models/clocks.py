"""The limits that run on an incident, what they were before, and when they stood still."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.levels import LEGAL_CLOCKS, PUBLIC_CLOCKS, PUBLIC_STEPS, STEPS, ClockKind, Level
from incidents.models.deciding import LevelRequest
from incidents.models.incident import Incident
from incidents.models.timeline import TimelineEntry

IN_TIME = Q(met_at__lte=F("due_at"))
RUNS = Q(met_at__isnull=True, stopped_at__isnull=True)


def late(now: datetime) -> Q:
    """Met or stopped after its time, or still running past it."""
    return (
        Q(met_at__gt=F("due_at")) | Q(stopped_at__gt=F("due_at")) | (RUNS & Q(paused_at__isnull=True, due_at__lt=now))
    )


def under_way(now: datetime) -> Q:
    """Running with time left, or paused."""
    return RUNS & (Q(paused_at__isnull=False) | Q(due_at__gte=now))


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        """Neither met nor stopped; one that is paused is among them."""
        return self.filter(RUNS)


class Clock(models.Model):
    """时限: how long one step of the procedure may take on one incident, and whether it was kept.

    Written by incidents.services.clocks alone. A clock ends met (what it waits for was done) or stopped (nobody asks
    for it any more); both name the timeline entry that did it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=8, choices=ClockKind)
    request = models.OneToOneField(LevelRequest, null=True, on_delete=models.PROTECT, related_name="clock")
    level = models.PositiveSmallIntegerField(choices=Level)  # whose limit it is: suggested, asked for, or decided
    started_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    opened_by = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="+")
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(TimelineEntry, null=True, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(TimelineEntry, null=True, on_delete=models.PROTECT, related_name="+")
    paused_at = models.DateTimeField(null=True)
    told_percent = models.PositiveSmallIntegerField(default=0)  # the last step of STEPS somebody was told of
    next_word_at = models.DateTimeField(null=True)  # when the step after that is reached; empty: no more

    objects = ClockQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(met_at__isnull=True, stopped_at__isnull=True, request__isnull=True),
                name="one_running_clock_of_a_kind",
            )
        ]
        indexes = [
            models.Index(fields=["next_word_at"], condition=Q(next_word_at__isnull=False), name="clock_words_due"),
            models.Index(fields=["started_at", "kind", "level"], name="clock_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}, due {self.due_at:%F %H:%M}"

    def get_absolute_url(self) -> str:
        return f"{reverse('incidents:clocks', args=[self.incident.number])}#clock-{self.pk}"

    @property
    def is_public(self) -> bool:
        return self.kind in PUBLIC_CLOCKS

    @property
    def is_legal(self) -> bool:
        return self.kind in LEGAL_CLOCKS

    @property
    def is_running(self) -> bool:
        return self.met_at is None and self.stopped_at is None

    @property
    def ended_at(self) -> datetime | None:
        return self.met_at or self.stopped_at

    @property
    def limit(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def steps(self) -> tuple[int, ...]:
        return PUBLIC_STEPS if self.is_public else STEPS

    @property
    def basis(self) -> str:
        """Whose limit it is and what it counts from."""
        level = {"level": Level(self.level).label}
        if self.kind == ClockKind.DECIDE:
            return _("%(level)s, from the request") % level
        if self.kind == ClockKind.CLOSE:
            return _("%(level)s, from confirming the level") % level
        if self.is_public:
            return _("%(level)s, from finding out") % level
        return _("suggested: %(level)s, from finding out") % level

    @property
    def label(self) -> str:
        """What it waits for."""
        if self.kind == ClockKind.DECIDE:
            return _("Decision on %(level)s") % {"level": Level(self.level).label}
        return str(ClockKind(self.kind).label)


class ClockChange(models.Model):
    """What a clock said before a decision changed it."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="changes")
    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="+")  # the decision
    level = models.PositiveSmallIntegerField(choices=Level)
    started_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"was due {self.due_at:%F %H:%M}"

    @property
    def limit(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class ClockPause(models.Model):
    """A stretch in which a clock stood still: who stopped it and why, who let it go on."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    paused_at = models.DateTimeField()
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=2000)
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["paused_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(resumed_at__isnull=True), name="one_pause_at_a_time")
        ]

    def __str__(self) -> str:
        return f"paused {self.paused_at:%F %H:%M}"
