"""The pages of listening, one file a noun."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class DeskRequest(HttpRequest):
    """The request of somebody who signed in (behind `login_required`), with what django-htmx adds to it."""

    user: User
    htmx: HtmxDetails
