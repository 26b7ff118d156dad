"""Every address of the newsroom's own host: the public pages, and nothing of the desk.

The names are the desk's, so that a template's links are the same on both.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from response.urls import public


def alive(request: HttpRequest) -> HttpResponse:
    """Whether this process answers; what it needs besides, the desk's own /healthz knows."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", RedirectView.as_view(url="/newsroom/"), name="home"),
    path("healthz", alive, name="healthz"),
    path("newsroom/", include((public, "response"))),
]
handler400 = "response.public_side.bad"
handler403 = "response.public_side.bad"
handler404 = "response.public_side.missing"
handler500 = "response.public_side.broken"
