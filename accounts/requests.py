"""The request of a view behind `login_required`, for the type checker."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class DeskRequest(HttpRequest):
    """Somebody is signed in, and django-htmx has looked at it."""

    user: User
    htmx: HtmxDetails
