"""A notice: what one person, or a group chat, is told; and a call, which wants to know that it arrived."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager


class Urgency(models.IntegerChoices):
    """How loudly a person is told. 一级 jumps every queue; only what can wait respects quiet hours."""

    NOW = 1, _("at once")
    SOON = 2, _("soon")
    CALM = 3, _("when convenient")


class CallQuerySet(models.QuerySet["Call"]):
    def to_chase(self, now: datetime) -> "CallQuerySet":
        """Still open, and it is time to go one step further."""
        return self.filter(ended_at__isnull=True, next_at__lte=now).order_by("urgency", "next_at", "pk")

    def claim(self, call: "Call", until: datetime) -> bool:
        """True for the one sweep that may take this step; nobody else looks at the call before `until`."""
        return self.filter(pk=call.pk, ended_at__isnull=True, next_at=call.next_at).update(next_at=until) == 1


class Call(Exercised):
    """呼叫: a telling that asks for an acknowledgement (回执), and goes on until it gets one.

    With people standing by (`Standby`) one acknowledgement is enough; without, everybody called answers for themselves.
    """

    class End(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        STOOD_DOWN = "stood_down", _("no longer needed")
        UNANSWERED = "unanswered", _("nobody left to tell")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=80)
    about = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    urgency = models.PositiveSmallIntegerField(choices=Urgency)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    one_is_enough = models.BooleanField()
    is_answered_there = models.BooleanField(default=False)  # at `url`, where acting on it says 收到
    every = models.DurationField()  # time for an acknowledgement, before the next step
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, choices=End, blank=True)

    objects = LiveManager.from_queryset(CallQuerySet)()
    everywhere = models.Manager.from_queryset(CallQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["next_at"], name="call_to_chase", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["about", "-created_at"], name="call_about"),
        ]

    def __str__(self) -> str:
        return self.subject


class Standby(models.Model):
    """Somebody who is told when those before them did not acknowledge."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="standbys")
    position = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["call", "position"], name="one_standby_per_position")]

    def __str__(self) -> str:
        return f"{self.position} {self.person_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def for_person(self, person: models.Model) -> "NoticeQuerySet":
        return self.filter(person=person)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)

    def unacknowledged(self) -> "NoticeQuerySet":
        return self.filter(call__isnull=False, acknowledged_at__isnull=True)


class Notice(Exercised):
    """What one person is told, in the inbox from the moment the act commits; `deliveries` carry it outside.

    Without a person it is what the group chats are told, once for all who read there.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=80)
    about = models.CharField(max_length=80, blank=True)  # `incident:<uuid>`: what belongs together, and who may know
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)  # a path on this desk
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.SOON)
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="notices")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True)

    objects = LiveManager.from_queryset(NoticeQuerySet)()
    everywhere = models.Manager.from_queryset(NoticeQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["person", "read_at", "-created_at"], name="notice_inbox"),
            models.Index(fields=["about", "-created_at"], name="notice_about"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def asks(self) -> bool:
        """Whether its call still waits for this person's 收到."""
        return self.call is not None and self.acknowledged_at is None and self.call.ended_at is None
