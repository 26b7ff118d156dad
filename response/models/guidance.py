"""Guidance of an incident: what is to be understood, what is published for it, which events are held."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.models import Incident
from response.models.outreach import Contact


class GuidancePlan(models.Model):
    """What the public is to understand, and by which true messages. One per incident."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="guidance")
    aim = models.CharField(_("aim"), max_length=300)
    messages = models.TextField(_("messages"), max_length=2000)  # one a line
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.aim


class GuidanceItem(models.Model):
    """Something to be published for the plan, by us on an official channel or by a partner in their own name."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        OUT = "out", pgettext_lazy("guidance item", "published")
        DROPPED = "dropped", _("dropped")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="guidance_items")
    title = models.CharField(_("title"), max_length=120)
    message = models.CharField(_("what it says"), max_length=500)
    channel = models.CharField(_("where"), max_length=60)
    partner = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("by"))
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    url = models.URLField(_("web address"), max_length=2000, blank=True)
    out_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it was dropped
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        return self.title


class PressEvent(models.Model):
    """A press conference, an expert interview: when, where, who hosts, run sheet, Q&A, and what came of it."""

    class Kind(models.TextChoices):
        CONFERENCE = "conference", _("press conference")
        BRIEFING = "briefing", _("media briefing")
        INTERVIEW = "interview", _("expert interview")
        VISIT = "visit", _("open day")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        HELD = "held", _("held")
        CANCELLED = "cancelled", pgettext_lazy("event", "cancelled")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="press_events")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=120)
    at = models.DateTimeField(_("when"))
    place = models.CharField(_("place"), max_length=120)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    partners = models.ManyToManyField(Contact, blank=True, related_name="+")
    run_sheet = models.TextField(_("run sheet"), max_length=4000, blank=True)  # one step a line
    questions = models.TextField(_("Q&A"), max_length=20000, blank=True)  # a question, its answer, an empty line
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    held_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(_("outcome"), max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("response:press-event", args=[self.uuid])

    @property
    def steps(self) -> list[str]:
        return [line.strip() for line in self.run_sheet.splitlines() if line.strip()]

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Question and answer of each block; an answer not yet written is empty."""
        lines = "\n".join(line.rstrip() for line in self.questions.splitlines())
        blocks = [block.strip() for block in lines.split("\n\n") if block.strip()]
        return [(question, answer.strip()) for question, _newline, answer in (each.partition("\n") for each in blocks)]
