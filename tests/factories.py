"""Rows a test needs and does not care about: each factory makes one believable row; say what matters."""

from datetime import UTC, datetime, timedelta

import factory

from opinion.models import Match, Post, PostKey, Source, Topic, Watch

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


class SourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Source

    name = factory.Sequence(lambda n: f"信源 {n}")
    url = factory.Sequence(lambda n: f"https://feeds.example.com/{n}.xml")
    platform = "微博"


class WatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Watch

    name = factory.Sequence(lambda n: f"监测方案 {n}")
    rule = "晴野"


class PostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Post

    source = factory.SubFactory(SourceFactory)
    key = factory.LazyAttributeSequence(
        lambda post, n: PostKey.everywhere.create(
            source=post.source, external_id=f"post-{n}", exercise=getattr(post, "exercise", None)
        )
    )
    title = factory.Sequence(lambda n: f"晴野茶饮门店排队 {n}")
    text = "今天路过晴野茶饮，门口排了很长的队。"
    author = "路人甲"
    published_at = NOON
    first_seen_at = NOON + timedelta(minutes=2)
    sentiment = "neu"
    model_sentiment = factory.SelfAttribute("sentiment")
    score = 0.5
    score_model = "test"


class TopicFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Topic

    watch = factory.SubFactory(WatchFactory)
    title = factory.Sequence(lambda n: f"话题 {n}")
    first_at = NOON
    last_at = NOON


class MatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Match

    watch = factory.SubFactory(WatchFactory)
    post = factory.SubFactory(PostFactory)
    words = ["晴野"]
    published_at = NOON
