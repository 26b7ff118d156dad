from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.mark_all_read, name="mark-all-read"),
    path("<uuid:uuid>/open/", views.open_notice, name="open"),
    path("<uuid:uuid>/read/", views.mark_read, name="mark-read"),
]
