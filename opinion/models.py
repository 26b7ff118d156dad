"""Where we listen (sources), for what (watches), what was said (posts), and how it adds up (topics, counts)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import Department, User
from opinion.permissions import may


class SourceClass(models.TextChoices):
    PLATFORM = "platform", _("online platform")
    MEDIA = "media", _("mainstream media")
    OWN = "own", _("own channel")


class MediaTier(models.TextChoices):
    """How much weight a source carries in the severity index (media tier of the influence factor)."""

    CENTRAL = "central", _("central media")
    NATIONAL = "national", _("provincial or national media")
    TRADE = "trade", _("trade or city media")
    ORDINARY = "ordinary", _("ordinary accounts")


class SourceHealth(models.TextChoices):
    """How the last poll went, in a word. Only `ok` and `unchanged` mean that we are listening."""

    NEVER = "never", _("not polled yet")
    OK = "ok", _("listening")
    UNCHANGED = "unchanged", _("listening, nothing new")
    EMPTY = "empty", _("a feed without entries")
    NOT_A_FEED = "not_a_feed", _("answered with something that is not a feed")
    UNREADABLE = "unreadable", _("the feed cannot be read")
    TOO_LARGE = "too_large", _("the feed is too large")
    SLOW = "slow", _("took too long to answer")
    UNREACHABLE = "unreachable", _("cannot be reached")
    REFUSED_ADDRESS = "refused_address", _("its address is not allowed")
    HTTP_ERROR = "http_error", _("answers with an error")
    RATE_LIMITED = "rate_limited", _("asks us to slow down")
    GONE = "gone", _("gone for good")
    OFF = "off", _("switched off")

    @property
    def listening(self) -> bool:
        return self in (SourceHealth.OK, SourceHealth.UNCHANGED)


class Source(models.Model):
    """A feed we poll. Its health is always in words; "no news" must never look like "not listening"."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("feed address"), max_length=2000, unique=True)
    source_class = models.CharField(_("class"), max_length=8, choices=SourceClass, default=SourceClass.PLATFORM)
    platform = models.CharField(_("platform"), max_length=40, help_text=_("As people call it: 微博, 知乎, 新华网 …"))
    tier = models.CharField(_("media tier"), max_length=8, choices=MediaTier, default=MediaTier.ORDINARY)
    is_key = models.BooleanField(
        _("key source"), default=False, help_text=_("Anything it says about us raises a signal.")
    )
    is_enabled = models.BooleanField(_("poll it"), default=True)
    poll_every_seconds = models.PositiveIntegerField(_("seconds between polls"), default=300)
    health = models.CharField(max_length=16, choices=SourceHealth, default=SourceHealth.NEVER)
    health_words = models.CharField(max_length=300, blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=120, blank=True)
    permanent_url = models.CharField(max_length=2000, blank=True)  # where it says it has moved for good
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_good_at = models.DateTimeField(null=True, blank=True)
    last_post_at = models.DateTimeField(null=True, blank=True)
    next_poll_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)  # a worker polls it now; a dead worker's lease runs out
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["source_class", "name"]

    def __str__(self) -> str:
        return self.name


class Watch(models.Model):
    """What we listen for: a rule over words (opinion.rules). 监测方案."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    rule = models.TextField(_("rule"), max_length=4000)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_enabled = models.BooleanField(pgettext_lazy("watch", "listening"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Heard(Exercised):
    """Everything heard in the last seven days, wanted or not, so that a new rule has a past to be tried on."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=500)
    text = models.TextField()  # masked
    published_at = models.DateTimeField()
    heard_at = models.DateTimeField(db_index=True)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        constraints = [*unique_in_exercise(["source", "external_id"], "heard_once")]

    def __str__(self) -> str:
        return self.text[:40]


class PostKey(Exercised):
    """What makes a post the same post. Narrow, so that Post itself can be partitioned by month later."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=500)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        constraints = [*unique_in_exercise(["source", "external_id"], "post_once")]

    def __str__(self) -> str:
        return self.external_id


class Sentiment(models.TextChoices):
    NEG = "neg", _("negative")
    NEU = "neu", _("neutral")
    POS = "pos", _("positive")


class Triage(models.TextChoices):
    """What was decided about a post in the inbox."""

    WAITING = "waiting", _("waiting")
    ATTACHED = "attached", _("attached to an incident")
    SNOOZED = "snoozed", _("kept an eye on")
    IGNORED = "ignored", _("ignored")


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User) -> "PostQuerySet":
        """What this person may read: everything or nothing."""
        return self if may(user, "see_posts") else self.none()

    def leads(self) -> "PostQuerySet":
        """One post for each group of reposts: its original."""
        return self.filter(original__isnull=True)

    def in_triage(self, state: str) -> "PostQuerySet":
        return self.filter(triage=state)


class Post(Exercised):
    """Something said that a watch wants. Text is masked; reposts point to their original and are counted there."""

    key = models.OneToOneField(PostKey, on_delete=models.PROTECT, related_name="post")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="posts")
    platform = models.CharField(max_length=40, blank=True)  # where it was said; a post may know better than its source
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=2000, blank=True)
    author = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(db_index=True)
    date_doubt = models.CharField(max_length=16, blank=True)
    first_seen_at = models.DateTimeField()
    reposts = models.PositiveBigIntegerField(null=True)
    comments = models.PositiveBigIntegerField(null=True)
    likes = models.PositiveBigIntegerField(null=True)
    reads = models.PositiveBigIntegerField(null=True)
    followers = models.PositiveBigIntegerField(null=True)
    heat = models.PositiveBigIntegerField(null=True)
    rank = models.PositiveIntegerField(null=True)
    tokens = models.TextField(blank=True)  # jieba search tokens, space-separated
    original = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")
    copy_count = models.PositiveIntegerField(default=0)  # on the original: how many copies were folded into it
    sentiment = models.CharField(max_length=3, choices=Sentiment)
    score = models.FloatField()  # 0 negative … 1 positive
    score_model = models.CharField(max_length=60)  # engine and model version that gave it
    reasons = models.JSONField(default=list)  # what weighed in the score
    risks = models.JSONField(default=list)  # crisis terms as they stand in it: [{term, category, severity}]
    triage = models.CharField(max_length=8, choices=Triage, default=Triage.WAITING)
    triaged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    triaged_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False)  # cited by a signal, incident or evidence: never purged
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(PostQuerySet)()
    everywhere = models.Manager.from_queryset(PostQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-published_at", "-id"]
        indexes = [models.Index(fields=["triage", "original", "-published_at"], name="post_inbox")]

    def __str__(self) -> str:
        return self.title or self.text[:40]

    @property
    def words(self) -> str:
        """Title and text as one, the way rules and engines read it."""
        return f"{self.title}\n{self.text}".strip()

    @property
    def said_on(self) -> str:
        return self.platform or self.source.platform


class PostOriginal(models.Model):
    """The unmasked text, encrypted; purged after 180 days unless the post is held."""

    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="unmasked")
    cipher = models.BinaryField()
    purge_after = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"original of post {self.post_id}"


class PostBand(Exercised):
    """MinHash bands of the originals: two posts that share one may be reposts of each other."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="bands")
    band = models.BigIntegerField()
    published_at = models.DateTimeField()

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        indexes = [models.Index(fields=["band", "published_at"], name="band_lookup")]

    def __str__(self) -> str:
        return str(self.band)


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


class HourCount(Exercised):
    """Posts per watch, hour, platform and sentiment, counted as they arrive: trends never scan posts."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="counts")
    hour = models.DateTimeField()  # start of the hour, half-open: a post on the hour belongs to the next one
    platform = models.CharField(max_length=40)
    sentiment = models.CharField(max_length=3, choices=Sentiment)
    posts = models.PositiveIntegerField(default=0)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        constraints = [*unique_in_exercise(["watch", "hour", "platform", "sentiment"], "count_once")]
        indexes = [models.Index(fields=["watch", "hour"], name="count_curve")]

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


class SentimentModel(models.Model):
    """A trained model: its file, its figures, and whether the desk scores with it. Old scores keep their version."""

    version = models.CharField(max_length=60, unique=True)
    engine = models.CharField(max_length=20)
    path = models.CharField(max_length=500)
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine"], condition=Q(is_used=True), name="one_used_model_per_engine")
        ]

    def __str__(self) -> str:
        return self.version
