"""Every address of the desk."""

from django.urls import include, path

from config import health, look, styleguide, views
from config.demo import views as demo
from config.search import views as search
from notices.views import acknowledging

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("search/", search.search, name="search"),
    path("search/export/", search.export, name="export-posts"),
    path("search/save/", search.save_search, name="save-search"),
    path("search/kept/<uuid:uuid>/", search.saved_search, name="saved-search"),
    path("search/kept/<uuid:uuid>/delete/", search.delete_search, name="delete-search"),
    path("counts/", look.counts, name="counts"),
    path("appearance/", look.appearance, name="appearance"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("accounts.sign_in_urls")),
    path("people/", include("accounts.urls")),
    path("audit/", include("audit.urls")),
    path("notices/", include("notices.urls")),
    path("n/<uuid:uuid>/", acknowledging.acknowledge, name="acknowledge"),
    path("opinion/", include("opinion.urls")),
    path("", include("monitoring.urls")),
    path("incidents/", include("incidents.urls")),
    path("", include("response.urls")),
    path("demo/feeds/<slug:slug>/", demo.feed, name="demo-feed"),
    path("demo/posts/<slug:slug>/", demo.post, name="demo-post"),
    path("api/v1/", include("config.api_urls")),
]
