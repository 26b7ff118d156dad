"""Where we listen (sources), for what (watches), what was said (posts), and how it adds up (topics, counts)."""

from opinion.models.counts import HourCount, TopicCount, WordCount
from opinion.models.posts import (
    Evidence,
    Fold,
    Heard,
    Post,
    PostBand,
    PostEdit,
    PostKey,
    PostOriginal,
    PostQuerySet,
    Sentiment,
    Triage,
)
from opinion.models.scoring import Correction, SentimentModel, TrainingRun
from opinion.models.sources import POLLED, MediaTier, Source, SourceClass, SourceHealth, SourceKind
from opinion.models.topics import Aim, Match, Topic, TopicChange, TopicSpread
from opinion.models.upkeep import PersonalRequest, Retokening
from opinion.models.watches import CompanyTerm, SavedSearch, TermKind, Watch, WatchTrial

__all__ = [
    "POLLED",
    "Aim",
    "CompanyTerm",
    "Correction",
    "Evidence",
    "Fold",
    "Heard",
    "HourCount",
    "Match",
    "MediaTier",
    "PersonalRequest",
    "Post",
    "PostBand",
    "PostEdit",
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
    "SourceKind",
    "TermKind",
    "Topic",
    "TopicChange",
    "TopicCount",
    "TopicSpread",
    "TrainingRun",
    "Triage",
    "Watch",
    "WatchTrial",
    "WordCount",
]
