"""值班: who listens when, what they signed for, and how well each day was heard."""

import uuid
from datetime import time

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opinion.models import SourceClass


class DutyShift(models.Model):
    """A stretch of time for which one person listens. Half-open; shifts of one day may follow one another."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("on duty"), on_delete=models.PROTECT, related_name="shifts"
    )
    starts_at = models.DateTimeField(_("from"), db_index=True)
    ends_at = models.DateTimeField(_("until"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)  # kept: who should have been there
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.starts_at:%F %H:%M}"


class DutyLog(models.Model):
    """值班日志 of one day, pre-filled from what came in, signed by the person on duty, and never changed after that."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    day = models.DateField(unique=True)  # in the company's zone
    figures = models.JSONField(default=dict)  # counts, signals, coverage, open incidents, as they stood when signed
    remarks = models.TextField(_("remarks"), max_length=4000, blank=True)
    handover = models.TextField(_("to the next shift"), max_length=4000, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    instead_of = models.CharField(max_length=200, blank=True)  # who was on duty, where somebody else signed
    is_late = models.BooleanField(default=False)  # signed after the hour it was due at
    flagged_at = models.DateTimeField(null=True)  # when the group head was told that it is missing
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%F}"


class DutyRule(models.Model):
    """One row: by when the log of a day must be signed, and after how long a source in trouble is told of."""

    log_due = models.TimeField(_("the log is due at"), default=time(18, 0))
    tell_after_minutes = models.PositiveIntegerField(_("tell of a source in trouble after (minutes)"), default=30)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.log_due:%H:%M}"


class CoverageDay(models.Model):
    """How well one class of sources was heard on one day: what stays of its polls, which are kept for a week only."""

    day = models.DateField()  # in the company's zone
    source_class = models.CharField(max_length=8, choices=SourceClass)
    sources = models.PositiveIntegerField(default=0)  # that were to be polled
    polls_ok = models.PositiveIntegerField(default=0)
    polls_failed = models.PositiveIntegerField(default=0)
    posts = models.PositiveIntegerField(default=0)  # wanted by a watch, reposts included
    gaps = models.JSONField(default=list)  # [{source, name, since, until}], the longest first: when it was not heard
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "source_class"]
        constraints = [models.UniqueConstraint(fields=["day", "source_class"], name="coverage_day_once")]

    def __str__(self) -> str:
        return f"{self.day:%F} {self.source_class}"
