"""How what was said adds up to stories."""

import uuid

from django.db import models

from accounts.exercises import Exercised, LiveManager
from opinion.models.posts import Post
from opinion.models.watches import Watch


class Topic(Exercised):
    """Posts of one watch about the same story, gathered in a single pass."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(max_length=500)
    terms = models.JSONField(default=dict)  # token -> weight: what a new post is compared with
    size = models.PositiveIntegerField(default=0)  # posts in it, copies included
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    changed_at = models.DateTimeField(null=True, db_index=True)  # when posts last came in; None once that was looked at

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return self.title


class Match(models.Model):
    """A watch wanted this post, because of these words, and it belongs to this topic."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="matches")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="matches")
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, related_name="matches")
    words = models.JSONField(default=list)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "post"], name="one_match_per_watch")]
        indexes = [models.Index(fields=["watch", "-published_at"], name="match_recent")]

    def __str__(self) -> str:
        return f"{self.watch_id} {self.post_id}"
