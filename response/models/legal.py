"""法律行动台账: letters, complaints, reports to the police, lawsuits, notarisations, each with deadline and owner."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from response.models.attachments import Attachment
from response.models.evidence import Preservation


class LegalAction(models.Model):
    """One legal step against or before somebody, from the intention to its outcome."""

    class Kind(models.TextChoices):
        LETTER = "letter", _("lawyer's letter")
        COMPLAINT = "complaint", _("complaint to a platform")
        POLICE = "police", _("report to the police")
        LAWSUIT = "lawsuit", _("lawsuit")
        NOTARY = "notary", _("notarisation")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        FILED = "filed", _("filed")
        ACCEPTED = "accepted", _("accepted")
        CLOSED = "closed", _("concluded")
        DROPPED = "dropped", _("dropped")

    OPEN = (State.PLANNED, State.FILED, State.ACCEPTED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="legal_actions")
    number = models.CharField(max_length=24, unique=True)  # FL-2026-001; those of drills begin YL-
    kind = models.CharField(max_length=9, choices=Kind)
    title = models.CharField(max_length=200)
    counterpart = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()  # of the next step
    reference = models.CharField(max_length=120, blank=True)  # what the other side calls it: 回执号, 案号
    outcome = models.CharField(max_length=1000, blank=True)
    preservations = models.ManyToManyField(Preservation, related_name="legal_actions")  # what it rests on
    documents = models.ManyToManyField(Attachment, related_name="legal_actions")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # that the deadline passed; empty again with a new deadline
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(told_at__isnull=True, state__in=["planned", "filed", "accepted"]),
                name="legal_overdue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("response:legal-action", args=[self.uuid])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class LegalStep(models.Model):
    """What happened with a legal action, one entry after the other. Only added to."""

    action = models.ForeignKey(LegalAction, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=8, choices=LegalAction.State)  # where it stood afterwards
    note = models.CharField(max_length=1000, blank=True)
    due_at = models.DateTimeField()  # the deadline it set or left
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action_id} {self.state}"
