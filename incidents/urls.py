"""Addresses of the incident pages, grouped by what they are about."""

from django.urls import include, path, register_converter

from incidents.views import attaching, clocks, deciding, detail, levels, listing, steps, timeline, timeliness


class NumberConverter:
    """YQ-2026-001 and, in exercises, YL-7-YQ-001: never mistaken for a word like `open`."""

    regex = r"Y[QL]-[0-9A-Z-]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "number")

app_name = "incidents"

one_incident = [
    path("", detail.detail, name="detail"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("timeline/export.csv", timeline.export_timeline, name="export-timeline"),
    path("timeline/<int:entry>/correct/", timeline.correct_entry, name="correct-entry"),
    path("chronicle/", timeline.chronicle, name="chronicle"),
    path("clocks/", clocks.clocks, name="clocks"),
    path("clocks/<uuid:uuid>/pause/", clocks.pause_clock, name="pause-clock"),
    path("clocks/<uuid:uuid>/resume/", clocks.resume_clock, name="resume-clock"),
    path("posts/", detail.posts, name="posts"),
    path("note/", detail.note, name="note"),
    path("edit/", detail.edit, name="edit"),
    path("members/", detail.members, name="members"),
    path("members/<uuid:uuid>/remove/", detail.remove_member, name="remove-member"),
    path("assess/", levels.assess, name="assess"),
    path("level/", levels.request_level, name="request-level"),
    path("step/<slug:step>/", steps.take_step, name="step"),
    path("attach/<uuid:uuid>/", attaching.attach, name="attach"),
    path("detach/<uuid:uuid>/", attaching.detach, name="detach"),
]
one_request = [
    path("", deciding.decide, name="decide"),
    path("approve/", deciding.approve, name="approve-level"),
    path("otherwise/", deciding.decide_otherwise, name="decide-otherwise"),
    path("return/", deciding.return_request, name="return-level"),
    path("withdraw/", deciding.withdraw, name="withdraw-level"),
    path("take-back/", deciding.take_back, name="take-back-level"),
]
urlpatterns = [
    path("", listing.list_incidents, name="list"),
    path("export.csv", listing.export, name="export"),
    path("timeliness/", timeliness.timeliness, name="timeliness"),
    path("timeliness/export.csv", timeliness.export_timeliness, name="export-timeliness"),
    path("open/", listing.open_new, name="open"),
    path("likely/<uuid:uuid>/", attaching.likely, name="likely"),
    path("of-topics/", attaching.of_topics, name="of-topics"),
    path("of-topic/<uuid:uuid>/", attaching.of_topic, name="of-topic"),
    path("approvals/", deciding.approvals, name="approvals"),
    path("approvals/<uuid:uuid>/", include(one_request)),
    path("<number:number>/", include(one_incident)),
]
