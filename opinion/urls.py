"""The addresses of listening."""

from django.urls import path

from opinion import views

app_name = "opinion"
urlpatterns = [
    path("watches/", views.watches, name="watches"),
    path("watches/add/", views.add_watch, name="add-watch"),
    path("watches/try/", views.try_watch, name="try-watch"),
    path("watches/<uuid:uuid>/", views.change_watch, name="change-watch"),
]
