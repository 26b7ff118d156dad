"""The plan, the tasks it opens, facts, statements, and their releases."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident


def in_english() -> bool:
    """Whether the reader's page is in English: the plan's own words exist in both languages."""
    return (get_language() or "").startswith("en")


# The plan's role letters as people say them; who takes one on an incident: response.owners.
ROLE_WORDS = {
    "L": _("leadership group head"),
    "D": _("leadership group deputy"),
    "M": _("leadership group member"),
    "W": _("working group head"),
    "PR": _("public relations"),
    "LEG": _("legal"),
    "MKT": _("marketing"),
    "TEC": _("technology"),
    "S": _("spokesperson"),
    "MON": _("monitor on duty"),
    "DEP": _("department concerned"),
}


class PlanVersion(models.Model):
    """A version of the plan (预案). The leadership adopts a draft; an incident keeps the version it began with."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ADOPTED = "adopted", _("adopted")
        RETIRED = "retired", _("retired")

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="adopted"), name="one_adopted_plan")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class PlanTask(models.Model):
    """One line of the plan: at this level, this role does this within these minutes, proved by this evidence."""

    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="tasks")
    level = models.PositiveSmallIntegerField(choices=Level)
    order = models.PositiveSmallIntegerField()
    key = models.SlugField(
        max_length=40
    )  # lines of two levels with one key are the same work: a level change goes on with it
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    roles = models.CharField(max_length=40)  # letters of practice.md C5, the first is responsible: "L/LEG"
    within_minutes = models.PositiveIntegerField()
    is_on_trigger = models.BooleanField(
        default=False
    )  # the minutes run from an event, not from activation: not opened by a level
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    later_every_minutes = models.PositiveIntegerField(
        null=True, blank=True
    )  # its slower rhythm after the first 24 hours
    evidence = models.CharField(max_length=200)
    evidence_en = models.CharField(max_length=200)
    is_starred = models.BooleanField(default=False)  # written in the company's own plan; escalates to the leaders
    article = models.CharField(max_length=60, blank=True)  # the plan's article it comes from

    class Meta:
        ordering = ["plan", "level", "order"]
        constraints = [models.UniqueConstraint(fields=["plan", "level", "order"], name="one_plan_line")]

    def __str__(self) -> str:
        return self.title

    @property
    def shown_title(self) -> str:
        return self.title_en if in_english() else self.title

    @property
    def shown_evidence(self) -> str:
        return self.evidence_en if in_english() else self.evidence

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.within_minutes)

    @property
    def every(self) -> timedelta | None:
        return timedelta(minutes=self.every_minutes) if self.every_minutes else None

    @property
    def roles_in_words(self) -> str:
        """The letters as people say them, the first one responsible."""
        return " → ".join(str(ROLE_WORDS.get(letter, letter)) for letter in self.roles.split("/"))


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, person: User) -> "TaskQuerySet":
        """Tasks of the incidents this person may see, and those given to them."""
        theirs = models.Q(owner=person) | models.Q(deputy=person)
        return self.filter(theirs | models.Q(incident__in=Incident.everywhere.visible_to(person)))

    def unfinished(self) -> "TaskQuerySet":
        return self.filter(state__in=Task.UNFINISHED)


class Task(models.Model):
    """Something a person must finish for an incident. One owning department, one person (P2)."""

    class State(models.TextChoices):
        OPEN = "open", _("to do")
        DOING = "doing", _("in progress")
        DONE = "done", _("done")
        WAIVED = "waived", _("not needed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED = (State.OPEN, State.DOING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tasks")
    plan_task = models.ForeignKey(PlanTask, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("task"), max_length=200)
    level = models.PositiveSmallIntegerField(choices=Level)  # the level that asked for it
    is_starred = models.BooleanField(default=False)
    evidence_asked = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        "accounts.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    first_due_at = models.DateTimeField()  # before any level change re-based it
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    evidence = models.TextField(_("evidence"), max_length=4000, blank=True)
    finished_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    waive_reason = models.CharField(max_length=500, blank=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True)  # the one reminder at 100 % was sent
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["owner", "state", "due_at"], name="task_mine")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("response:task", args=[self.uuid])

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def shown_title(self) -> str:
        """The title in the reader's language: the plan has both."""
        return self.plan_task.title_en if in_english() and self.plan_task else self.title

    @property
    def shown_evidence_asked(self) -> str:
        return self.plan_task.evidence_en if in_english() and self.plan_task else self.evidence_asked


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


class StatementKind(models.TextChoices):
    """The templates of the plan (practice C6)."""

    T0 = "T0", _("first statement of concern")
    T1 = "T1", _("rumour clarification")
    T2 = "T2", _("accident statement")
    T3 = "T3", _("apology and remedy")
    T4 = "T4", _("progress report")
    T5 = "T5", _("correction")
    T6 = "T6", _("closing statement")


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, person: User) -> "StatementQuerySet":
        """Where every page of statements starts: those of the incidents this person may see."""
        return self.filter(incident__in=Incident.everywhere.visible_to(person))


class Statement(Exercised):
    """What the company says about an incident. Its text lives in versions."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="statements")
    number = models.CharField(max_length=24)  # SM-2026-001
    kind = models.CharField(_("template"), max_length=2, choices=StatementKind, default=StatementKind.T0)
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
    text_hash = models.CharField(max_length=64)  # SHA-256 of title, newline, text: what an approval is bound to
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


class SignOff(models.Model):
    """One signature a version needs, and who gave or refused it. Bound to the text's hash."""

    class Place(models.TextChoices):
        LEGAL = "legal", _("legal")
        TEAM_HEAD = "team_head", _("working group head")
        LEADER = "leader", _("leader")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")

    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="signoffs")
    place = models.CharField(max_length=10, choices=Place)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    text_hash = models.CharField(max_length=64)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "place"], name="one_signature_per_place")]

    def __str__(self) -> str:
        return f"{self.place} {self.state}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING


class Release(Exercised):
    """One version on one channel, exactly once. The worker claims it, writes the attempt before it calls."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued for release")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("released")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("to be confirmed")
        WITHDRAWN = "withdrawn", _("taken down")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(StatementVersion, on_delete=models.PROTECT, related_name="releases")
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    is_manual = models.BooleanField(default=False)  # a person publishes it by hand and pastes the address back
    text_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000, blank=True)
    public_at = models.DateTimeField(null=True, blank=True)  # the newsroom's own mark, set once whoever calls twice
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(
        max_length=500, blank=True
    )  # what the channel said, or why it was taken down: that is public

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["-requested_at", "-id"]
        constraints = [*unique_in_exercise(["version", "channel"], "released_once")]
        indexes = [models.Index(fields=["channel", "state", "-sent_at"], name="newsroom_order")]

    def __str__(self) -> str:
        return f"{self.version} on {self.channel}"

    @property
    def channel_label(self) -> str:
        from response.channels import label_of  # the channels know this model

        return label_of(self.channel)

    @property
    def needs_hand(self) -> bool:
        """A person must act: publish it by hand, or look whether it is there."""
        return self.state == self.State.UNKNOWN or (self.is_manual and self.state == self.State.QUEUED)


class ReleaseAttempt(models.Model):
    """Written before the channel is called, so that a killed worker leaves a trace instead of a second publication."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Release.State, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["release", "number"], name="attempt_number")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.release_id}"
