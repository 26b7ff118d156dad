"""The channels a company has, who is told on which, and when people want their peace."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import secrets
from accounts.roles import Role
from notices.models.notices import Urgency


class NoticeChannel(models.Model):
    """One way out of the house: a mail server, an enterprise app, a robot in a group chat.

    kind    a name of notices.channels.CHANNELS
    config  the values of the kind's FIELDS, as JSON, encrypted
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=24, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    config = models.BinaryField(default=bytes, editable=False)
    config_set_at = models.DateTimeField(null=True, editable=False)
    is_on = models.BooleanField(default=True, editable=False)
    off_words = models.CharField(max_length=500, blank=True, editable=False)  # why the desk itself switched it off
    paused_until = models.DateTimeField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)
    test_went_well = models.BooleanField(default=False, editable=False)
    test_words = models.CharField(max_length=500, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    refusals = models.PositiveIntegerField(default=0, editable=False)  # in a row, for good
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def settings(self) -> dict[str, str]:
        """The configuration in the clear. Hand it to the adapter and to nobody else."""
        return json.loads(secrets.decrypt(bytes(self.config))) if self.config else {}

    @settings.setter
    def settings(self, values: Mapping[str, str]) -> None:
        self.config = secrets.encrypt(json.dumps(dict(values)))

    @property
    def readable_settings(self) -> dict[str, str]:
        """The same for pages: nothing, where the key they were encrypted with is gone."""
        try:
            return self.settings
        except InvalidToken:
            return {}

    def is_resting(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now


class NoticeRoute(models.Model):
    """路由: whose notices a channel carries. A person's own routes count before a role's, and those before everybody's.

    For a group chat: what is posted there; it has neither role nor person.
    """

    channel = models.ForeignKey(
        NoticeChannel, on_delete=models.CASCADE, related_name="routes", verbose_name=_("channel")
    )
    role = models.CharField(_("role"), max_length=24, choices=Role, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    least = models.PositiveSmallIntegerField(_("at least"), choices=Urgency, default=Urgency.CALM)
    since = models.TimeField(_("from"), null=True, blank=True)  # hours of the company's day, may pass midnight
    until = models.TimeField(_("until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("place in the order"), default=10)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role="") | Q(person__isnull=True), name="route_for_role_or_person"),
            models.CheckConstraint(
                condition=Q(since__isnull=True, until__isnull=True) | Q(since__isnull=False, until__isnull=False),
                name="route_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.role or self.person_id or '*'}"


class NoticeRule(models.Model):
    """The company's own numbers: when it is quiet, and how soon somebody should have said 收到."""

    quiet_from = models.TimeField(_("quiet from"), default=time(22, 0))
    quiet_until = models.TimeField(_("quiet until"), default=time(7, 30))
    now_minutes = models.PositiveSmallIntegerField(_("level one: minutes to acknowledge"), default=5)
    soon_minutes = models.PositiveSmallIntegerField(_("level two: minutes to acknowledge"), default=15)
    calm_minutes = models.PositiveSmallIntegerField(_("level three: minutes to acknowledge"), default=60)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.quiet_from}–{self.quiet_until}"

    def time_for(self, urgency: int) -> timedelta:
        """How long an acknowledgement may take."""
        minutes = {Urgency.NOW: self.now_minutes, Urgency.SOON: self.soon_minutes, Urgency.CALM: self.calm_minutes}
        return timedelta(minutes=minutes[Urgency(urgency)])


class QuietHours(models.Model):
    """A person's own quiet hours, instead of the company's. The same time twice: none at all."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiet_hours")
    quiet_from = models.TimeField(_("quiet from"))
    quiet_until = models.TimeField(_("quiet until"))

    def __str__(self) -> str:
        return f"{self.quiet_from}–{self.quiet_until}"
