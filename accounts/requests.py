"""What a view behind `login_required` is given: the request, and what its address says."""

from uuid import UUID

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class DeskRequest(HttpRequest):
    """Somebody is signed in, and django-htmx has looked at it."""

    user: User
    htmx: HtmxDetails


def as_uuid(text: str) -> UUID | None:
    """A public id out of an address, None where somebody wrote something else there."""
    try:
        return UUID(text)
    except ValueError:
        return None
