"""Who may read the trail. This app looks at nobody upstairs, so the role's code stands here, too (kept by a test)."""

from typing import Any

from django.core.exceptions import PermissionDenied

READER = "auditor"


def require_reader(person: Any) -> None:
    """Raises PermissionDenied for everybody but the auditor."""
    if not person.holds(READER):
        raise PermissionDenied("read_trail")
