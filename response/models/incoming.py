"""来函来电台账: what comes in from outside and wants an answer."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import User
from accounts.roles import LEADERS, SPEAKERS, TEAM, Role
from incidents.models import Incident
from response.models.attachments import Attachment


class IncomingQuerySet(models.QuerySet["Incoming"]):
    def visible_to(self, person: User) -> "IncomingQuerySet":
        """Those of the incidents this person may see, those they answer, and, for the desk, those of no incident."""
        if not person.is_authenticated or not person.is_active:
            return self.none()
        theirs = Q(owner=person) | Q(incident__in=Incident.everywhere.visible_to(person))
        if person.holds(*TEAM, *LEADERS, *SPEAKERS, Role.MONITOR, Role.AUDITOR):
            theirs |= Q(incident__isnull=True)
        return self.filter(theirs)

    def open(self) -> "IncomingQuerySet":
        return self.filter(state__in=Incoming.OPEN)


class Incoming(Exercised):
    """A letter, call or request, with who answers it by when, in which words, and the proof that it was answered."""

    class Kind(models.TextChoices):
        REGULATOR = "regulator", _("regulator")
        MEDIA = "media", _("interview request")
        HOTLINE = "hotline", _("12345 hotline")
        INVESTOR = "investor", _("investor")
        OTHER = "other", pgettext_lazy("kind of letter", "other")

    class Means(models.TextChoices):
        LETTER = "letter", _("letter")
        PHONE = "phone", pgettext_lazy("means", "phone")
        MAIL = "mail", pgettext_lazy("means", "e-mail")
        VISIT = "visit", pgettext_lazy("means", "visit")
        PLATFORM = "platform", pgettext_lazy("means", "online platform")

    class Attention(models.TextChoices):
        """What a regulator's letter is: keys of incidents.severity.REGULATOR, which feed the index."""

        NONE = "", _("none of these")
        FORWARDED = "forwarded", _("complaint passed on (转办)")
        INQUIRY = "inquiry", _("letter of inquiry (问询函)")
        CASE = "case", _("case opened or summoned (立案、约谈)")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("letter", "to be answered")
        WAITING = "waiting", pgettext_lazy("letter", "line waits for approval")
        APPROVED = "approved", pgettext_lazy("letter", "line approved")
        REPLIED = "replied", pgettext_lazy("letter", "answered")
        CLOSED = "closed", pgettext_lazy("letter", "needs no answer")

    OPEN = (State.OPEN, State.WAITING, State.APPROVED)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=24)  # LH-2026-001
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="incoming")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    means = models.CharField(_("how it came"), max_length=10, choices=Means, default=Means.PHONE)
    attention = models.CharField(_("what the regulator does"), max_length=10, choices=Attention, blank=True, default="")
    sender = models.CharField(_("who"), max_length=120)
    contact = models.CharField(_("how to reach them"), max_length=120, blank=True)
    reference = models.CharField(_("their number"), max_length=80, blank=True)
    asks = models.TextField(_("what they ask"), max_length=4000)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("answer by"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    original = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    line = models.TextField(_("line"), max_length=4000, blank=True)
    line_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    line_returned = models.CharField(max_length=500, blank=True)  # why the line was not approved
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)  # answered, or closed without an answer
    end_note = models.CharField(max_length=1000, blank=True)  # how it was answered, or why not
    proof_link = models.URLField(max_length=500, blank=True)
    proof = models.ForeignKey(Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    told_percent = models.PositiveSmallIntegerField(default=0)
    next_word_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager.from_queryset(IncomingQuerySet)()
    everywhere = models.Manager.from_queryset(IncomingQuerySet)()

    class Meta(Exercised.Meta):
        ordering = ["due_at", "id"]
        constraints = [*unique_in_exercise(["number"], "incoming_number")]
        indexes = [
            models.Index(fields=["state", "due_at"], name="incoming_due"),
            models.Index(fields=["next_word_at"], condition=Q(next_word_at__isnull=False), name="incoming_words_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.sender}"

    def get_absolute_url(self) -> str:
        return reverse("response:incoming-one", args=[self.uuid])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def public_name(self) -> str:
        """What a lock screen may show."""
        return self.number if self.incident is not None and self.incident.is_confidential else str(self)
