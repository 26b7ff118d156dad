"""Addresses of the response: the desk's, and the public newsroom's."""

from django.urls import include, path

from response.views import (
    advisers,
    attachments,
    department,
    directory,
    facts,
    guidance,
    newsroom,
    outreach,
    plan,
    plan_drafts,
    plan_versions,
    releases,
    signoffs,
    statements,
    tasks,
)

app_name = "response"

one_incident = [
    path("levels/", plan.levels_panel, name="levels-panel"),
    path("tasks/", tasks.tasks_of_incident, name="tasks-panel"),
    path("tasks/give/", tasks.give_task, name="give-task"),
    path("department/", department.department, name="department"),
    path("department/panel/", department.department_panel, name="department-panel"),
    path("department/choose/", department.choose_handling, name="choose-handling"),
    path("department/report/", department.report_progress, name="report-progress"),
    path("department/close/", department.file_closing, name="file-closing"),
    path("departments/", tasks.departments_of_incident, name="departments-panel"),
    path("facts/", facts.facts, name="facts"),
    path("facts/panel/", facts.facts, name="facts-panel"),
    path("facts/add/", facts.add_fact, name="add-fact"),
    path("statements/", statements.statements_panel, name="statements-panel"),
    path("statements/new/", statements.draft_statement, name="draft-statement"),
    path("guidance/", guidance.guidance, name="guidance"),
    path("guidance/panel/", guidance.guidance, name="guidance-panel"),
    path("guidance/plan/", guidance.save_plan, name="save-guidance"),
    path("guidance/items/add/", guidance.add_item, name="add-guidance-item"),
    path("guidance/events/add/", guidance.add_event, name="add-press-event"),
    path("outreach/", outreach.outreach, name="outreach"),
    path("outreach/panel/", outreach.outreach, name="outreach-panel"),
    path("outreach/log/", outreach.log_contact, name="log-contact"),
]
one_task = [
    path("", tasks.task, name="task"),
    path("start/", tasks.start_task, name="start-task"),
    path("finish/", tasks.finish_task, name="finish-task"),
    path("waive/", tasks.waive_task, name="waive-task"),
    path("items/<int:pk>/", tasks.tick_item, name="tick-item"),
    path("reassign/", tasks.reassign_task, name="reassign-task"),
]
one_plan_version = [
    path("", plan_versions.plan_version, name="plan-version"),
    path("export.yaml", plan_versions.export_plan, {"suffix": "yaml"}, name="export-plan-yaml"),
    path("export.xlsx", plan_versions.export_plan, {"suffix": "xlsx"}, name="export-plan-xlsx"),
    path("draft/", plan_drafts.start_draft, name="start-draft"),
    path("rename/", plan_drafts.rename_plan, name="rename-plan"),
    path("import/", plan_drafts.import_plan, name="import-plan"),
    path("levels/<int:level>/add/", plan_drafts.plan_line, name="add-plan-line"),
    path("levels/<int:level>/clocks/", plan_drafts.plan_clocks, name="plan-clocks"),
    path("lines/<int:pk>/", plan_drafts.plan_line, name="plan-line"),
    path("lines/<int:pk>/remove/", plan_drafts.remove_line, name="remove-plan-line"),
    path("lines/<int:pk>/place/", plan_drafts.place_line, name="place-plan-line"),
    path("propose/", plan_drafts.propose_plan, name="propose-plan"),
    path("return/", plan_drafts.return_plan, name="return-plan"),
    path("adopt/", plan_drafts.adopt_plan, name="adopt-plan"),
    path("discard/", plan_drafts.discard_plan, name="discard-plan"),
]
one_statement = [
    path("", statements.statement, name="statement"),
    path("save/", statements.save_statement, name="save-statement"),
    path("submit/", statements.submit_statement, name="submit-statement"),
    path("revise/", statements.revise_statement, name="revise-statement"),
    path("publish/", releases.publish, name="publish"),
    path("publish/now/", releases.publish_statement, name="publish-statement"),
    path("publish/releases/", releases.releases_panel, name="releases-panel"),
]
one_release = [
    path("confirm/", releases.confirm_release, name="confirm-release"),
    path("deny/", releases.deny_release, name="deny-release"),
    path("withdraw/", releases.withdraw_release, name="withdraw-release"),
]
one_item = [
    path("out/", guidance.item_is_out, name="guidance-item-out"),
    path("drop/", guidance.drop_item, name="drop-guidance-item"),
]
one_event = [
    path("", guidance.press_event, name="press-event"),
    path("edit/", guidance.edit_event, name="edit-press-event"),
    path("held/", guidance.hold_event, name="hold-press-event"),
    path("cancel/", guidance.cancel_event, name="cancel-press-event"),
]
one_contact = [
    path("", directory.contact, name="contact"),
    path("edit/", directory.edit_contact, name="edit-contact"),
    path("check/", directory.check_contact, name="check-contact"),
    path("retire/", directory.retire_contact, name="retire-contact"),
]
one_engagement = [
    path("", advisers.engagement, name="engagement"),
    path("edit/", advisers.edit_engagement, name="edit-engagement"),
    path("agree/", advisers.agree_engagement, name="agree-engagement"),
    path("end/", advisers.end_engagement, name="end-engagement"),
    path("advice/", advisers.record_advice, name="record-advice"),
    path("cost/", advisers.record_cost, name="record-cost"),
]
public = [
    path("", newsroom.newsroom, name="newsroom"),
    path("feed.xml", newsroom.feed_xml, name="newsroom-feed"),
    path("feed.json", newsroom.feed_json, name="newsroom-json"),
    path("<str:number>/", newsroom.statement_page, name="newsroom-statement"),
]

urlpatterns = [
    path("files/<uuid:uuid>/", attachments.attachment, name="attachment"),
    path("my-tasks/", tasks.my_tasks, name="my-tasks"),
    path("my-tasks/export.csv", tasks.export_tasks, name="export-tasks"),
    path("my-tasks/export.xlsx", tasks.export_tasks, {"suffix": "xlsx"}, name="export-tasks-xlsx"),
    path("tasks/<uuid:uuid>/", include(one_task)),
    path("plan/", plan.plan, name="plan"),
    path("plan/versions/", plan_versions.plan_versions, name="plan-versions"),
    path("plan/compare/", plan_versions.compare_plans, name="compare-plans"),
    path("plan/versions/<int:number>/", include(one_plan_version)),
    path("plan/standing-authority/", plan.set_standing_authority, name="set-standing-authority"),
    path("incidents/<str:number>/", include(one_incident)),
    path("facts/<uuid:uuid>/sign/", facts.sign_fact, name="sign-fact"),
    path("reports/<uuid:uuid>/answer/", department.answer_report, name="answer-report"),
    path("closing/<int:pk>/answer/", department.answer_closing, name="answer-closing"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<uuid:uuid>/", include(one_statement)),
    path("signoffs/<uuid:uuid>/", signoffs.signoff, name="signoff"),
    path("signoffs/<uuid:uuid>/decide/", signoffs.decide_signoff, name="decide-signoff"),
    path("releases/<uuid:uuid>/", include(one_release)),
    path("directory/", directory.contacts, name="contacts"),
    path("directory/export.csv", directory.export_contacts, name="export-contacts"),
    path("directory/export.xlsx", directory.export_contacts, {"suffix": "xlsx"}, name="export-contacts-xlsx"),
    path("directory/add/", directory.add_contact, name="add-contact"),
    path("directory/<uuid:uuid>/", include(one_contact)),
    path("advisers/", advisers.engagements, name="engagements"),
    path("advisers/add/", advisers.add_engagement, name="add-engagement"),
    path("advisers/<uuid:uuid>/", include(one_engagement)),
    path("contacts/<uuid:uuid>/done/", outreach.finish_next_step, name="finish-next-step"),
    path("guidance-items/<uuid:uuid>/", include(one_item)),
    path("events/<uuid:uuid>/", include(one_event)),
    path("newsroom/", include(public)),
]
