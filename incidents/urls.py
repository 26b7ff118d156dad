"""Addresses of the incident pages, grouped by what they are about."""

from django.urls import include, path, register_converter

from incidents.views import (
    assessing,
    attaching,
    briefs,
    clocks,
    command,
    deciding,
    detail,
    kinds,
    level_proposals,
    levels,
    listing,
    proposing,
    regrouping,
    starting,
    steps,
    timeline,
    timeliness,
)


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
    path("timeline/export.xlsx", timeline.export_timeline, {"suffix": "xlsx"}, name="export-timeline-xlsx"),
    path("timeline/<int:entry>/correct/", timeline.correct_entry, name="correct-entry"),
    path("chronicle/", timeline.chronicle, name="chronicle"),
    path("clocks/", clocks.clocks, name="clocks"),
    path("clocks/<uuid:uuid>/pause/", clocks.pause_clock, name="pause-clock"),
    path("clocks/<uuid:uuid>/resume/", clocks.resume_clock, name="resume-clock"),
    path("posts/", detail.posts, name="posts"),
    path("note/", detail.note, name="note"),
    path("briefs/", briefs.make_brief, name="make-brief"),
    path("briefs/<int:n>/", briefs.brief, name="brief"),
    path("command/", command.centre, name="command"),
    path("command/live/", command.live, name="command-live"),
    path("command/on/", command.come_on, name="come-on"),
    path("command/off/", command.go_off, name="go-off"),
    path("edit/", detail.edit, name="edit"),
    path("members/", detail.members, name="members"),
    path("members/<uuid:uuid>/function/", command.give_function, name="give-function"),
    path("members/<uuid:uuid>/remove/", detail.remove_member, name="remove-member"),
    path("assess/", assessing.assess, name="assess"),
    path("assess/again/", assessing.measure_again, name="measure-again"),
    path("assess/compare/", assessing.compare_assessments, name="compare-assessments"),
    path("assess/what-if/", assessing.what_if, name="what-if"),
    path("level/", levels.request_level, name="request-level"),
    path("level/start/<int:level>/", starting.start_level, name="start-level"),
    path("level/alone/", starting.decide_alone, name="decide-alone"),
    path("end/", starting.request_end, name="request-end"),
    path("split/", regrouping.split, name="split"),
    path("step/<slug:step>/", steps.take_step, name="step"),
    path("attach/<uuid:uuid>/", attaching.attach, name="attach"),
    path("detach/<uuid:uuid>/", attaching.detach, name="detach"),
    path("attach-topic/<uuid:uuid>/", proposing.attach_topic, name="attach-topic"),
    path("detach-topic/<uuid:uuid>/", proposing.detach_topic, name="detach-topic"),
]
one_request = [
    path("", deciding.decide, name="decide"),
    path("approve/", deciding.approve, name="approve-level"),
    path("otherwise/", deciding.decide_otherwise, name="decide-otherwise"),
    path("return/", deciding.return_request, name="return-level"),
    path("withdraw/", deciding.withdraw, name="withdraw-level"),
    path("revoke/", deciding.revoke, name="revoke-level"),
    path("countersign/", deciding.countersign, name="countersign-level"),
    path("record/", starting.record_approval, name="record-approval"),
    path("record/file/", starting.approval_file, name="approval-file"),
    path("take-back/", deciding.take_back, name="take-back-level"),
]
one_proposal = [
    path("take-up/", level_proposals.take_up_proposal, name="take-up-proposal"),
    path("dismiss/", level_proposals.dismiss_proposal, name="dismiss-proposal"),
]
urlpatterns = [
    path("", listing.list_incidents, name="list"),
    path("hand-over/", listing.hand_over, name="hand-over"),
    path("export.csv", listing.export, name="export"),
    path("export.xlsx", listing.export, {"suffix": "xlsx"}, name="export-xlsx"),
    path("timeliness/", timeliness.timeliness, name="timeliness"),
    path("timeliness/export.csv", timeliness.export_timeliness, name="export-timeliness"),
    path("timeliness/export.xlsx", timeliness.export_timeliness, {"suffix": "xlsx"}, name="export-timeliness-xlsx"),
    path("open/", listing.open_new, name="open"),
    path("open/proposed/", proposing.open_proposed, name="open-proposed"),
    path("proposal/", proposing.proposal, name="proposal"),
    path("proposals/", proposing.precision, name="proposals-panel"),
    path("kinds/", kinds.kinds, name="kinds"),
    path("kinds/<slug:code>/", kinds.edit_kind, name="edit-kind"),
    path("kinds/<slug:code>/retire/", kinds.retire_kind, name="retire-kind"),
    path("likely/<uuid:uuid>/", attaching.likely, name="likely"),
    path("of-topics/", attaching.of_topics, name="of-topics"),
    path("of-topic/<uuid:uuid>/", attaching.of_topic, name="of-topic"),
    path("changes/<uuid:uuid>/undo/", regrouping.undo_change, name="undo-change"),
    path("approvals/", deciding.approvals, name="approvals"),
    path("approvals/of-delegates/", deciding.delegates_asked, name="delegates-asked"),
    path("approvals/<uuid:uuid>/", include(one_request)),
    path("proposals/<uuid:uuid>/", include(one_proposal)),
    path("<number:number>/", include(one_incident)),
]
