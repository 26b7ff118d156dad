"""/accounts/: allauth's pages, without those this desk does not have. Nobody signs up or gets a password by mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.views import chat


def not_here(request: HttpRequest, **kwargs: str) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="accounts:settings")),
    path("signup/", not_here),
    path("email/", not_here),
    path("confirm-email/", not_here),
    path("confirm-email/<str:key>/", not_here),
    path("login/code/confirm/", not_here),
    path("password/set/", not_here),
    path("password/reset/", not_here),
    path("password/reset/<path:rest>", not_here),
    path("chat/<slug:platform>/", chat.sign_in, name="chat_sign_in"),
    path("chat/<slug:platform>/back/", chat.come_back, name="chat_come_back"),
    path("", include("allauth.urls")),
]
