"""The fact sheet of an incident."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident


class Fact(models.Model):
    """A claim about the incident and what we know of it. Only 已核实 may be quoted as a fact."""

    class State(models.TextChoices):
        VERIFIED = "verified", _("verified")
        CHECKING = "checking", _("being checked")
        UNTRUE = "untrue", _("untrue")
        UNVERIFIABLE = "unverifiable", _("cannot be verified")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="facts")
    number = models.PositiveSmallIntegerField()  # shown as F1, F2 …
    claim = models.CharField(_("claim"), max_length=500)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.CHECKING)
    evidence = models.TextField(_("evidence"), max_length=2000, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="fact_number")]

    def __str__(self) -> str:
        return f"F{self.number} {self.claim}"
