"""What a person sees when Django itself refuses a request; settings name these by dotted name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of the form did not fit, most often because the page lay open over a sign-in. Nothing was done."""
    return render(request, "403_csrf.html", status=403)
