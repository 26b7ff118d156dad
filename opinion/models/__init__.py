"""Where we listen (sources), for what (watches), what was said (posts), and how it adds up (topics, counts)."""

from opinion.models.counts import HourCount, TopicCount
from opinion.models.posts import Heard, Post, PostBand, PostKey, PostOriginal, PostQuerySet, Sentiment, Triage
from opinion.models.scoring import SentimentModel
from opinion.models.sources import MediaTier, Source, SourceClass, SourceHealth
from opinion.models.topics import Match, Topic
from opinion.models.watches import Watch

__all__ = [
    "Heard",
    "HourCount",
    "Match",
    "MediaTier",
    "Post",
    "PostBand",
    "PostKey",
    "PostOriginal",
    "PostQuerySet",
    "Sentiment",
    "SentimentModel",
    "Source",
    "SourceClass",
    "SourceHealth",
    "Topic",
    "TopicCount",
    "Triage",
    "Watch",
]
