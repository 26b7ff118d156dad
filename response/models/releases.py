"""Where a version was published, and every attempt at it."""

import uuid
from datetime import datetime

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

    class TakeDown(models.TextChoices):
        """What became of a withdrawn release on the channel itself."""

        NONE = "", _("nothing to do")
        DUE = "due", _("being taken down")
        DONE = "done", _("gone there")
        BY_HAND = "by_hand", _("to be taken down by hand")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="releases")
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    is_manual = models.BooleanField(default=False)  # a person publishes it by hand and pastes the address back
    text_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    scheduled_at = models.DateTimeField(null=True, blank=True)  # not before; cancelable until a worker claims it
    needs_second = models.BooleanField(default=False)  # a push to followers: another person agrees first
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True, blank=True)
    words_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the words this channel carries
    image_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the PNG that goes along
    claimed_at = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)  # from here on it may be out, whatever we hear
    remote = models.JSONField(default=dict, blank=True)  # the platform's own ids, kept the moment they are known
    look_at = models.DateTimeField(null=True, blank=True)  # when the platform is asked (again), or tried again
    looks = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000, blank=True)
    public_at = models.DateTimeField(null=True, blank=True)  # the newsroom's own mark, set once whoever calls twice
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Withdrawn while it was being sent: the worker stops before the call, or finishes and takes it down.
    halt_at = models.DateTimeField(null=True, blank=True)
    halt_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    halt_note = models.CharField(max_length=500, blank=True)
    take_down = models.CharField(max_length=8, choices=TakeDown, default=TakeDown.NONE, blank=True)
    words = models.CharField(
        max_length=500, blank=True
    )  # what the channel said, or why it was taken down: that is public

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["-requested_at", "-id"]
        constraints = [*unique_in_exercise(["version", "channel"], "released_once")]
        indexes = [
            models.Index(fields=["channel", "state", "-sent_at"], name="newsroom_order"),
            models.Index(
                fields=["state", "look_at"],
                name="releases_moving",
                condition=models.Q(state__in=("queued", "sending"))
                | models.Q(take_down="due")
                | models.Q(look_at__isnull=False),
            ),
        ]

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

    @property
    def waits_for_second(self) -> bool:
        return self.needs_second and self.second_at is None and self.state == self.State.QUEUED

    @property
    def is_moving(self) -> bool:
        """A worker has it, or will have it by itself within moments."""
        queued = self.state == self.State.QUEUED and not (self.is_manual or (self.needs_second and not self.second_at))
        return queued or self.state == self.State.SENDING or self.take_down == self.TakeDown.DUE

    def is_scheduled(self, now: datetime) -> bool:
        return self.state == self.State.QUEUED and self.scheduled_at is not None and self.scheduled_at > now


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


class StatementImage(models.Model):
    """A statement as a picture, for channels whose text is short. Drawn once of each version, from its signed words."""

    version = models.OneToOneField(StatementVersion, on_delete=models.PROTECT, related_name="image")
    text_hash = models.CharField(max_length=64)  # of the words it shows: those the signatures are bound to
    png = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    undrawn = models.CharField(max_length=200, blank=True)  # characters no font here knows; each stands as 〓
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version} {self.sha256[:12]}"
