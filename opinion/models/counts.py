"""How loud it is, by the hour, counted as posts arrive: trends never scan posts."""

from django.db import models

from accounts.exercises import LiveManager, ManyExercised, unique_in_exercise
from opinion.models.posts import Sentiment
from opinion.models.topics import Topic
from opinion.models.watches import Watch


class HourCount(ManyExercised):
    """Posts per watch, hour, platform and sentiment, counted as they arrive: trends never scan posts."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="counts")
    hour = models.DateTimeField()  # start of the hour, half-open: a post on the hour belongs to the next one
    platform = models.CharField(max_length=40)
    sentiment = models.CharField(max_length=3, choices=Sentiment)
    posts = models.PositiveIntegerField(default=0)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
        constraints = [*unique_in_exercise(["watch", "hour", "platform", "sentiment"], "count_once")]
        indexes = [*ManyExercised.Meta.indexes, models.Index(fields=["watch", "hour"], name="count_curve")]

    def __str__(self) -> str:
        return f"{self.hour:%F %H} {self.posts}"


class TopicCount(models.Model):
    """The same for one topic: its curve on a page, and how far it has spread."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="counts")
    hour = models.DateTimeField()
    platform = models.CharField(max_length=40)
    sentiment = models.CharField(max_length=3, choices=Sentiment)
    posts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "hour", "platform", "sentiment"], name="topic_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%F %H} {self.posts}"


class WordCount(ManyExercised):
    """Posts per watch, day and keyword, counted as they arrive: what is talked of more than it was."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()  # in the company's zone
    word = models.CharField(max_length=40)
    posts = models.PositiveIntegerField(default=0)
    negative = models.PositiveIntegerField(default=0)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
        constraints = [*unique_in_exercise(["watch", "day", "word"], "word_count_once")]

    def __str__(self) -> str:
        return f"{self.day:%F} {self.word} {self.posts}"
