"""What is measured, and the level that is asked for and decided."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.levels import COUNTERSIGN_WITHIN, END_WITHIN, LIMITS, RATIFY_WITHIN, ClockKind, Level, graver
from incidents.limits import due
from incidents.models.incident import Incident


class Assessment(models.Model):
    """Factors measured, severity computed, level suggested; inputs and formula make it recomputable bit for bit."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    formula = models.CharField(max_length=20)
    inputs = models.JSONField()
    severity = models.FloatField()  # 0-100
    confidence = models.FloatField()  # share of the weights that was known, 0-1
    parts = models.JSONField()  # factors, items, contributions
    red_lines = models.JSONField(default=list)
    suggestion = models.CharField(max_length=10)  # attention, 3, 2, 1
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.severity:.1f} → {self.advice}"

    @property
    def advice(self) -> str:
        """What it comes to: the level a person said instead of the formula's, else the formula's."""
        return str(self.parts["entered"].get("suggestion") or self.suggestion)


class LevelRequest(models.Model):
    """What the leadership is asked: a level, or the end of the response (`kind`), and what was decided about it.

    One open request per incident, never decided by who asked. A provisional start (先行启动) is open, too: its level
    has moved already; the first leader to decide ratifies or revokes it. from_level and to_level are the same where the
    response is to end. See docs/adr/0027.
    """

    class Kind(models.TextChoices):
        LEVEL = "level", _("level")
        END = "end", _("end of the response")

    class Way(models.TextChoices):
        ASKED = "asked", _("asked for")
        PROVISIONAL = "provisional", _("started provisionally")
        STANDING = "standing", _("under the standing authority")

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for a decision")
        PROVISIONAL = "provisional", _("provisional, waiting to be ratified")
        APPROVED = "approved", _("approved")
        ORAL = "oral", _("approved by word of mouth, waiting for the countersignature")
        DECIDED_OTHERWISE = "decided_otherwise", _("decided otherwise")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        TAKEN_BACK = "taken_back", _("taken back")
        REVOKED = "revoked", _("revoked")

    OPEN = (State.REQUESTED, State.PROVISIONAL)
    UNDONE = (State.TAKEN_BACK, State.REVOKED)
    MOVED = (State.PROVISIONAL, State.APPROVED, State.ORAL, State.DECIDED_OTHERWISE, *UNDONE)  # level or stage

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="level_requests")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LEVEL)
    way = models.CharField(max_length=12, choices=Way, default=Way.ASKED)
    from_level = models.PositiveSmallIntegerField(choices=Level)
    to_level = models.PositiveSmallIntegerField(choices=Level)
    reason = models.TextField(max_length=2000)
    state = models.CharField(max_length=20, choices=State, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_for = models.ForeignKey(  # the 工作组组长 in whose name it was started
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_level = models.PositiveSmallIntegerField(choices=Level, null=True)
    decision_note = models.TextField(max_length=2000, blank=True)
    stage_before = models.CharField(max_length=12, blank=True)  # so that a decision taken back returns there
    climbed_at = models.DateTimeField(null=True)  # when the leadership group was last told of an unratified start
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(state__in=["requested", "provisional"]),
                name="one_open_level_request_per_incident",
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_level} → {self.to_level} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:decide", args=[self.uuid])

    @property
    def is_waiting(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_provisional(self) -> bool:
        """In force, and waiting to be ratified."""
        return self.state == self.State.PROVISIONAL

    @property
    def is_end(self) -> bool:
        return self.kind == self.Kind.END

    @property
    def ends_response(self) -> bool:
        """Whether the response ends by it: asked for, and not decided otherwise."""
        return self.is_end and self.decided_level in (None, self.from_level)

    @property
    def due_at(self) -> datetime:
        """When a decision should have been taken: what its clock says, or will say once the request is on record."""
        if hasattr(self, "clock"):
            return self.clock.due_at
        return due(self.gravest, self.requested_at, self.minutes_to_decide(LIMITS))

    @property
    def gravest(self) -> Level:
        """The graver of the two levels: the one that says who decides, and how soon."""
        return Level(graver(self.from_level, self.to_level))

    def minutes_to_decide(self, limits: Mapping[str, Mapping[int, int]]) -> int:
        """How long a decision may take; `limits` as of services.clocks. 0: no limit is set."""
        if self.way == self.Way.PROVISIONAL:
            return RATIFY_WITHIN // timedelta(minutes=1)
        if self.is_end:
            return END_WITHIN // timedelta(minutes=1)
        return limits.get(ClockKind.DECIDE, {}).get(self.gravest, 0)

    @property
    def clock_label(self) -> str:
        """What its clock counts down to."""
        if self.is_provisional:
            return gettext("Ratifying %(level)s") % {"level": self.get_to_level_display()}
        if self.is_end:
            return gettext("Decision on ending the response")
        return gettext("Decision on %(level)s") % {"level": self.get_to_level_display()}


class OralApproval(models.Model):
    """口头批准: what a leader said by phone or chat, as somebody else put it down. Stands until the countersignature.

    The request carries the leader as its decider; this row says how we know.
    """

    class Means(models.TextChoices):
        PHONE = "phone", _("by phone")
        CHAT = "chat", _("by chat message")
        IN_PERSON = "in_person", _("in person")

    request = models.OneToOneField(LevelRequest, on_delete=models.PROTECT, related_name="oral")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    means = models.CharField(max_length=10, choices=Means)
    words = models.TextField(max_length=2000)  # what was said, who heard it, what shows it
    file_sha256 = models.CharField(max_length=64, blank=True)  # a picture of the chat, kept like evidence of a post
    file_name = models.CharField(max_length=200, blank=True)
    file_type = models.CharField(max_length=60, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # countersigned, or denied
    flagged_at = models.DateTimeField(null=True)  # nobody had answered within 24 hours

    def __str__(self) -> str:
        return f"{self.given_by_id} {self.means} {self.given_at:%F %H:%M}"

    @property
    def due_at(self) -> datetime:
        return self.recorded_at + COUNTERSIGN_WITHIN
