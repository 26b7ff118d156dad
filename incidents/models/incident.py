"""The incident, who works on it and what posts it holds."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import Department, User
from accounts.roles import LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import delegations_in_force, people_with
from incidents.levels import OPEN_STAGES, Level
from incidents.lifecycle import Lifecycle
from monitoring.models import Signal
from opinion.models import Post, Topic


class NumberSeries(models.Model):
    """Readable numbers without gaps or races: one locked counter per prefix, year and exercise."""

    prefix = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey("accounts.Exercise", null=True, on_delete=models.PROTECT, related_name="+")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [*unique_in_exercise(["prefix", "year"], "one_number_series")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:03d}"


class AffectedKind(models.Model):
    """What an incident harms (P3): 企业声誉, 品牌形象, 产品质量, 经营活动, and those the company adds.

    A retired kind stays on the incidents that have it and is offered to no other.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


def stands_in_for_a_leader(person: User) -> bool:
    """Who decides in a leader's name must see what the leader would see; by the wall clock, in a drill too."""
    return delegations_in_force(clock.now()).filter(delegate=person, principal__in=people_with(*LEADERS)).exists()


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, person: User) -> "IncidentQuerySet":
        """Where every page starts: what this person may know of. No right, no row."""
        if not person.is_authenticated or not person.is_active:
            return self.none()
        inside = Q(pk__in=Membership.objects.current().filter(person=person).values("incident"))
        if person.holds(*LEADERS, Role.AUDITOR) or stands_in_for_a_leader(person):
            return self
        if person.holds(*TEAM, *SPEAKERS, Role.MONITOR):
            return self.filter(Q(is_confidential=False) | inside)
        if person.holds(Role.DEPARTMENT_HEAD) and person.department_id is not None:
            return self.filter(Q(is_confidential=False, department=person.department_id) | inside)
        return self.filter(inside)

    def open(self) -> "IncidentQuerySet":
        return self.filter(stage__in=OPEN_STAGES)


class Incident(Lifecycle, Exercised):
    """舆情事件. `stage` and `level` move only through incidents.services.move."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=24)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("what happened"), max_length=4000, blank=True)
    affects = models.ManyToManyField(AffectedKind, verbose_name=_("affects"), blank=True, related_name="incidents")
    department = models.ForeignKey(
        Department,
        verbose_name=_("owning department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lead"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_incidents",
    )
    is_confidential = models.BooleanField(_("confidential"), default=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    first_known_at = models.DateTimeField()  # 获知: public and legal clocks run from here
    first_post_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)  # the level was confirmed: internal clocks run from here
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed")
    posts = models.ManyToManyField(Post, through="IncidentPost", related_name="incidents")
    topics = models.ManyToManyField(Topic, blank=True, related_name="incidents")
    signals = models.ManyToManyField(Signal, blank=True, related_name="incidents")
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(IncidentQuerySet)()
    everywhere = models.Manager.from_queryset(IncidentQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["-opened_at"]
        constraints = [*unique_in_exercise(["number"], "incident_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def position(self) -> dict[str, object]:
        """Where it stands, as the timeline keeps it."""
        return {"stage": str(self.stage), "level": int(self.level)}

    @property
    def level_label(self) -> str:
        return str(Level(self.level).label)

    @property
    def stage_before_merging(self) -> str:
        """Where it stood when it last went into another incident; undoing that returns it there."""
        return str(self.departures.filter(kind="merge")[0].effects["stage"])

    @property
    def public_name(self) -> str:
        """What a lock screen may show: a confidential incident goes by its number alone."""
        return self.number if self.is_confidential else f"{self.number} {self.title}"

    @property
    def about(self) -> str:
        """What its notices are about (settings.NOTICE_SUBJECTS)."""
        return f"incident:{self.uuid}"

    def get_absolute_url(self) -> str:
        return reverse("incidents:detail", args=[self.number])


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        return self.filter(removed_at__isnull=True)


class Membership(models.Model):
    """Who works on an incident, and therefore may see it. Leaving marks the row, so that the record of both stays."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    function = models.CharField(_("what they do here"), max_length=60, blank=True)  # 分工 in the command centre
    on_since = models.DateTimeField(null=True, blank=True)  # 到岗: they said that they are at work on it now

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "person"], condition=Q(removed_at__isnull=True), name="member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.incident_id}"


class IncidentPost(models.Model):
    """A post attached to an incident. Detaching marks the row, so that the record of both stays."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="attachments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="attachments")
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()
    detached_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(
        null=True, blank=True
    )  # the merge or split that made it was undone: it says nothing

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "post"], condition=Q(detached_at__isnull=True), name="post_attached_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} in {self.incident_id}"
