"""承诺台账: what the company promised in public, by whom and until when."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from incidents.models import Incident
from response.models.plan import Task
from response.models.statements import Statement, StatementVersion


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, person: User) -> "PromiseQuerySet":
        return self.filter(incident__in=Incident.everywhere.visible_to(person))


class Promise(models.Model):
    """A sentence of a statement that somebody must keep. Its task opens when the statement leaves."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="promises")
    sentence = models.CharField(_("promise"), max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(_("promised for"))
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    public_at = models.DateTimeField(null=True, blank=True)  # when a version with this sentence left
    version = models.ForeignKey(StatementVersion, null=True, on_delete=models.PROTECT, related_name="+")
    task = models.OneToOneField(Task, null=True, on_delete=models.PROTECT, related_name="promise")

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]

    def __str__(self) -> str:
        return self.sentence

    @property
    def is_public(self) -> bool:
        return self.public_at is not None

    @property
    def is_kept(self) -> bool:
        return self.task is not None and self.task.state == Task.State.DONE

    @property
    def is_given_up(self) -> bool:
        return self.task is not None and self.task.state in (Task.State.WAIVED, Task.State.CANCELLED)

    def is_late(self, now: datetime) -> bool:
        return self.task is not None and self.task.is_unfinished and self.due_at < now
