"""三级 by the department: how it is handled, what the leaders are told, how it is closed."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from response.models.attachments import Attachment
from response.models.plan import Task


class Handling(models.Model):
    """处理方式: the way the department chose, and why. Never changed; another choice is another row."""

    class Way(models.TextChoices):
        SILENCE = "silence", _("no reply")
        PRIVATE = "private", _("handled in private")
        COMMENT = "comment", _("reply in the comments")
        NOTE = "note", _("short note")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="handlings")
    way = models.CharField(max_length=8, choices=Way)
    reason = models.CharField(max_length=1000)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["-chosen_at", "-id"]

    def __str__(self) -> str:
        return str(self.get_way_display())


class ProgressReport(models.Model):
    """进展汇报: what the department tells the leadership group. Never changed: the next one puts it right."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="progress_reports")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=4000)
    files = models.ManyToManyField(Attachment, related_name="progress_reports", blank=True)
    task = models.OneToOneField(Task, null=True, on_delete=models.PROTECT, related_name="report")  # what it was owed to
    due_at = models.DateTimeField(null=True)  # when it was owed; empty: nothing was
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="one_progress_report")]

    def __str__(self) -> str:
        return f"{self.incident_id} #{self.number}"

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.written_at > self.due_at


class ReportReply(models.Model):
    """A leader read a report, and perhaps said something."""

    report = models.ForeignKey(ProgressReport, on_delete=models.PROTECT, related_name="replies")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=1000, blank=True)  # empty: 已阅, no more
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "person"], condition=models.Q(words=""), name="report_acknowledged_once"
            )
        ]

    def __str__(self) -> str:
        return self.words or "read"


class ClosingForm(models.Model):
    """关闭单: what it was, what was done. The 工作组组长 accepts it, and the response ends, or returns it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="closing_forms")
    cause = models.TextField(_("what it was"), max_length=2000)
    done = models.TextField(_("what was done"), max_length=2000)
    outcome = models.TextField(_("how it stands with the person concerned"), max_length=2000)
    lesson = models.TextField(_("what we do differently"), max_length=2000, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    returned_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-written_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=models.Q(answered_at__isnull=True), name="one_closing_form_waits"
            )
        ]

    def __str__(self) -> str:
        return f"closing form of {self.incident_id}"

    @property
    def is_accepted(self) -> bool:
        return self.answered_at is not None and not self.returned_because
