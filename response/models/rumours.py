"""What the public asks, and what it is told that is not so, beside what is."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from opinion.models import Post, Topic
from response.models.facts import Fact
from response.models.statements import Statement


class PublicQuestion(models.Model):
    """A question people ask, how often it was seen, and the line we answer it with."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField()  # shown as Q1, Q2 …
    text = models.CharField(max_length=300)
    times_seen = models.PositiveIntegerField(default=1)  # as whoever wrote it down counted
    posts = models.ManyToManyField(Post, related_name="+")  # where it was asked
    answer = models.TextField(max_length=1000, blank=True)
    fact = models.ForeignKey(Fact, null=True, on_delete=models.PROTECT, related_name="questions")  # answer rests on it
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = [models.F("answered_at").asc(nulls_first=True), "-times_seen", "number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="question_number")]

    def __str__(self) -> str:
        return f"Q{self.number} {self.text}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None


class Rumour(models.Model):
    """An untrue claim that goes round, paired with what is so. 谣言 only where an authority called it that."""

    class Wording(models.TextChoices):
        UNTRUE = "untrue", _("untrue information")
        RUMOUR = "rumour", _("rumour")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="rumours")
    number = models.PositiveSmallIntegerField()  # shown as R1, R2 …
    claim = models.CharField(max_length=500)
    wording = models.CharField(max_length=6, choices=Wording, default=Wording.UNTRUE)
    authority = models.CharField(max_length=120, blank=True)
    authority_on = models.DateField(null=True)
    authority_document = models.CharField(max_length=500, blank=True)  # number or address of what it published
    fact = models.ForeignKey(Fact, null=True, on_delete=models.PROTECT, related_name="rumours")
    clarification = models.TextField(max_length=2000, blank=True)
    statement = models.ForeignKey(Statement, null=True, on_delete=models.PROTECT, related_name="clarifies")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, related_name="+")
    clarification_topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, related_name="+")
    posts = models.ManyToManyField(Post, through="RumourPost", related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="rumour_number"),
            models.CheckConstraint(
                condition=~Q(wording="rumour")
                | (~Q(authority="") & ~Q(authority_document="") & Q(authority_on__isnull=False)),
                name="rumour_by_authority",
            ),
        ]

    def __str__(self) -> str:
        return f"R{self.number} {self.claim}"


class RumourPost(models.Model):
    """A post that spreads the claim, or one that carries the clarification."""

    class Side(models.TextChoices):
        CLAIM = "claim", _("spreads the claim")
        ANSWER = "answer", _("carries the clarification")

    rumour = models.ForeignKey(Rumour, on_delete=models.PROTECT, related_name="linked")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=6, choices=Side)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["rumour", "post"], name="rumour_post_once")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.side} of {self.rumour_id}"
