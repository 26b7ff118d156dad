"""自有渠道: the complaint mailbox and the public form. Each is a source of class `own`."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opinion.models import Source, Watch


class Mailbox(models.Model):
    """A mailbox read over IMAP. Nothing in it is changed: what was read is remembered by its UID."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="mailbox")
    watch = models.ForeignKey(  # whoever complains to us need not name us
        Watch, verbose_name=_("kept for the watch"), on_delete=models.PROTECT, related_name="+"
    )
    host = models.CharField(_("server"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=993)
    user = models.CharField(_("user"), max_length=200)
    password = models.BinaryField()  # encrypted
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"


class PublicForm(models.Model):
    """A small page anybody may write on, at an address of its own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="form")
    watch = models.ForeignKey(Watch, verbose_name=_("kept for the watch"), on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField(_("address"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=80)
    welcome = models.TextField(_("what it says above the fields"), max_length=1000, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
