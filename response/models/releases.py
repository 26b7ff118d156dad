"""Where a version was published, and every attempt at it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from response.models.statements import StatementVersion


class Release(Exercised):
    """One version on one channel, exactly once. The worker claims it, writes the attempt before it calls."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued for release")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("released")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("to be confirmed")
        WITHDRAWN = "withdrawn", _("taken down")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="releases")
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    is_manual = models.BooleanField(default=False)  # a person publishes it by hand and pastes the address back
    text_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000, blank=True)
    public_at = models.DateTimeField(null=True, blank=True)  # the newsroom's own mark, set once whoever calls twice
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(
        max_length=500, blank=True
    )  # what the channel said, or why it was taken down: that is public

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["-requested_at", "-id"]
        constraints = [*unique_in_exercise(["version", "channel"], "released_once")]
        indexes = [models.Index(fields=["channel", "state", "-sent_at"], name="newsroom_order")]

    def __str__(self) -> str:
        return f"{self.version} on {self.channel}"

    @property
    def channel_label(self) -> str:
        from response.channels import label_of  # the channels know this model

        return label_of(self.channel)

    @property
    def needs_hand(self) -> bool:
        """A person must act: publish it by hand, or look whether it is there."""
        return self.state == self.State.UNKNOWN or (self.is_manual and self.state == self.State.QUEUED)


class ReleaseAttempt(models.Model):
    """Written before the channel is called, so that a killed worker leaves a trace instead of a second publication."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Release.State, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["release", "number"], name="attempt_number")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.release_id}"
