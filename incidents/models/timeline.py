"""What happened to an incident."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from incidents.models.incident import Incident


class TimelineEntry(models.Model):
    """What happened to an incident. Written once, triggers refuse every change; a correction is a new entry."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    detail = models.JSONField(default=dict)  # numbers, names: what the sentence of this event is filled with
    note = models.TextField(blank=True)  # a person's own words
    url = models.CharField(max_length=500, blank=True)  # the source row's page
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["incident", "-at"], name="timeline_of")]

    def __str__(self) -> str:
        return f"{self.event} {self.at:%F %H:%M}"

    def get_absolute_url(self) -> str:
        """Where it stands on the timeline: an act without a row of its own is its own source."""
        return f"{reverse('incidents:timeline', args=[self.incident.number])}?entry={self.pk}"
