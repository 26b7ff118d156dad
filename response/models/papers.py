"""Papers: the response plan of an incident and its reports to regulators, in versions that one leader signs."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response import papers
from response.models.attachments import Attachment
from response.models.plan import Task
from response.models.reporting import REPORT_KINDS, ReportDuty
from response.models.statements import reads_drafts


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, person: User) -> "PaperQuerySet":
        """Papers of the incidents this person may see; who only audits, those that were signed."""
        seen = self.filter(incident__in=Incident.everywhere.visible_to(person))
        return seen if reads_drafts(person) else seen.filter(versions__signed_at__isnull=False).distinct()


class Paper(Exercised):
    """应对方案, or a 首报, 续报 or 终报. Its words live in versions."""

    KINDS = ((papers.PLAN, _("response plan")), *REPORT_KINDS)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="papers")
    number = models.CharField(max_length=24)  # FA-2026-001, SB-2026-001
    kind = models.CharField(max_length=6, choices=KINDS)
    duty = models.ForeignKey(ReportDuty, null=True, blank=True, on_delete=models.PROTECT, related_name="papers")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)  # by when this report had to be with the authority
    # proof of filing
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    receipt_number = models.CharField(max_length=80, blank=True)
    receiver = models.CharField(max_length=80, blank=True)
    proof = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proof_note = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=4000, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(PaperQuerySet)()
    everywhere = models.Manager.from_queryset(PaperQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            *unique_in_exercise(["number"], "paper_number"),
            models.UniqueConstraint(fields=["incident"], condition=Q(kind=papers.PLAN), name="one_response_plan"),
            models.UniqueConstraint(
                fields=["duty"], condition=Q(duty__isnull=False, filed_at__isnull=True), name="one_unfiled_report"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("response:paper", args=[self.uuid])

    @property
    def is_plan(self) -> bool:
        return self.kind == papers.PLAN

    @property
    def newest(self) -> "PaperVersion":
        """Its latest version; there is always one. Uses what was prefetched."""
        return next(iter(self.versions.all()))

    @property
    def is_late(self) -> bool:
        return bool(self.filed_at and self.due_at and self.filed_at > self.due_at)


class PaperVersion(models.Model):
    """One text. A draft may be edited; once submitted it is immutable, and an edit makes the next version."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("waits for the signature")
        RETURNED = "returned", _("returned")
        SIGNED = "signed", _("signed")
        SUPERSEDED = "superseded", _("superseded")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(default=dict)  # code of a section: its words
    text_hash = models.CharField(max_length=64)  # of the sections and the division of work: what is signed
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")  # whose words it holds: they sign not
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)  # stays when a later version supersedes it
    signed_level = models.PositiveSmallIntegerField(choices=Level, default=Level.UNSET)
    note = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["paper", "number"], name="paper_version_number")]

    def __str__(self) -> str:
        return f"{self.paper} v{self.number}"

    @property
    def sign_url(self) -> str:
        return reverse("response:paper-sign", args=[self.uuid])

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_in_review(self) -> bool:
        return self.state == self.State.IN_REVIEW

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED

    @property
    def parts(self) -> list[tuple[papers.Words, str]]:
        """Heading and words of each section, in order."""
        return [(heading, self.content.get(code, "")) for code, heading, _help in papers.sections(self.paper.kind)]

    @property
    def row_words(self) -> list[str]:
        return [row.in_words for row in self.rows.all()]

    @property
    def as_text(self) -> str:
        return papers.as_text(self.paper.kind, self.content, self.row_words)


class PlannedWork(models.Model):
    """One row of a response plan's division of work: what, who, by when."""

    paper_version = models.ForeignKey(PaperVersion, on_delete=models.PROTECT, related_name="rows")
    what = models.CharField(_("what"), max_length=200)
    who = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who"))
    due_at = models.DateTimeField(_("by when"))
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.what

    @property
    def in_words(self) -> str:
        words = {"what": self.what, "who": self.who, "when": f"{timezone.localtime(self.due_at):%m-%d %H:%M}"}
        return gettext("%(what)s · %(who)s · by %(when)s") % words
