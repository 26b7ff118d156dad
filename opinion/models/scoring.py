"""Which models score."""

from django.db import models
from django.db.models import Q


class SentimentModel(models.Model):
    """A trained model: its file, its figures, and whether the desk scores with it. Old scores keep their version."""

    version = models.CharField(max_length=60, unique=True)
    engine = models.CharField(max_length=20)
    path = models.CharField(max_length=500)
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine"], condition=Q(is_used=True), name="one_used_model_per_engine")
        ]

    def __str__(self) -> str:
        return self.version
