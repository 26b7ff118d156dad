"""The plan, and the tasks it opens."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incidents.levels import PUBLIC_STEPS, STEPS, ClockKind, Level
from incidents.models import Incident
from response.models.attachments import Attachment


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
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("what changes and why"), max_length=500, blank=True)
    drafted_at = models.DateTimeField(null=True, blank=True)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")  # none of them adopts it (four eyes)
    proposed_at = models.DateTimeField(null=True, blank=True)  # laid before the leadership; an edit takes it back
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="adopted"), name="one_adopted_plan")
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("response:plan-version", args=[self.number])

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class Wave(models.IntegerChoices):
    """How early a task of the plan belongs: what is due when the first word goes out, and what may wait."""

    HALF_HOUR = 30, _("first 30 minutes")
    HOUR = 60, _("first hour")
    FOUR_HOURS = 240, _("first 4 hours")
    DAY = 1440, _("first 24 hours")
    LATER = 9999, _("later")


def wave_of(minutes: int) -> Wave:
    """The wave a deadline falls into, where the plan names none."""
    return next((wave for wave in Wave if minutes <= wave), Wave.LATER)


class PlanTask(models.Model):
    """One line of the plan: at this level, this role does this within these minutes, proved by this evidence."""

    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="tasks")
    level = models.PositiveSmallIntegerField(choices=Level)
    order = models.PositiveSmallIntegerField()
    key = models.SlugField(
        max_length=40
    )  # lines of two levels with one key are the same work: a level change goes on with it
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    roles = models.CharField(max_length=40)  # letters of practice.md C5, the first is responsible: "L/LEG"
    within_minutes = models.PositiveIntegerField()
    wave = models.PositiveSmallIntegerField(choices=Wave, default=Wave.LATER)
    is_on_trigger = models.BooleanField(
        default=False
    )  # the minutes run from an event, not from activation: not opened by a level
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    later_every_minutes = models.PositiveIntegerField(
        null=True, blank=True
    )  # its slower rhythm after the first 24 hours
    evidence = models.CharField(max_length=200)
    evidence_en = models.CharField(max_length=200, blank=True)
    is_starred = models.BooleanField(default=False)  # written in the company's own plan; escalates to the leaders
    article = models.CharField(max_length=60, blank=True)  # the plan's article it comes from
    waits_for = models.JSONField(default=list, blank=True)  # keys of the lines of this level that come before it
    checklist = models.JSONField(default=list, blank=True)  # what it takes, one short line each

    class Meta:
        ordering = ["plan", "level", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "level", "order"], name="one_plan_line"),
            models.UniqueConstraint(fields=["plan", "level", "key"], name="one_plan_key"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def shown_title(self) -> str:
        return self.title_en if in_english() and self.title_en else self.title

    @property
    def shown_evidence(self) -> str:
        return self.evidence_en if in_english() and self.evidence_en else self.evidence

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
    past_deadlines = models.JSONField(default=list, blank=True)  # [{"level", "due_at", "until"}], oldest first
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    is_followed = models.BooleanField(default=False)  # its next round is open already
    evidence = models.TextField(_("evidence"), max_length=4000, blank=True)
    evidence_link = models.URLField(_("link"), max_length=500, blank=True)
    files = models.ManyToManyField(Attachment, related_name="tasks", blank=True)  # evidence too
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
                fields=["due_at"],
                condition=models.Q(every_minutes__isnull=False, is_followed=False, state__in=["open", "doing"]),
                name="task_rounds_due",
            ),
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
        return self.plan_task.shown_title if in_english() and self.plan_task else self.title

    @property
    def shown_evidence_asked(self) -> str:
        return self.plan_task.shown_evidence if in_english() and self.plan_task else self.evidence_asked

    @property
    def wave(self) -> Wave:
        """The plan's; of a task no plan asked for, by how much time it was given."""
        if self.plan_task:
            return Wave(self.plan_task.wave)
        return wave_of(int((self.first_due_at - self.opened_at).total_seconds() // 60))

    @property
    def deadlines_before(self) -> list[tuple[Level, datetime, datetime]]:
        """The deadlines it had before a level change gave it another: of which level, when, until when it held."""
        return [
            (Level(past["level"]), datetime.fromisoformat(past["due_at"]), datetime.fromisoformat(past["until"]))
            for past in self.past_deadlines
        ]


class ChecklistItem(models.Model):
    """One step of a task, ticked by who did it."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="items")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("step"), max_length=200)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["task", "order"]
        constraints = [models.UniqueConstraint(fields=["task", "order"], name="one_checklist_place")]

    def __str__(self) -> str:
        return self.text
