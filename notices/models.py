"""A notice to one person, and its delivery on each channel."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager

CLAIM_LASTS = timedelta(minutes=10)
CHANNEL_WORDS = {"email": _("e-mail")}


class Urgency(models.IntegerChoices):
    """How loudly a person is told. 一级 jumps every queue."""

    NOW = 1, _("at once")
    SOON = 2, _("soon")
    CALM = 3, _("when convenient")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_person(self, person: models.Model) -> "NoticeQuerySet":
        return self.filter(person=person)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)


class Notice(Exercised):
    """What one person is told. In the inbox from the moment the act commits; `deliveries` carry it outside."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)  # a path on this desk
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.SOON)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = LiveManager.from_queryset(NoticeQuerySet)()
    everywhere = models.Manager.from_queryset(NoticeQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["person", "read_at", "-created_at"], name="notice_inbox")]

    def __str__(self) -> str:
        return self.subject


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self, now: datetime) -> "DeliveryQuerySet":
        """Due and unclaimed, or claimed so long ago that the worker must have died; the loudest first.

        What belongs to an exercise never goes out, even if somebody queued it.
        """
        return (
            self.filter(state=Delivery.State.QUEUED, next_try_at__lte=now, notice__exercise__isnull=True)
            .filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - CLAIM_LASTS))
            .order_by("notice__urgency", "next_try_at", "id")
        )

    def claim(self, delivery: "Delivery", now: datetime) -> bool:
        """True when this worker, and no other, may now send it. Counts the attempt: a worker may die of it."""
        mine = self.filter(pk=delivery.pk, state=Delivery.State.QUEUED, claimed_at=delivery.claimed_at)
        if mine.update(claimed_at=now, attempts=F("attempts") + 1) != 1:
            return False
        delivery.attempts += 1
        return True


class Delivery(models.Model):
    """One notice on one channel: claimed, tried, sent or given up, with what the channel answered."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_per_channel")]
        indexes = [models.Index(fields=["state", "next_try_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"

    @property
    def channel_words(self) -> str:
        """The channel as a person calls it."""
        return str(CHANNEL_WORDS.get(self.channel, self.channel))
