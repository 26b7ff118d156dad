"""What the company says, in versions, and who signed which words."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import User
from accounts.roles import DEPARTMENTS, LEADERS, SPEAKERS, TEAM, Role
from incidents.levels import Level
from incidents.models import Incident
from response.models.facts import Fact


class StatementKind(models.TextChoices):
    """The templates of the plan (practice C6)."""

    T0 = "T0", _("first statement of concern")
    T1 = "T1", _("rumour clarification")
    T1B = "T1b", _("disaster or attack from outside")
    T2 = "T2", _("accident statement")
    T2B = "T2b", _("answer to a challenge")
    T3 = "T3", _("apology and remedy")
    T4 = "T4", _("progress report")
    T5 = "T5", _("correction")
    T6 = "T6", _("closing statement")


def reads_drafts(person: User) -> bool:
    """Who only audits reads every act, and of words those that were published."""
    return not person.holds(Role.AUDITOR) or person.holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS)


class CrisisCluster(models.TextChoices):
    """Who is held responsible (SCCT): it decides what may be said."""

    VICTIM = "victim", _("victim cluster")
    ACCIDENT = "accident", _("accident cluster")
    PREVENTABLE = "preventable", _("preventable cluster")


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, person: User) -> "StatementQuerySet":
        """Where every page of statements starts: those of the incidents this person may see."""
        seen = self.filter(incident__in=Incident.everywhere.visible_to(person))
        if reads_drafts(person):
            return seen
        return seen.filter(pk__in=StatementVersion.objects.readable_by(person).values("statement"))


class Statement(Exercised):
    """What the company says about an incident. Its text lives in versions."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="statements")
    number = models.CharField(max_length=24)  # SM-2026-001
    kind = models.CharField(_("template"), max_length=3, choices=StatementKind, default=StatementKind.T0)
    cluster = models.CharField(_("crisis cluster"), max_length=12, choices=CrisisCluster, blank=True)
    intensifiers = models.JSONField(default=list, blank=True)  # codes: what makes the public blame us more
    holding = models.ForeignKey(
        "response.HoldingText", null=True, blank=True, on_delete=models.PROTECT, related_name="statements"
    )  # the text approved in peacetime it was made from
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = LiveManager.from_queryset(StatementQuerySet)()
    everywhere = models.Manager.from_queryset(StatementQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-created_at"]
        constraints = [*unique_in_exercise(["number"], "statement_number")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("response:statement", args=[self.uuid])

    @property
    def newest(self) -> "StatementVersion":
        """Its latest version; there is always one. Uses what was prefetched."""
        return next(iter(self.versions.all()))


class StatementVersionQuerySet(models.QuerySet["StatementVersion"]):
    def readable_by(self, person: User) -> "StatementVersionQuerySet":
        """Of statements this person may see, the versions whose words they may read."""
        return self if reads_drafts(person) else self.filter(releases__sent_at__isnull=False).distinct()


class StatementVersion(models.Model):
    """One text. A draft may be edited; once in review it is immutable, and an edit makes the next version."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in sign-off")
        RELEASABLE = "releasable", _("releasable")
        SUPERSEDED = "superseded", _("superseded")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=20000)
    channel_words = models.JSONField(
        default=dict, blank=True
    )  # a person's own text by channel, instead of the made one
    text_hash = models.CharField(max_length=64)  # of title, text and channel_words: what an approval is bound to
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    facts = models.ManyToManyField(Fact, blank=True, related_name="+")
    change_note = models.CharField(
        _("what changed and why"), max_length=500, blank=True
    )  # public, once a version is corrected
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+"
    )  # all whose words it holds: none of them signs
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(
        choices=Level, default=Level.UNSET
    )  # whose sign-off rule applied at submission
    releasable_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = StatementVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["statement", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.statement} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_in_review(self) -> bool:
        return self.state == self.State.IN_REVIEW

    @property
    def is_releasable(self) -> bool:
        return self.state == self.State.RELEASABLE

    @property
    def is_out(self) -> bool:
        """Published somewhere, and not taken down everywhere."""
        return any(release.state == "sent" for release in self.known_releases)

    @property
    def is_withdrawn(self) -> bool:
        """Published once, and taken down everywhere since."""
        return not self.is_out and any(release.sent_at for release in self.known_releases)

    @property
    def known_releases(self) -> list[Any]:
        """Its releases, a drill's too; `all_releases` when a selector fetched them along."""
        fetched: list[Any] | None = getattr(self, "all_releases", None)
        return list(self.releases(manager="everywhere").all()) if fetched is None else fetched

    @property
    def is_returned(self) -> bool:
        """A signer sent it back: only an edit, that is a next version, goes on from here."""
        return any(signoff.state == SignOff.State.RETURNED for signoff in self.signoffs.all())


class StatementLook(models.Model):
    """When a person last saw a version in full, so that a later one shows them what changed since."""

    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="looks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version__number"]
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="one_look_per_version")]

    def __str__(self) -> str:
        return f"{self.person_id} saw {self.version_id}"


class Signature(models.Model):
    """One place to sign, and who gave or refused it. Bound to the text's hash."""

    class Place(models.TextChoices):
        LEGAL = "legal", _("legal")
        TEAM_HEAD = "team_head", _("working group head")
        LEADER = "leader", _("leader")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    place = models.CharField(max_length=10, choices=Place)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    text_hash = models.CharField(max_length=64)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.place} {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING


class SignOff(Signature):
    """One signature a version needs."""

    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="signoffs")
    image_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the picture that was signed with the text

    class Meta(Signature.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "place"], name="one_signature_per_place")]


class StatementComment(models.Model):
    """A remark on a version, open until somebody resolves it. Signers see the open ones."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.CharField(_("comment"), max_length=1000)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.version_id}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class CheckOverride(models.Model):
    """法务 and the 工作组组长 together let pass what the checks block: these findings in the text of this hash."""

    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="overrides")
    text_hash = models.CharField(max_length=64)
    covers = models.JSONField(default=list)  # [rule, where, excerpt, detail] of each blocking finding
    reason = models.CharField(max_length=500)
    legal = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    legal_at = models.DateTimeField(null=True, blank=True)
    team_head = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    team_head_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "text_hash"], name="one_override_per_text")]

    def __str__(self) -> str:
        return f"override of {self.version_id}"

    @property
    def is_complete(self) -> bool:
        return self.legal_id is not None and self.team_head_id is not None
