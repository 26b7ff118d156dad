"""What a view behind `login_required` is given: the request, and what its address says."""

from uuid import UUID

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class DeskRequest(HttpRequest):
    """Somebody is signed in, and django-htmx has looked at it."""

    user: User
    htmx: HtmxDetails


def safe_next(request: HttpRequest, address: str) -> str:
    """The address if it is a page of this desk, else the start page: no link leads a person elsewhere from here."""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else "/"


def as_uuid(text: str) -> UUID | None:
    """A public id out of an address, None where somebody wrote something else there."""
    try:
        return UUID(text)
    except ValueError:
        return None


def as_number(text: str) -> int:
    """A key, a number or a version out of an address or a form; 0, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
