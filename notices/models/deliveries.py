"""A notice's way through one channel, and the ledger of every attempt."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notices.event_words import words_of
from notices.models.channels import NoticeChannel
from notices.models.notices import Notice, Urgency

CLAIM_LASTS = timedelta(minutes=10)


class DeliveryAttempt(models.Model):
    """通知台账: one message handed to one channel, written before the channel is called; it may carry many notices.

    It says no text: what it was about is known by its event, and the notices are with those who were told.
    """

    class Outcome(models.TextChoices):
        TRYING = "trying", _("being sent")
        SENT = "sent", _("sent")
        PUT_OFF = "put_off", _("not taken, to be tried again")
        REFUSED = "refused", pgettext_lazy("delivery", "refused")
        UNKNOWN = "unknown", _("unknown whether it arrived")

    MAY_HAVE_ARRIVED = (Outcome.TRYING, Outcome.SENT, Outcome.UNKNOWN)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(NoticeChannel, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=80)
    urgency = models.PositiveSmallIntegerField(choices=Urgency)
    notices = models.PositiveIntegerField(default=1)  # how many one message carried
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.TRYING)
    code = models.CharField(max_length=60, blank=True)  # the platform's own
    words = models.CharField(max_length=500, blank=True)  # what went wrong
    receipt = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        indexes = [
            models.Index(
                fields=["channel", "-began_at"], name="attempt_pace"
            ),  # the rate of a channel is read from here
            models.Index(fields=["-began_at"], name="attempt_ledger"),
            models.Index(fields=["person", "-began_at"], name="attempt_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.outcome}"

    @property
    def event_words(self) -> str:
        return words_of(self.event)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def queued(self) -> "DeliveryQuerySet":
        """On its way. What belongs to an exercise never goes out, even if somebody queued it."""
        return self.filter(state=Delivery.State.QUEUED, notice__exercise__isnull=True)

    def waiting(self, now: datetime) -> "DeliveryQuerySet":
        """Due and unclaimed, or claimed so long ago that the worker must have died; the loudest first."""
        return (
            self.queued()
            .filter(next_try_at__lte=now)
            .filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - CLAIM_LASTS))
            .order_by("notice__urgency", "next_try_at", "id")
        )


class Delivery(models.Model):
    """One notice on one channel: claimed, tried, sent or given up. `attempt` is the last one that carried it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        UNKNOWN = "unknown", _("unknown whether it arrived")
        MOVED = "moved", _("another channel took over")
        FAILED = "failed", _("given up")

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(NoticeChannel, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempt = models.ForeignKey(DeliveryAttempt, null=True, on_delete=models.PROTECT, related_name="deliveries")
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_per_channel")]
        indexes = [models.Index(fields=["state", "next_try_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.state}"
