"""The numbered brief of an incident (快报)."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from incidents.models.incident import Incident


class Brief(models.Model):
    """What stood at one moment, in words short enough for a chat. Written once; the next one has the next number."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="briefs")
    number = models.PositiveIntegerField()  # 第 n 期 of this incident
    text = models.CharField(max_length=300)
    chart = models.JSONField(default=dict)  # the curve as it stood, empty without posts
    data_as_of = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="one_brief_of_a_number")]

    def __str__(self) -> str:
        return f"{self.incident_id} #{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:brief", args=[self.incident.number, self.number])
