"""Every address of the desk."""

from django.urls import include, path

from config import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.urls")),
    path("people/", include("accounts.urls")),
    path("audit/", include("audit.urls")),
    path("notices/", include("notices.urls")),
    path("opinion/", include("opinion.urls")),
    path("", include("monitoring.urls")),
    path("incidents/", include("incidents.urls")),
    path("", include("response.urls")),
    path("readiness/", include("readiness.urls")),
    path("api/v1/", include("config.api_urls")),
]
