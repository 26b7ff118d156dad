"""What must be reported to whom by when: the table as data, and the duties of an incident (C1)."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.papers import FINAL, FIRST, FOLLOW_UP

REPORT_KINDS = (
    (FIRST, pgettext_lazy("report to a regulator", "first report")),
    (FOLLOW_UP, pgettext_lazy("report to a regulator", "follow-up report")),
    (FINAL, pgettext_lazy("report to a regulator", "final report")),
)


class ReportRuleQuerySet(models.QuerySet["ReportRule"]):
    def in_force(self, at: datetime) -> "ReportRuleQuerySet":
        return self.filter(valid_from__lte=at).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))


class ReportRule(models.Model):
    """One line of the table: such an event is reported to this authority within this time, under this article.

    A change ends the row and makes the next one under the same `key`: a duty keeps the words it began with.
    """

    class CountedFrom(models.TextChoices):
        KNOWN = "known", _("the moment the company knew")
        ACTIVATED = "activated", _("the moment the level was confirmed")

    class Calendar(models.TextChoices):
        WALL = "wall", _("day and night")
        WORKING = "working", _("working days")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=40)
    number = models.PositiveIntegerField(default=1)  # of the rows with this key
    event = models.CharField(_("kind of event"), max_length=120)
    authority = models.CharField(_("authority"), max_length=160)
    within_minutes = models.PositiveIntegerField(_("first report within, in minutes"), null=True, blank=True)
    calendar = models.CharField(_("time runs"), max_length=8, choices=Calendar, default=Calendar.WALL)
    counted_from = models.CharField(_("counted from"), max_length=10, choices=CountedFrom, default=CountedFrom.KNOWN)
    follow_minutes = models.PositiveIntegerField(_("follow-up reports every, in minutes"), null=True, blank=True)
    law = models.CharField(_("law and article"), max_length=200)
    note = models.CharField(_("remark"), max_length=300, blank=True)
    check_first = models.BooleanField(_("check before quoting"), default=False)
    from_level = models.PositiveSmallIntegerField(choices=Level, default=Level.UNSET)
    affects = models.JSONField(default=list, blank=True)  # codes of incidents.AffectedKind that make it likely
    red_lines = models.JSONField(default=list, blank=True)  # codes of incidents.severity.RED_LINES that do
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ReportRuleQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="report_rule_number"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(valid_until__isnull=True), name="one_report_rule_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}: {self.authority}"

    @property
    def within(self) -> timedelta | None:
        return timedelta(minutes=self.within_minutes) if self.within_minutes else None

    @property
    def follow(self) -> timedelta | None:
        return timedelta(minutes=self.follow_minutes) if self.follow_minutes else None


class ReportDutyQuerySet(models.QuerySet["ReportDuty"]):
    def visible_to(self, person: User) -> "ReportDutyQuerySet":
        return self.filter(incident__in=Incident.everywhere.visible_to(person))

    def open(self) -> "ReportDutyQuerySet":
        return self.filter(state__in=ReportDuty.OPEN)


class ReportDuty(models.Model):
    """That an incident is to be reported to one authority: proposed by the desk, taken up, or 无需上报 because.

    due_at is that of the next report; time runs while it is only proposed, for silence exempts nobody.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("duty to report", "proposed")
        REQUIRED = "required", pgettext_lazy("duty to report", "to be reported")
        NOT_REQUIRED = "waived", pgettext_lazy("duty to report", "need not be reported")
        DONE = "done", pgettext_lazy("duty to report", "reported to the end")

    OPEN = (State.PROPOSED, State.REQUIRED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="report_duties")
    rule = models.ForeignKey(ReportRule, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField()  # what the time of the next report counts from
    next_kind = models.CharField(max_length=6, choices=REPORT_KINDS, default=FIRST)
    due_at = models.DateTimeField(null=True, blank=True)  # of the next report; empty: no time is set
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    told_percent = models.PositiveSmallIntegerField(default=0)
    next_word_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReportDutyQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "rule"], name="one_duty_per_rule")]
        indexes = [
            models.Index(fields=["next_word_at"], condition=Q(next_word_at__isnull=False), name="duty_words_due")
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.rule}"

    def get_absolute_url(self) -> str:
        return f"{reverse('response:reports', args=[self.incident.number])}#duty-{self.pk}"

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.due_at is not None and self.due_at < now

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
