"""What the desk proposes by itself when an incident's topics change (H3.2), and the hours it looks at."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.levels import Level
from incidents.models.deciding import Assessment, LevelRequest
from incidents.models.incident import Incident


class SeverityHour(models.Model):
    """How an incident stood at a full hour. Calm is counted over these rows."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="severity_hours")
    at = models.DateTimeField()  # a full hour; the index is that of the 24 hours before it
    severity = models.FloatField()  # 0-100
    posts = models.PositiveIntegerField()  # of its watches in the hour before, reposts included
    unusual_from = models.PositiveIntegerField(null=True)  # posts, by the same hour of other days; None: unknown
    size_seen = models.PositiveIntegerField()  # posts of the incident when it was last looked at

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["incident", "at"], name="one_severity_an_hour")]

    def __str__(self) -> str:
        return f"{self.at:%F %H} {self.severity:.1f}"


class LevelProposal(models.Model):
    """The desk suggests a level, or that the response ends; a person takes it up or dismisses it with a reason."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        TAKEN_UP = "taken_up", _("taken up")
        DISMISSED = "dismissed", _("dismissed")
        OVERTAKEN = "overtaken", _("overtaken")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="proposals")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=LevelRequest.Kind, default=LevelRequest.Kind.LEVEL)
    from_level = models.PositiveSmallIntegerField(choices=Level)
    to_level = models.PositiveSmallIntegerField(choices=Level)
    reasons = models.JSONField()  # [{"code": ..., numbers}], said in words by incidents.selectors.level_proposals
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    note = models.TextField(max_length=2000, blank=True)  # why it was dismissed

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(state="open"), name="one_open_proposal_per_incident"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_level} → {self.to_level} {self.state}"

    def get_absolute_url(self) -> str:
        return f"{reverse('incidents:detail', args=[self.incident.number])}#proposal"

    @property
    def is_end(self) -> bool:
        return self.kind == LevelRequest.Kind.END
