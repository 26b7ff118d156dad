"""Holding statements: written and signed in peacetime, with open slots, so that the first word takes minutes."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.levels import Level
from response.models.statements import CrisisCluster, Signature


class HoldingText(models.Model):
    """One text of the library. Signed like a 二级 statement; a change is a new text that replaces it once signed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in sign-off")
        APPROVED = "approved", _("approved")
        RETIRED = "retired", _("retired")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("for which case"), max_length=80)
    cluster = models.CharField(_("crisis cluster"), max_length=12, choices=CrisisCluster, blank=True)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=2000)
    text_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    expires_on = models.DateField(_("valid until"))
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers")
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")  # none of them signs
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    level = Level.TWO  # whose rule of signatures applies

    class Meta:
        ordering = ["name", "-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("response:holding-text", args=[self.uuid])

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_in_review(self) -> bool:
        return self.state == self.State.IN_REVIEW

    @property
    def is_returned(self) -> bool:
        return any(signoff.state == HoldingSignature.State.RETURNED for signoff in self.signoffs.all())

    def is_in_force(self, today: date) -> bool:
        """Whether it may be used: signed everywhere and not expired. The last day counts."""
        return self.state == self.State.APPROVED and today <= self.expires_on


class HoldingSignature(Signature):
    """One signature a holding text needs."""

    version = models.ForeignKey(HoldingText, on_delete=models.PROTECT, related_name="signoffs")

    class Meta(Signature.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "place"], name="one_holding_signature_per_place")]
