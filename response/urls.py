"""Addresses of the response: the desk's, and the public newsroom's."""

from django.urls import include, path

from response.views import (
    facts,
    holding,
    lines,
    newsroom,
    plan,
    promises,
    releases,
    reviewing,
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
    path("statements/new/holding/<uuid:uuid>/", holding.use_holding, name="use-holding"),
    path("lines/", lines.lines, name="lines"),
    path("lines/panel/", lines.lines, name="lines-panel"),
    path("lines/write/", lines.write_line, name="write-line"),
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
    path("comment/", reviewing.comment_statement, name="comment-statement"),
    path("override/", reviewing.override_checks, name="override-checks"),
    path("promise/", reviewing.mark_promise, name="mark-promise"),
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
public = [
    path("", newsroom.newsroom, name="newsroom"),
    path("feed.xml", newsroom.feed_xml, name="newsroom-feed"),
    path("feed.json", newsroom.feed_json, name="newsroom-json"),
    path("<str:number>/", newsroom.statement_page, name="newsroom-statement"),
]

urlpatterns = [
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
    path("comments/<uuid:uuid>/resolve/", reviewing.resolve_comment, name="resolve-comment"),
    path("lines/<uuid:uuid>/approve/", lines.approve_line, name="approve-line"),
    path("promises/", promises.promises, name="promises"),
    path("promises/export.csv", promises.export_promises, name="export-promises"),
    path("promises/export.xlsx", promises.export_promises, {"suffix": "xlsx"}, name="export-promises-xlsx"),
    path("promises/<uuid:uuid>/drop/", reviewing.drop_promise, name="drop-promise"),
    path("holding/", holding.holding_library, name="holding-library"),
    path("holding/new/", holding.write_holding, name="new-holding"),
    path("holding/<uuid:uuid>/", holding.holding_text, name="holding-text"),
    path("holding/<uuid:uuid>/write/", holding.write_holding, name="write-holding"),
    path("holding/<uuid:uuid>/submit/", holding.act_on_holding, {"act": "submit"}, name="submit-holding"),
    path("holding/<uuid:uuid>/sign/", holding.act_on_holding, {"act": "sign"}, name="sign-holding"),
    path("holding/<uuid:uuid>/retire/", holding.act_on_holding, {"act": "retire"}, name="retire-holding"),
    path("signoffs/", signoffs.signoffs_panel, name="signoffs-panel"),
    path("signoffs/<uuid:uuid>/", signoffs.signoff, name="signoff"),
    path("signoffs/<uuid:uuid>/decide/", signoffs.decide_signoff, name="decide-signoff"),
    path("releases/<uuid:uuid>/", include(one_release)),
    path("newsroom/", include(public)),
]
