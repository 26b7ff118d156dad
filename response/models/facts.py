"""The fact sheet of an incident: claims, each signed word on them, what shows it, and numbered cuts of the whole."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.chain import moment
from incidents.models import Incident
from opinion.models import Post
from response.models.attachments import Attachment
from response.models.sealed import Sealed


class Fact(models.Model):
    """A claim about the incident and what we know of it. Only 已核实 may be quoted as a fact."""

    class State(models.TextChoices):
        VERIFIED = "verified", _("verified")
        CHECKING = "checking", _("being checked")
        UNTRUE = "untrue", _("untrue")
        UNVERIFIABLE = "unverifiable", _("cannot be verified")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="facts")
    number = models.PositiveSmallIntegerField()  # shown as F1, F2 …
    claim = models.CharField(_("claim"), max_length=500)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.CHECKING)
    evidence = models.TextField(_("evidence"), max_length=2000, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="fact_number")]

    def __str__(self) -> str:
        return f"F{self.number} {self.claim}"

    @property
    def may_be_quoted(self) -> bool:
        return self.state == self.State.VERIFIED

    @property
    def was_signed(self) -> bool:
        return self.signed_by_id is not None

    def get_absolute_url(self) -> str:
        return reverse("response:fact", args=[self.uuid])


class FactVersion(models.Model):
    """What somebody signed about a fact, word for word. Only added to; a correction is the next one."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()  # F1 v2
    claim = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=Fact.State)
    evidence = models.TextField(max_length=2000)
    reason = models.CharField(max_length=500, blank=True)  # why it was corrected; empty for the first
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["fact", "number"], name="fact_version_number")]

    def __str__(self) -> str:
        return f"F{self.fact.number} v{self.number}"


class FactProof(models.Model):
    """One thing that shows a fact: a file, a link, or a post that was heard. Never taken away."""

    class Kind(models.TextChoices):
        FILE = "file", _("file")
        LINK = "link", _("link")
        POST = "post", _("post")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=200)  # of the file, the words beside the link, how the post begins
    url = models.CharField(max_length=2000, blank=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(Attachment, null=True, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class FactSheet(Sealed):
    """事实清单 v3: everything the sheet said at one moment, with its hash, signed by one person. Only added to."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="fact_sheets")
    number = models.PositiveSmallIntegerField()
    record = models.JSONField()  # facts, questions and pairs as they stood: selectors.facts.as_record
    note = models.CharField(max_length=500, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["incident", "number"], name="fact_sheet_number")]

    def __str__(self) -> str:
        return f"{self.incident.number} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("response:fact-sheet", args=[self.uuid])

    def content(self) -> dict[str, Any]:
        return {
            "uuid": str(self.uuid),
            "incident": self.incident_id,
            "number": self.number,
            "record": self.record,
            "note": self.note,
            "signed_by": self.signed_by_id,
            "signed_at": moment(self.signed_at),
        }


class StatementBasis(models.Model):
    """The numbered fact sheet a statement version rests on."""

    statement_version = models.OneToOneField(
        "response.StatementVersion", on_delete=models.PROTECT, related_name="basis"
    )
    sheet = models.ForeignKey(FactSheet, on_delete=models.PROTECT, related_name="bases")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.statement_version_id} on {self.sheet_id}"
