"""The signals that rise from what was heard."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager
from accounts.models import User
from opinion.models import Post, Topic, Watch
from opinion.permissions import may


class SignalKind(models.TextChoices):
    BURST = "burst", _("burst")
    NEGATIVE_SHARE = "negative_share", _("negative share")
    KEY_SOURCE = "key_source", _("key source")
    RISK_WORD = "risk_word", _("risk word at first sight")


class Verdict(models.TextChoices):
    """What is suggested, or was judged: 日常关注 is a verdict on a signal, never an incident level."""

    ATTENTION = "attention", _("daily attention")
    LEVEL_3 = "3", _("level three")
    LEVEL_2 = "2", _("level two")
    LEVEL_1 = "1", _("level one")


class SignalQuerySet(models.QuerySet["Signal"]):
    def visible_to(self, user: User) -> "SignalQuerySet":
        """Whoever may read the posts may read what rose from them."""
        return self if may(user, "see_posts") else self.none()

    def open(self) -> "SignalQuerySet":
        return self.filter(closed_at__isnull=True)


class Signal(Exercised):
    """预警信号: one open signal per topic; it grows, and it always names the numbers and posts that raised it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="signals")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="signals")
    kind = models.CharField(max_length=16, choices=SignalKind)
    opened_at = models.DateTimeField()
    grown_at = models.DateTimeField()
    suggestion = models.CharField(max_length=10, choices=Verdict, blank=True)
    reasons = models.JSONField(default=list)  # [{kind, words, numbers}], the newest growth
    posts = models.ManyToManyField(Post, related_name="signals")
    is_useful = models.BooleanField(null=True)  # 有用 / 误报, None until judged
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    previous = models.ForeignKey(  # the wave before: the last signal of the same topic or affair
        "self", null=True, on_delete=models.PROTECT, related_name="next_waves"
    )
    snoozed_at = models.DateTimeField(null=True)  # put aside until it heats up
    snoozed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(SignalQuerySet)()
    everywhere = models.Manager.from_queryset(SignalQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-grown_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic"], condition=Q(closed_at__isnull=True), name="one_open_signal_per_topic"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.topic_id}"


class SignalGrowth(models.Model):
    """Each time a signal grew: when, to what, because of what, and what was there to be seen, kept as it was."""

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="growths")
    at = models.DateTimeField()
    suggestion = models.CharField(max_length=10, choices=Verdict, blank=True)
    reasons = models.JSONField(default=list)
    kept = models.JSONField(default=dict)  # counts and posts as they stood: {counts, posts: [{uuid, said, at, ...}]}
    kept_hash = models.CharField(max_length=64, blank=True)  # sha256 of `kept` in canonical JSON

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.signal_id} {self.at:%F %H:%M}"
