"""外部监测厂商: who pushes to us, with which keys, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from opinion.models import Post, Source


class Scope(models.TextChoices):
    """What a key opens. A vendor's key opens the first two at most."""

    PUSH = "push", _("push posts")
    OUTCOME = "outcome", _("read what became of them")
    READ = "read", _("read posts, signals and statements")  # the company's own systems


class Vendor(models.Model):
    """A company that listens for us and pushes what it heard. It reaches the API and nothing else."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    per_minute = models.PositiveIntegerField(_("requests a minute"), default=60)
    mapping = models.JSONField(default=dict, blank=True)  # our field: theirs, where their names differ
    is_enabled = models.BooleanField(_("may push"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VendorChannel(models.Model):
    """A stream of a vendor with a class and platform of its own; an item names it by its code."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="channels")
    code = models.SlugField(_("code"), max_length=40, default="default")
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="vendor_channel")

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["vendor", "code"], name="vendor_channel_once")]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.code}"


class VendorKey(models.Model):
    """An API key: kept as a hash, with a secret that signs. Two may be valid at once, so one can follow another."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=12, unique=True)  # its beginning, by which it is found and recognised
    digest = models.CharField(max_length=64)  # sha256 of the whole key
    signing = models.BinaryField()  # encrypted: the secret of Standard Webhooks
    scopes = models.JSONField(default=list)  # codes of Scope
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.prefix


class Push(models.Model):
    """One batch a vendor pushed, and the answer it got, so that the same request gets the same answer."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="pushes")
    key = models.ForeignKey(VendorKey, on_delete=models.PROTECT, related_name="pushes")
    message_id = models.CharField(max_length=200)  # webhook-id
    idempotency_key = models.CharField(max_length=200, blank=True)
    body_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField(db_index=True)
    items = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    heard = models.PositiveIntegerField(default=0)  # taken, but no watch wants it
    duplicate = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    answer = models.JSONField(null=True)  # None while the batch is being taken in

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "message_id"], name="push_message_once"),
            models.UniqueConstraint(
                fields=["vendor", "idempotency_key"], condition=~Q(idempotency_key=""), name="push_idempotent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.message_id}"


class PushedItem(models.Model):
    """What became of one item of a push. A rejected one is kept whole, encrypted, for another try."""

    class Outcome(models.TextChoices):
        STORED = "stored", _("stored")
        HEARD = "heard", _("heard, wanted by no watch")
        DUPLICATE = "duplicate", _("known already")
        REJECTED = "rejected", _("rejected")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    push = models.ForeignKey(Push, on_delete=models.PROTECT, related_name="results")
    position = models.PositiveIntegerField()  # in the batch, from 0
    external_id = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome)
    reason = models.CharField(max_length=40, blank=True)  # why it was rejected: a code of monitoring.api.items
    field = models.CharField(max_length=40, blank=True)  # where
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="pushed")
    delay_seconds = models.IntegerField(null=True)  # from its own time to our hearing it
    payload = models.BinaryField(null=True)  # encrypted JSON of a rejected item, purged with the originals
    settled_at = models.DateTimeField(null=True)  # when a rejected one was tried again with success, or set aside
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["push", "position"]
        constraints = [models.UniqueConstraint(fields=["push", "position"], name="pushed_item_once")]
        indexes = [
            models.Index(fields=["push"], name="quarantine", condition=Q(outcome="rejected", settled_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.push_id} {self.position} {self.outcome}"
