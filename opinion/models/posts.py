"""What was said."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.exercises import LiveManager, ManyExercised, unique_in_exercise
from accounts.models import User
from opinion.models.sources import Source
from opinion.permissions import may


class Heard(ManyExercised):
    """Everything heard in the last seven days, wanted or not, so that a new rule has a past to be tried on."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=500)
    text = models.TextField()  # masked
    published_at = models.DateTimeField()
    heard_at = models.DateTimeField(db_index=True)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
        constraints = [*unique_in_exercise(["source", "external_id"], "heard_once")]

    def __str__(self) -> str:
        return self.text[:40]


class PostKey(ManyExercised):
    """What makes a post the same post. Narrow, so that Post itself can be partitioned by month later."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=500)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
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
    RIVAL = "rival", _("about a rival only")  # counted for comparison, never in the queue
    UNDONE = "undone", _("taken back with its import")  # counted nowhere


# Indexed in place of the whole: PostgreSQL refuses to index an address of 2,000 Chinese characters.
ADDRESS_START = models.Func(
    models.F("url"), template="SUBSTR(%(expressions)s, 1, 250)", output_field=models.CharField()
)


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User) -> "PostQuerySet":
        """What this person may read: everything that was not taken back, or nothing."""
        return self.standing() if may(user, "see_posts") else self.none()

    def standing(self) -> "PostQuerySet":
        """Without those that were taken back with their import."""
        return self.exclude(triage=Triage.UNDONE)

    def at_address(self, *addresses: str) -> "PostQuerySet":
        """Those at one of these addresses, by their index."""
        starts = {address[:250] for address in addresses}
        return self.alias(start=ADDRESS_START).filter(start__in=starts, url__in=addresses)

    def leads(self) -> "PostQuerySet":
        """One post for each group of reposts: its original."""
        return self.filter(original__isnull=True)

    def in_triage(self, state: str) -> "PostQuerySet":
        return self.filter(triage=state)


class Post(ManyExercised):
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
    author_since = models.DateTimeField(null=True)  # when the account was opened, where the source tells
    region = models.CharField(max_length=20, blank=True)  # where it was said from, as the source tells
    heat = models.PositiveBigIntegerField(null=True)
    rank = models.PositiveIntegerField(null=True)
    tokens = models.TextField(blank=True)  # jieba search tokens, space-separated
    original = models.ForeignKey(  # indexed below, without the many that have none: SQLite took NULL for a rare value
        "self", null=True, db_index=False, on_delete=models.PROTECT, related_name="copies"
    )
    copy_count = models.PositiveIntegerField(default=0)  # on the original: how many copies were folded into it
    sentiment = models.CharField(max_length=3, choices=Sentiment)  # what counts: a person's word where there is one
    model_sentiment = models.CharField(max_length=3, choices=Sentiment, blank=True)  # what the model said
    recalled = models.ForeignKey(  # what a person said of the same words in an earlier post; it counts here, too
        "opinion.Correction", null=True, db_index=False, on_delete=models.PROTECT, related_name="recalled_by"
    )
    score = models.FloatField()  # 0 negative … 1 positive
    score_model = models.CharField(max_length=60)  # engine and model version that gave it
    reasons = models.JSONField(default=list)  # what weighed in the score
    risks = models.JSONField(default=list)  # crisis terms as they stand in it: [{term, category, severity}]
    triage = models.CharField(max_length=8, choices=Triage, default=Triage.WAITING)
    triaged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    triaged_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False)  # cited by a signal, incident or evidence: never purged
    is_coordinated = models.BooleanField(default=False)  # part of a burst that looks arranged (opinion.coordination)
    is_author_hashed = models.BooleanField(default=False)  # the retention time of the account name is over
    erased_at = models.DateTimeField(null=True)  # its words were taken away at a person's request
    is_redacted = models.BooleanField(default=False)  # some were starred at a person's request: it takes no later words
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(PostQuerySet)()
    everywhere = models.Manager.from_queryset(PostQuerySet)()

    class Meta(ManyExercised.Meta):
        ordering = ["-published_at", "-id"]
        indexes = [
            *ManyExercised.Meta.indexes,
            models.Index(
                fields=["triage", "-published_at", "-id"],
                name="post_queue",
                condition=Q(original__isnull=True, exercise__isnull=True),
            ),
            models.Index(
                fields=["-published_at", "-id"],
                name="post_leads",
                condition=Q(original__isnull=True, exercise__isnull=True),
            ),
            models.Index(fields=["original"], name="post_copies", condition=Q(original__isnull=False)),
            models.Index(fields=["recalled"], name="post_recalled", condition=Q(recalled__isnull=False)),
            models.Index(fields=["triaged_at"], name="post_sorted", condition=Q(triaged_at__isnull=False)),
            models.Index(fields=["author"], name="post_author"),
            models.Index(ADDRESS_START, name="post_address"),
            models.Index(
                fields=["published_at"], name="post_named", condition=Q(is_author_hashed=False, is_held=False)
            ),
        ]

    def __str__(self) -> str:
        return gettext("erased at a person's request") if self.erased_at else self.title or self.text[:40]

    @property
    def heading(self) -> str:
        """Its title, unless that only repeats how its text begins, as the feeds of microblogs have it."""
        return "" if self.text.startswith(self.title.rstrip("….")) else self.title

    @property
    def said(self) -> str:
        """Heading and text on one line, for lists; what is said of one that was erased."""
        return str(self) if self.erased_at else f"{self.heading} {self.text}".strip()

    @property
    def words(self) -> str:
        """Title and text as one, the way rules and engines read it."""
        return f"{self.title}\n{self.text}".strip()

    @property
    def said_on(self) -> str:
        return self.platform or self.source.platform


class PostEdit(models.Model):
    """What a post said before its publisher changed it. The post itself keeps what it says now."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="edits")
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)  # masked
    seen_at = models.DateTimeField()  # when the new words were first heard

    class Meta:
        ordering = ["-seen_at", "-id"]

    def __str__(self) -> str:
        return self.title or self.text[:40]


class Evidence(models.Model):
    """存证: a file that shows what was said, kept by its hash. Never served under its own name, never deleted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="evidence")
    sha256 = models.CharField(max_length=64, db_index=True)  # where the file lies, and the proof that it is the same
    name = models.CharField(max_length=200)  # as it was uploaded, for people to recognise it
    content_type = models.CharField(max_length=60)  # by its content, not by its name
    size = models.PositiveIntegerField()  # bytes
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at"]
        constraints = [models.UniqueConstraint(fields=["post", "sha256"], name="evidence_once")]

    def __str__(self) -> str:
        return self.name


class Fold(models.Model):
    """合并同类: a person said that a post repeats another. Undone by giving the post and its copies back."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="folds")
    into = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="folded_in")
    copies = models.ManyToManyField(Post, related_name="+")  # what was folded into `post` before, moved along
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(undone_at__isnull=True), name="folded_by_hand_once")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} into {self.into_id}"


class PostOriginal(models.Model):
    """The unmasked text, encrypted; purged after 180 days unless the post is held."""

    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="unmasked")
    cipher = models.BinaryField()
    purge_after = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"original of post {self.post_id}"


class PostBand(ManyExercised):
    """MinHash bands of the originals: two posts that share one may be reposts of each other."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="bands")
    band = models.BigIntegerField()
    published_at = models.DateTimeField()

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(ManyExercised.Meta):
        indexes = [*ManyExercised.Meta.indexes, models.Index(fields=["band", "published_at"], name="band_lookup")]

    def __str__(self) -> str:
        return str(self.band)
