"""Incidents put together or taken apart, what triage was proposed, and what people did."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident
from monitoring.models import Signal, Verdict
from opinion.models import Post, Topic


class IncidentChange(models.Model):
    """An incident merged into another, or split, by a person; undone by giving everything back.

    merge  `other` went into `incident`     split  `other` was taken out of `incident`
    """

    UNDO_WITHIN = timedelta(hours=24)

    class Kind(models.TextChoices):
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="changes")
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="departures")
    # what moved, by primary key, so that an undo gives exactly that back: topics, signals, members; attachments `made`
    # and `ended`; `stage`, where a merged incident stood
    effects = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.other_id} {self.incident_id}"

    @property
    def undo_until(self) -> datetime:
        return self.at + self.UNDO_WITHIN


class Proposal(models.Model):
    """What the desk proposed for a post, topic or signal when a person dealt with it, and what that person did.

    It is worked out anew at that moment by the rules the page shows (incidents.proposals); nothing acts on it.
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("open an incident")
        PUT_IN = "put_in", _("put into an incident")
        IGNORE = "ignore", _("ignore")

    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, related_name="+")
    signal = models.ForeignKey(Signal, null=True, on_delete=models.PROTECT, related_name="+")
    proposed = models.CharField(max_length=6, choices=Kind)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="+")  # proposed to put in
    suggestion = models.CharField(max_length=10, choices=Verdict)  # the level that was estimated
    done = models.CharField(max_length=6, choices=Kind)
    done_incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True)  # the act was taken back, so it says nothing of the proposal

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, topic__isnull=True, signal__isnull=True)
                | Q(post__isnull=True, topic__isnull=False, signal__isnull=True)
                | Q(post__isnull=True, topic__isnull=True, signal__isnull=False),
                name="proposal_for_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposed} → {self.done}"

    @property
    def was_followed(self) -> bool:
        """The same kind of act and, where an incident was named, that incident."""
        return self.proposed == self.done and (
            self.proposed != self.Kind.PUT_IN or self.incident_id == self.done_incident_id
        )
