"""Addresses of the response: the desk's, and the public newsroom's."""

from django.urls import include, path

from response.views import (
    attachments,
    facts,
    grouping,
    incoming,
    newsroom,
    papers,
    plan,
    releases,
    reporting,
    signoffs,
    statements,
    tasks,
)

app_name = "response"

one_incident = [
    path("levels/", plan.levels_panel, name="levels-panel"),
    path("tasks/", tasks.tasks_of_incident, name="tasks-panel"),
    path("departments/", tasks.departments_of_incident, name="departments-panel"),
    path("facts/", facts.facts, name="facts"),
    path("facts/panel/", facts.facts, name="facts-panel"),
    path("facts/add/", facts.add_fact, name="add-fact"),
    path("statements/", statements.statements_panel, name="statements-panel"),
    path("statements/new/", statements.draft_statement, name="draft-statement"),
    path("papers/", papers.papers_panel, name="papers-panel"),
    path("response-plan/", papers.begin_plan, name="begin-plan"),
    path("group/", grouping.form_group, name="form-group"),
    path("reports/", reporting.reports, name="reports"),
    path("reports/look-again/", reporting.look_again, name="look-again"),
    path("reports/add/", reporting.add_duty, name="add-duty"),
    path("incoming/", incoming.incoming_panel, name="incoming-panel"),
    path("incoming/enter/", incoming.enter_incoming, name="enter-incoming-of"),
]
one_task = [
    path("", tasks.task, name="task"),
    path("start/", tasks.start_task, name="start-task"),
    path("finish/", tasks.finish_task, name="finish-task"),
    path("waive/", tasks.waive_task, name="waive-task"),
    path("reassign/", tasks.reassign_task, name="reassign-task"),
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
one_paper = [
    path("", papers.paper, name="paper"),
    path("save/", papers.save_paper, name="save-paper"),
    path("revise/", papers.revise_paper, name="revise-paper"),
    path("tasks/", papers.make_tasks, name="make-plan-tasks"),
    path("compare/", papers.compare_paper, name="compare-paper"),
    path("file/", papers.file_report, name="file-report"),
    path("answer/", papers.answer_report, name="answer-report"),
]
one_paper_version = [
    path("sign/", papers.sign_paper_page, name="paper-sign"),
    path("decide/", papers.decide_paper, name="decide-paper"),
    path("print/", papers.print_paper, name="print-paper"),
    path("docx/", papers.docx_paper, name="docx-paper"),
]
one_incoming = [
    path("", incoming.incoming_one, name="incoming-one"),
    path("correct/", incoming.correct_incoming, name="correct-incoming"),
    path("line/", incoming.propose_line, name="propose-line"),
    path("line/decide/", incoming.decide_line, name="decide-line"),
    path("reply/", incoming.reply_incoming, name="reply-incoming"),
    path("close/", incoming.close_incoming, name="close-incoming"),
    path("hand-over/", incoming.hand_over_incoming, name="hand-over-incoming"),
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
    path("plan/standing-authority/", plan.set_standing_authority, name="set-standing-authority"),
    path("incidents/<str:number>/", include(one_incident)),
    path("facts/<uuid:uuid>/sign/", facts.sign_fact, name="sign-fact"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<uuid:uuid>/", include(one_statement)),
    path("signoffs/", signoffs.signoffs_panel, name="signoffs-panel"),
    path("signoffs/<uuid:uuid>/", signoffs.signoff, name="signoff"),
    path("signoffs/<uuid:uuid>/decide/", signoffs.decide_signoff, name="decide-signoff"),
    path("releases/<uuid:uuid>/", include(one_release)),
    path("papers/waiting/", papers.papers_waiting, name="papers-waiting"),
    path("papers/<uuid:uuid>/", include(one_paper)),
    path("paper-versions/<uuid:uuid>/", include(one_paper_version)),
    path("report-duties/<uuid:uuid>/waive/", reporting.waive_duty, name="waive-duty"),
    path("report-duties/<uuid:uuid>/write/<slug:kind>/", reporting.begin_report, name="begin-report"),
    path("report-rules/", reporting.rules, name="report-rules"),
    path("report-rules/add/", reporting.edit_rule, name="add-report-rule"),
    path("report-rules/<uuid:uuid>/", reporting.edit_rule, name="edit-report-rule"),
    path("incoming/", incoming.incoming, name="incoming"),
    path("incoming/enter/", incoming.enter_incoming, name="enter-incoming"),
    path("incoming/export.csv", incoming.export_incoming, name="export-incoming"),
    path("incoming/export.xlsx", incoming.export_incoming, {"suffix": "xlsx"}, name="export-incoming-xlsx"),
    path("incoming/<uuid:uuid>/", include(one_incoming)),
    path("newsroom/", include(public)),
]
