"""The addresses of listening."""

from django.urls import path

from opinion.views import watches

app_name = "opinion"
urlpatterns = [
    path("watches/", watches.watches, name="watches"),
    path("watches/add/", watches.add_watch, name="add-watch"),
    path("watches/try/", watches.try_watch, name="try-watch"),
    path("watches/<uuid:uuid>/", watches.change_watch, name="change-watch"),
]
