"""存证: what a post said at one moment, the files that show it, the numbers others gave it. Only added to."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.chain import moment
from incidents.models import Incident
from opinion.models import Post
from response.models.sealed import Sealed


class Preservation(Sealed):
    """A post as it stood when somebody preserved it. Preserving it again makes the next one."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="preservations")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="preservations")
    number = models.CharField(max_length=24, unique=True)  # CZ-2026-001; those of drills begin YL-
    record = models.JSONField()  # text and metadata: services.evidence.record_of
    note = models.CharField(max_length=500, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("response:preservation", args=[self.uuid])

    def content(self) -> dict[str, Any]:
        return {
            "uuid": str(self.uuid),
            "incident": self.incident_id,
            "post": self.post_id,
            "number": self.number,
            "record": self.record,
            "note": self.note,
            "added_by": self.added_by_id,
            "added_at": moment(self.added_at),
        }


class Exhibit(Sealed):
    """A file that belongs to a preserved post, kept by its hash: a person's screenshot, or a page rendered by us."""

    class Kind(models.TextChoices):
        UPLOAD = "upload", _("brought by a person")
        CAPTURE = "capture", _("rendered by the desk")

    preservation = models.ForeignKey(Preservation, on_delete=models.PROTECT, related_name="exhibits")
    kind = models.CharField(max_length=7, choices=Kind)
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()  # bytes
    origin = models.JSONField(default=dict)  # of a capture: address asked, address shown, status, browser
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["preservation", "sha256"], name="exhibit_once")]

    def __str__(self) -> str:
        return self.name

    def content(self) -> dict[str, Any]:
        return {
            "uuid": str(self.uuid),
            "preservation": self.preservation_id,
            "kind": str(self.kind),
            "sha256": self.sha256,
            "name": self.name,
            "content_type": self.content_type,
            "size": self.size,
            "origin": self.origin,
            "added_by": self.added_by_id,
            "added_at": moment(self.added_at),
        }


class EvidenceNumber(Sealed):
    """A number somebody outside gave to preserved evidence: a trusted timestamp's token, a notary's certificate."""

    class Kind(models.TextChoices):
        TIMESTAMP = "timestamp", _("trusted timestamp")
        NOTARY = "notary", _("notarial certificate")

    preservation = models.ForeignKey(Preservation, on_delete=models.PROTECT, related_name="numbers")
    kind = models.CharField(max_length=9, choices=Kind)
    number = models.CharField(max_length=120)
    issuer = models.CharField(max_length=120)
    issued_on = models.DateField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["preservation", "kind", "number"], name="evidence_number_once")]

    def __str__(self) -> str:
        return self.number

    def content(self) -> dict[str, Any]:
        return {
            "uuid": str(self.uuid),
            "preservation": self.preservation_id,
            "kind": str(self.kind),
            "number": self.number,
            "issuer": self.issuer,
            "issued_on": self.issued_on.isoformat(),
            "added_by": self.added_by_id,
            "added_at": moment(self.added_at),
        }


class Capture(models.Model):
    """A page that somebody asked the desk to render. A row the worker claims; how it ended is said in words."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being rendered")
        KEPT = "kept", _("kept as evidence")
        WALL = "wall", _("a sign-in or captcha instead of the page")
        FAILED = "failed", _("not rendered")

    UNFINISHED = (State.QUEUED, State.RUNNING)

    preservation = models.ForeignKey(Preservation, on_delete=models.PROTECT, related_name="captures")
    url = models.CharField(max_length=2000)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    words = models.CharField(max_length=500, blank=True)  # why there is none, in the company's language
    exhibit = models.OneToOneField(Exhibit, null=True, on_delete=models.PROTECT, related_name="capture")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["preservation"], condition=Q(state__in=["queued", "running"]), name="one_capture_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state__in=["queued", "running"]), name="captures_to_make")
        ]

    def __str__(self) -> str:
        return f"{self.preservation_id} {self.state}"
