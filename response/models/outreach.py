"""The people outside whom a company speaks with: the directory, every contact, advisers and what they cost."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from incidents.models import Incident

CHECKED_EVERY = timedelta(days=30)  # 联系人有效性月检 (practice C5, standing tasks)


class ContactKind(models.TextChoices):
    REGULATOR = "regulator", _("regulator")
    ASSOCIATION = "association", _("industry association")
    MEDIA = "media", _("press")
    SELF_MEDIA = "self_media", _("self-media")
    EXPERT = "expert", _("expert")
    LAWYER = "lawyer", _("lawyer")
    AGENCY = "agency", _("PR agency")


ADVISERS = (ContactKind.LAWYER, ContactKind.AGENCY, ContactKind.EXPERT)


class ContactQuerySet(models.QuerySet["Contact"]):
    def in_use(self) -> "ContactQuerySet":
        return self.filter(retired_at__isnull=True)

    def with_last_contact(self) -> "ContactQuerySet":
        """Each carries `last_contact_at`, drills left out; None where nobody ever spoke with them."""
        live = models.Q(entries__incident__exercise__isnull=True)
        return self.annotate(last_contact_at=Max("entries__at", filter=live))

    def to_check(self, now: datetime) -> "ContactQuerySet":
        """Those in use that nobody has found valid for a month."""
        return self.in_use().filter(checked_at__lt=now - CHECKED_EVERY)


class Contact(models.Model):
    """Somebody outside: a person at an organisation, whom one of ours keeps up with."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ContactKind)
    organisation = models.CharField(_("organisation"), max_length=120)
    name = models.CharField(_("name of the person"), max_length=60, blank=True)
    position = models.CharField(_("position"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.TextField(_("what to know"), max_length=1000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()  # somebody found that phone and name still hold
    check_asked_at = models.DateTimeField(null=True, blank=True)  # the owner was told that a check is due
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "name"]
        indexes = [models.Index(fields=["checked_at"], name="contact_check")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("response:contact", args=[self.uuid])

    def needs_check(self, now: datetime) -> bool:
        return self.retired_at is None and self.checked_at < now - CHECKED_EVERY


class ContactEntry(models.Model):
    """One contact about an incident: what was said, what came of it, what comes next. Never edited."""

    class Way(models.TextChoices):
        CALL = "call", _("phone call")
        MEETING = "meeting", _("meeting")
        MESSAGE = "message", _("message")
        LETTER = "letter", pgettext_lazy("way of contact", "letter")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="contacts")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="entries")
    way = models.CharField(_("way"), max_length=8, choices=Way)
    at = models.DateTimeField(_("when"))
    said = models.TextField(_("what was said"), max_length=2000)
    outcome = models.CharField(_("what came of it"), max_length=500, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_step_at = models.DateTimeField(_("next step by"), null=True, blank=True)
    next_step_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)  # its owner was told that the next step is late
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["next_step_at"],
                name="contact_next_step",
                condition=models.Q(next_step_at__isnull=False, done_at__isnull=True, told_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_way_display()}"

    @property
    def is_waiting(self) -> bool:
        return self.next_step_at is not None and self.done_at is None


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, person: User) -> "EngagementQuerySet":
        """Those of no incident, and of the incidents this person may see."""
        seen = models.Q(incident__isnull=True) | models.Q(incident__in=Incident.everywhere.visible_to(person))
        return self.filter(seen)


class Engagement(models.Model):
    """An adviser hired: for what, until when, for how much. Agreed by somebody else than who wrote it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        AGREED = "agreed", _("agreed")
        ENDED = "ended", pgettext_lazy("engagement", "ended")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="engagements")
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="engagements"
    )  # None: a retainer for whatever comes
    scope = models.TextField(_("what they are to do"), max_length=4000)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    fee = models.DecimalField(
        _("fee"), max_digits=12, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at", "-id"]

    def __str__(self) -> str:
        return f"{self.contact} {self.starts_on} – {self.ends_on}"

    def get_absolute_url(self) -> str:
        return reverse("response:engagement", args=[self.uuid])

    def is_over(self, today: date) -> bool:
        return self.state == self.State.AGREED and self.ends_on < today


class Advice(models.Model):
    """What an adviser said, written down by one of ours. Never edited."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="advice")
    text = models.TextField(_("the advice"), max_length=4000)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "advice"

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.at:%F}"


class CostLine(models.Model):
    """Money spent on an engagement. Never edited: a line that was wrong is taken back by one below zero."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="costs")
    spent_on = models.DateField(_("on"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    what = models.CharField(_("for what"), max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["spent_on", "id"]

    def __str__(self) -> str:
        return f"{self.spent_on} {self.amount}"
