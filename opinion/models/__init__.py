"""Where we listen (sources), for what (watches), what was said (posts), and how it adds up (topics, counts)."""

from opinion.models.counts import HourCount, TopicCount, WordCount
from opinion.models.posts import Fold, Heard, Post, PostBand, PostKey, PostOriginal, PostQuerySet, Sentiment, Triage
from opinion.models.scoring import Correction, SentimentModel, TrainingRun
from opinion.models.sources import MediaTier, Source, SourceClass, SourceHealth
from opinion.models.topics import Aim, Match, Topic, TopicChange, TopicSpread
from opinion.models.upkeep import PersonalRequest, Retokening
from opinion.models.watches import CompanyTerm, SavedSearch, TermKind, Watch

__all__ = [
    "Aim",
    "CompanyTerm",
    "Correction",
    "Fold",
    "Heard",
    "HourCount",
    "Match",
    "MediaTier",
    "PersonalRequest",
    "Post",
    "PostBand",
    "PostKey",
    "PostOriginal",
    "PostQuerySet",
    "Retokening",
    "SavedSearch",
    "Sentiment",
    "SentimentModel",
    "Source",
    "SourceClass",
    "SourceHealth",
    "TermKind",
    "Topic",
    "TopicChange",
    "TopicCount",
    "TopicSpread",
    "TrainingRun",
    "Triage",
    "Watch",
    "WordCount",
]
