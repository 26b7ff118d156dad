"""Where we listen."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    region = models.CharField(
        _("region"), max_length=20, blank=True, help_text=_("Province or city, where it speaks for one.")
    )
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
