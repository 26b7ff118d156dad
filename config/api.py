"""What every endpoint shares: problem+json for errors, cursor paging newest first, public UUIDs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.middleware import refusal_on_record


class NewestFirst(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Errors as RFC 9457 problem+json: type, title, status, detail, and `errors` by field where there are some."""
    if isinstance(exc, PermissionDenied):
        refusal_on_record(context["request"]._request, exc)  # DRF answers it, so the middleware never sees it
    response = exception_handler(exc, context)
    if response is None:
        return None
    data = response.data
    detail = data.get("detail", "") if isinstance(data, dict) else ""
    body: dict[str, Any] = {"type": "about:blank", "title": response.status_text, "status": response.status_code}
    if detail:
        body["detail"] = str(detail)
    else:
        body["errors"] = data
    response.data = body
    response.content_type = "application/problem+json"
    return response
