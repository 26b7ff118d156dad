"""Which models score, and what people said of their scores."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from opinion.models.posts import Post, Sentiment


class SentimentModel(models.Model):
    """A trained model: its file, its figures, and whether the desk scores with it. Old scores keep their version."""

    version = models.CharField(max_length=60, unique=True)
    engine = models.CharField(max_length=20)
    path = models.CharField(max_length=500)
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)
    switched_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    switched_at = models.DateTimeField(null=True)  # the last time it was switched to

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine"], condition=Q(is_used=True), name="one_used_model_per_engine")
        ]

    def __str__(self) -> str:
        return self.version


class Correction(models.Model):
    """What a person says a post sounds like, beside what the model said. Equal to it, it confirms the model.

    Said of the original of a group of reposts, it counts for the group; taken back, it counts for nothing.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="corrections")
    label = models.CharField(max_length=3, choices=Sentiment)
    model_label = models.CharField(max_length=3, choices=Sentiment)
    model_version = models.CharField(max_length=60)
    said_hash = models.CharField(max_length=64, blank=True, db_index=True)  # keyed, of the folded text: found again
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post"], condition=Q(taken_back_at__isnull=True), name="one_correction_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.label}"


class TrainingRun(models.Model):
    """A model being trained on the desk: who asked, how far it is, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    leased_until = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)  # corrections and company rows that were learned from
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, blank=True)  # why it failed
    models_made = models.ManyToManyField(SentimentModel, related_name="+")

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=("waiting", "running")), name="one_training_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%F %H:%M} {self.state}"
