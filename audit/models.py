"""One row per act of a person, a vendor or the system, chained by hash; the head says where the chain ends."""

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Event code -> its words on the auditor's page. The apps upstairs add theirs in AppConfig.ready().
EVENT_WORDS: dict[str, str | Promise] = {
    "audit.exported": _("took an export of the trail"),
    "audit.verified": _("verified the trail"),
}


class ActorKind(models.TextChoices):
    PERSON = "person", _("person")
    VENDOR = "vendor", _("vendor")
    SYSTEM = "system", _("system")


class Entry(models.Model):
    """An act. Written once by `audit.services.record`, never changed: triggers refuse UPDATE, DELETE and TRUNCATE."""

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=80, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor_name = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, db_index=True)
    detail = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.event} {self.subject}"

    @property
    def event_words(self) -> str:
        """What happened, as a person says it; empty where nobody registered words for the event."""
        return str(EVENT_WORDS.get(self.event, ""))


class Head(models.Model):
    """The single row (id 1) that says how long the chain is and how it ends, sealed with a key kept elsewhere.

    It is also the chain's lock: `record` locks it before it reads the last hash.
    """

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"chain head at {self.seq}"
