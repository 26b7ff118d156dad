"""What is measured, and the level that is asked for and decided."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.levels import LIMITS, ClockKind, Level, graver
from incidents.limits import due
from incidents.models.incident import Incident


class Assessment(models.Model):
    """Factors measured, severity computed, level suggested; inputs and formula make it recomputable bit for bit."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    formula = models.CharField(max_length=20)
    inputs = models.JSONField()
    severity = models.FloatField()  # 0-100
    confidence = models.FloatField()  # share of the weights that was known, 0-1
    parts = models.JSONField()  # factors, items, contributions
    red_lines = models.JSONField(default=list)
    suggestion = models.CharField(max_length=10)  # attention, 3, 2, 1
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.severity:.1f} → {self.suggestion}"


class LevelRequest(models.Model):
    """A level asked for and what was decided about it. One open request per incident, never decided by who asked."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for a decision")
        APPROVED = "approved", _("approved")
        DECIDED_OTHERWISE = "decided_otherwise", _("decided otherwise")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        TAKEN_BACK = "taken_back", _("taken back")

    MOVED_THE_LEVEL = (State.APPROVED, State.DECIDED_OTHERWISE, State.TAKEN_BACK)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="level_requests")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="+")
    from_level = models.PositiveSmallIntegerField(choices=Level)
    to_level = models.PositiveSmallIntegerField(choices=Level)
    reason = models.TextField(max_length=2000)
    state = models.CharField(max_length=20, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_level = models.PositiveSmallIntegerField(choices=Level, null=True)
    decision_note = models.TextField(max_length=2000, blank=True)
    stage_before = models.CharField(max_length=12, blank=True)  # so that a decision taken back returns there
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(state="requested"), name="one_open_level_request_per_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_level} → {self.to_level} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:decide", args=[self.uuid])

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.REQUESTED

    @property
    def due_at(self) -> datetime:
        """When a decision should have been taken: what its clock says, or will say once the request is on record."""
        if hasattr(self, "clock"):
            return self.clock.due_at
        minutes = LIMITS[ClockKind.DECIDE][self.gravest]
        return due(self.gravest, self.requested_at, minutes)

    @property
    def gravest(self) -> Level:
        """The graver of the two levels: the one that says who decides, and how soon."""
        return Level(graver(self.from_level, self.to_level))
