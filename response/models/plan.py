"""The plan, and the tasks it opens."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incidents.levels import PUBLIC_STEPS, STEPS, ClockKind, Level
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
    # 常设授权: the 工作组组长 decides 三级 alone. Off in every new version; switched by the leadership while in force
    gives_standing_authority = models.BooleanField(default=False)
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


class PlanClock(models.Model):
    """One limit of the plan: at this level, this step of the procedure takes no more than these minutes.

    A kind without a line does not run at that level. Once the plan has a line, incidents.levels.LIMITS no longer count.
    """

    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="clocks")
    level = models.PositiveSmallIntegerField(choices=Level)
    kind = models.CharField(max_length=8, choices=ClockKind)
    within_minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["plan", "level", "id"]
        constraints = [models.UniqueConstraint(fields=["plan", "level", "kind"], name="one_plan_clock")]

    def __str__(self) -> str:
        return f"{self.kind} within {self.within_minutes} minutes"

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.within_minutes)


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
    is_provisional = models.BooleanField(default=False)  # opened by a provisional start that nobody has ratified yet
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
    rebased_at = models.DateTimeField(null=True, blank=True)  # a level change began its time anew
    told_percent = models.PositiveSmallIntegerField(default=0)  # the last share of its time somebody was told of
    next_word_at = models.DateTimeField(null=True, blank=True)  # when the next one is reached; empty: no more
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["owner", "state", "due_at"], name="task_mine"),
            models.Index(
                fields=["next_word_at"], condition=models.Q(next_word_at__isnull=False), name="task_words_due"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("response:task", args=[self.uuid])

    @property
    def steps(self) -> tuple[int, ...]:
        """The shares of its time, in per cent, at which somebody is told."""
        return PUBLIC_STEPS if self.is_starred and not self.every_minutes else STEPS

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
