"""Rows that nobody changes: their content has a hash, the audit trail holds that hash too, and the database refuses."""

import uuid
from hashlib import sha256
from typing import Any

from django.db import models

from audit.chain import canonical


class Sealed(models.Model):
    """Base of what `verify_evidence` checks. `seal` is the SHA-256 of `content()`, written with the row."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seal = models.CharField(max_length=64, db_index=True)

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        """Plain values, all that the seal covers: everything but the seal."""
        raise NotImplementedError

    def sealed(self) -> str:
        """What the seal must be."""
        return sha256(canonical(self.content())).hexdigest()
