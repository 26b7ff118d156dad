"""What an incident may be opened from: a post, a topic or a signal."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Exercise
from monitoring.models import Signal
from opinion.models import Match, Post, Topic


@dataclass(frozen=True, slots=True)
class Origin:
    """Exactly one of them. A repost stands for its original, a topic that was merged for the one it went into."""

    post: Post | None = None
    topic: Topic | None = None
    signal: Signal | None = None

    @property
    def row(self) -> Post | Topic | Signal:
        found = self.signal or self.topic or self.post
        if found is None:
            raise ValueError("an origin is a post, a topic or a signal")
        return found

    @property
    def exercise(self) -> Exercise | None:
        return self.row.exercise

    @property
    def topics(self) -> list[Topic]:
        if self.post is not None:
            return list(Topic.everywhere.filter(matches__post=self.post.original or self.post).distinct())
        topic = self.signal.topic if self.signal else self.topic
        return [where_it_went(topic)] if topic else []

    @property
    def posts(self) -> QuerySet[Post]:
        """The originals an incident of it begins with: those of its topics, and the post itself."""
        mine = [(self.post.original or self.post).pk] if self.post else []
        of_topics = Match.objects.filter(topic__in=self.topics).values("post")
        return Post.everywhere.filter(pk__in=mine) | Post.everywhere.filter(pk__in=of_topics, original__isnull=True)

    @property
    def title(self) -> str:
        """What an incident of it would be called until somebody says otherwise; empty where a post was erased."""
        if self.post is not None:
            return "" if self.post.erased_at else " ".join(str(self.post).split())[:200]
        return self.topics[0].title[:200]


def where_it_went(topic: Topic) -> Topic:
    while topic.merged_into is not None:
        topic = topic.merged_into
    return topic
