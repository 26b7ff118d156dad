"""The company's accounts on the channels that carry its statements: settings, health, and until when they hold."""

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import secrets

# A token that runs out in the middle of a crisis is the usual failure: warned of so many days before.
WARN_DAYS = (7, 3, 1, 0)


class ChannelAccount(models.Model):
    """One account of the company, or its own newsroom. Without one, or switched off, the channel is served by hand.

    kind    a name of response.channels.ACCOUNTS
    config  the values of the kind's FIELDS, as JSON, encrypted; never shown again
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=24, unique=True, editable=False)
    config = models.BinaryField(default=bytes, editable=False)
    config_set_at = models.DateTimeField(null=True, editable=False)
    is_on = models.BooleanField(default=True, editable=False)
    expires_on = models.DateField(_("authorisation ends on"), null=True, blank=True)
    warned_days = models.SmallIntegerField(null=True, editable=False)  # the last of WARN_DAYS people were told of
    tested_at = models.DateTimeField(null=True, editable=False)
    test_went_well = models.BooleanField(default=False, editable=False)
    test_words = models.CharField(max_length=500, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.kind

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

    def days_left(self, today: date) -> int | None:
        return None if self.expires_on is None else (self.expires_on - today).days

    def is_troubled(self, now: datetime) -> bool:
        """Its last word was an error, and that was not long ago."""
        return self.failures > 0 and self.last_error_at is not None and now - self.last_error_at < timedelta(days=1)
