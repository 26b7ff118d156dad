"""口径: what everybody who is asked may say about an incident, with questions and answers, until when."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident


class Line(models.Model):
    """One version of the line to take. The 工作组组长 approves it; from then on it does not change."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("in force")
        SUPERSEDED = "superseded", _("superseded")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    words = models.TextField(_("line to take"), max_length=2000)
    questions = models.JSONField(default=list, blank=True)  # [{"question": …, "answer": …}]
    expires_at = models.DateTimeField(_("valid until"))
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")  # none of them approves
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="line_number")]

    def __str__(self) -> str:
        return f"{self.incident_id} line {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now
