"""Long work on what is stored, and what people asked us to do with what is theirs."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Retokening(models.Model):
    """Every stored post cut into words anew, because the dictionary changed. Resumes where a worker died."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dictionary = models.CharField(max_length=64)  # digest of the names it cuts by
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_post = models.PositiveBigIntegerField(default=0)  # the highest primary key that is done
    leased_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["dictionary"], condition=Q(ended_at__isnull=True), name="one_retokening_per_dictionary"
            )
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


class PersonalRequest(models.Model):
    """A person asked what we keep about them, or to have it erased. Kept as proof; who they are is encrypted."""

    class Kind(models.TextChoices):
        EXPORT = "export", _("copy of what is kept")
        ERASE = "erase", _("erasure")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("what was asked"), max_length=6, choices=Kind)
    subject = models.BinaryField()  # encrypted JSON: {accounts: [{platform, name}], words: [...]}
    reference = models.CharField(_("reference"), max_length=120, blank=True)  # of the letter or call it came with
    asked_on = models.DateField(_("asked on"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)  # what was found, what was erased, what was kept and why
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-entered_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.asked_on:%F}"
