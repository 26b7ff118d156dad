"""Files that people attach to their work."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from incidents.models import Incident


class Attachment(models.Model):
    """A file somebody attached, kept by its hash. What it belongs to points at it; never deleted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="files"
    )  # a letter may have none
    sha256 = models.CharField(max_length=64, db_index=True)  # where it lies, and the proof that it is the same
    name = models.CharField(max_length=200)  # as it was uploaded, for people to recognise it; never a path or a header
    content_type = models.CharField(max_length=80)  # by its content, not by its name
    size = models.PositiveIntegerField()  # bytes
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["uploaded_at", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("response:attachment", args=[self.uuid])
