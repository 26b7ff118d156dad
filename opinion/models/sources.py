"""Where we listen."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager


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


class SourceKind(models.TextChoices):
    """How its posts come to us."""

    FEED = "feed", _("feed")
    HOT_LIST = "hot_list", _("hot list")  # polled; the same items again and again, their rank and heat change
    MAILBOX = "mailbox", _("complaint mailbox")
    VENDOR = "vendor", _("vendor")
    IMPORT = "import", _("file import")
    FORM = "form", _("public form")
    HAND = "hand", _("entered by hand")


POLLED = (SourceKind.FEED, SourceKind.HOT_LIST)  # by the tick of `monitoring`; a mailbox is read by its own


class SourceHealth(models.TextChoices):
    """How the last poll went, in a word. Only `ok` and `unchanged` mean that we are listening."""

    NEVER = "never", _("nothing heard yet")
    OK = "ok", _("listening")
    UNCHANGED = "unchanged", _("listening, nothing new")
    EMPTY = "empty", _("a feed without entries")
    NOT_A_FEED = "not_a_feed", _("answered with something that is not a feed")
    CAPTCHA = "captcha", _("answered with a captcha or a sign-in page")
    STALE = "stale", _("answers, but brings nothing new any more")
    QUIET = "quiet", _("has brought nothing for unusually long")  # one that comes to us, or a mailbox
    OVERDUE = "overdue", _("waits too long for its turn")  # our own doing
    CLOCK_WRONG = "clock_wrong", _("its posts carry wrong times")
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


class Source(Exercised):
    """Where posts come from. Its health is always in words; "no news" must never look like "not listening".

    A replay has sources of its own, which are never polled.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("how its posts come"), max_length=8, choices=SourceKind, default=SourceKind.FEED)
    url = models.URLField(_("feed address"), max_length=2000, blank=True)  # "" where nothing is polled
    preset = models.CharField(max_length=40, blank=True)  # the RSSHub form it was made with
    access = models.BinaryField(null=True)  # encrypted: the access key its address needs, added to it at each fetch
    canary = models.CharField(
        _("canary word"),
        max_length=60,
        blank=True,
        help_text=_("A word this source always brings. A day without it means that we hear only a part."),
    )
    source_class = models.CharField(_("class"), max_length=8, choices=SourceClass, default=SourceClass.PLATFORM)
    platform = models.CharField(_("platform"), max_length=40, help_text=_("As people call it: 微博, 知乎, 新华网 …"))
    region = models.CharField(
        _("region"), max_length=20, blank=True, help_text=_("Province or city, where it speaks for one.")
    )
    tier = models.CharField(_("media tier"), max_length=8, choices=MediaTier, default=MediaTier.ORDINARY)
    is_key = models.BooleanField(
        _("key source"), default=False, help_text=_("Anything it says about us raises a signal.")
    )
    is_enabled = models.BooleanField(_("poll it"), default=True)
    poll_every_seconds = models.PositiveIntegerField(_("seconds between polls"), default=300)
    usual_gap_seconds = models.PositiveIntegerField(null=True)  # between its new posts, learnt
    # How far its clock runs behind, by how many of its last arrivals (monitoring.health.clocks)
    behind_least_seconds = models.IntegerField(null=True)
    behind_most_seconds = models.IntegerField(null=True)
    behind_seen = models.PositiveSmallIntegerField(default=0)
    ttl_seconds = models.PositiveIntegerField(null=True)  # what it asks for itself: ttl, Cache-Control
    health = models.CharField(max_length=16, choices=SourceHealth, default=SourceHealth.NEVER)
    health_words = models.CharField(max_length=300, blank=True)
    health_since = models.DateTimeField(null=True, blank=True)  # since when it is well, or in trouble of whatever kind
    trouble_told = models.CharField(max_length=16, blank=True)  # the trouble people were told of; "" after it ended
    canary_at = models.DateTimeField(null=True, blank=True)  # when its canary word was last heard
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=120, blank=True)
    body_hash = models.CharField(max_length=32, blank=True)  # of the document last read; the same again is not read
    permanent_url = models.CharField(max_length=2000, blank=True)  # where it says it has moved for good
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_good_at = models.DateTimeField(null=True, blank=True)
    last_post_at = models.DateTimeField(null=True, blank=True)
    next_poll_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)  # a worker polls it now; a dead worker's lease runs out
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["source_class", "name"]
        constraints = [
            models.UniqueConstraint(fields=["url"], condition=~models.Q(url=""), name="one_source_per_address")
        ]

    def __str__(self) -> str:
        return self.name
