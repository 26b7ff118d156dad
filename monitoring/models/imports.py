"""Files of posts that people brought: CSV, XLSX, JSON Lines."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opinion.models import Post, Source, Watch


class Import(models.Model):
    """One file: which column is what, how far it is, what became of it. It can be taken back as a whole."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        JSONL = "jsonl", "JSON Lines"

    class State(models.TextChoices):
        MAPPING = "mapping", _("columns to be named")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)  # of the file, as it was uploaded
    format = models.CharField(max_length=5, choices=Format)
    sha256 = models.CharField(max_length=64)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    watch = models.ForeignKey(  # its rows are kept for this one even where no rule wants them
        Watch, null=True, on_delete=models.PROTECT, related_name="+"
    )
    mapping = models.JSONField(default=dict)  # our field: column of the file
    state = models.CharField(max_length=7, choices=State, default=State.MAPPING)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    heard = models.PositiveIntegerField(default=0)  # taken, but no watch wants it
    duplicate = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    posts = models.ManyToManyField(Post, related_name="imports")  # what it brought that was new
    words = models.CharField(max_length=300, blank=True)  # why it failed: a code of monitoring.reading.rows
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()  # when the file was brought
    started_at = models.DateTimeField(null=True)  # what its source first showed from then to `ended_at` came with it
    leased_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name


class RejectedRow(models.Model):
    """A row that could not be taken: which one, what is wrong with which column."""

    of = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="rejected_rows")
    number = models.PositiveIntegerField()  # as a person counts in the file: its line, or its row in the sheet
    column = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=40)  # a code of monitoring.reading.rows

    class Meta:
        ordering = ["of", "number"]
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="rejected_row_once")]

    def __str__(self) -> str:
        return f"{self.of_id} {self.number} {self.reason}"
