"""How the visits of sources went."""

from django.db import models
from django.utils.translation import gettext

from opinion.models import Source, SourceHealth


class Poll(models.Model):
    """How one poll of a source went."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="polls", db_index=False)
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    health = models.CharField(max_length=16, choices=SourceHealth)
    words = models.CharField(max_length=300, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    entries = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["source", "-started_at"], name="polls_of_a_source")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.health}"

    @property
    def sentence(self) -> str:
        """How it went, for the person who asked for it."""
        if self.health == SourceHealth.OK:
            return gettext("Polled: %(entries)s entries, %(new)s of them new.") % {
                "entries": self.entries,
                "new": self.entries - self.known,
            }
        return f"{self.get_health_display()}. {self.words}".strip()
