"""How what was said adds up to stories."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exercises import LiveManager, ManyExercised
from opinion.models.posts import Post
from opinion.models.watches import Watch


class Topic(ManyExercised):
    """Posts of one watch about the same story, gathered in a single pass."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(max_length=500)
    terms = models.JSONField(default=dict)  # token -> weight: what a new post is compared with
    size = models.PositiveIntegerField(default=0)  # posts in it, copies included
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")
    titled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True, db_index=True)  # when posts last came in; None once that was looked at

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return self.title


class Aim(models.TextChoices):
    """Whom the negative words of a post are about, where rivals stand in the same sentence (opinion.aspect)."""

    OWN = "own", _("aimed at us")
    RIVAL = "rival", _("aimed at a rival")
    BOTH = "both", _("aimed at us and a rival")


class Match(models.Model):
    """A watch wanted this post, because of these words, and it belongs to this topic."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="matches")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="matches")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, related_name="matches")
    words = models.JSONField(default=list)
    aim = models.CharField(max_length=5, choices=Aim, blank=True)  # "" where nothing negative could be placed
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "post"], name="one_match_per_watch")]
        indexes = [models.Index(fields=["watch", "-published_at"], name="match_recent")]

    def __str__(self) -> str:
        return f"{self.watch_id} {self.post_id}"


class TopicChange(models.Model):
    """A story merged into another, or split, by a person; undone by giving the posts back.

    merge  `other` went into `topic`     split  `other` was taken out of `topic`     matches: what was moved
    """

    class Kind(models.TextChoices):
        MERGE = "merge", _("merged")
        SPLIT = "split", _("split")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="changes")
    other = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    matches = models.ManyToManyField(Match, related_name="+")
    effects = models.JSONField(default=dict)  # what the apps above changed with it, so that an undo gives it back
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.other_id} {self.topic_id}"


class TopicSpread(models.Model):
    """How a story travelled, worked out in the background: first voice, relays, half-life, arranged bursts."""

    topic = models.OneToOneField(Topic, on_delete=models.PROTECT, related_name="spread")
    as_of = models.DateTimeField()
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.topic_id} {self.as_of:%F %H:%M}"
