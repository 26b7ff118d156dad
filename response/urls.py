"""Addresses of the response: the desk's, and the public newsroom's."""

from django.urls import include, path

from response.views import (
    attachments,
    evidence,
    facts,
    legal,
    newsroom,
    plan,
    releases,
    rumours,
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
    path("facts/sheets/", facts.sheets, name="fact-sheets"),
    path("questions/", rumours.questions, name="questions"),
    path("rumours/", rumours.rumours, name="rumours"),
    path("rumours/pair/", rumours.pair_rumour, name="pair-rumour"),
    path("rumours/table/", rumours.rumour_table, name="rumour-table"),
    path("rumours/table.csv", rumours.export_pairs, name="export-pairs"),
    path("rumours/table.xlsx", rumours.export_pairs, {"suffix": "xlsx"}, name="export-pairs-xlsx"),
    path("evidence/", evidence.evidence, name="preserved"),
    path("evidence/panel/", evidence.evidence, name="evidence-panel"),
    path("evidence/preserve/<uuid:post_uuid>/", evidence.preserve_post, name="preserve-post"),
    path("evidence/index/", evidence.evidence_index, name="evidence-index"),
    path("evidence/export/", evidence.export_evidence, name="export-evidence"),
    path("legal/", legal.legal_actions, name="legal-actions"),
    path("legal/open/", legal.open_legal_action, name="open-legal-action"),
    path("statements/", statements.statements_panel, name="statements-panel"),
    path("statements/new/", statements.draft_statement, name="draft-statement"),
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
one_preservation = [
    path("", evidence.preservation, name="preservation"),
    path("files/add/", evidence.add_exhibits, name="add-exhibits"),
    path("capture/", evidence.capture_again, name="capture-again"),
    path("number/", evidence.note_number, name="note-number"),
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
    path("facts/<uuid:uuid>/", facts.fact, name="fact"),
    path("facts/<uuid:uuid>/sign/", facts.sign_fact, name="sign-fact"),
    path("facts/<uuid:uuid>/proofs/", facts.add_proofs, name="add-proofs"),
    path("fact-sheets/<uuid:uuid>/", facts.fact_sheet, name="fact-sheet"),
    path("fact-sheets/<uuid:uuid>/rest/", facts.rest_on_sheet, name="rest-on-sheet"),
    path("questions/<uuid:uuid>/", rumours.question, name="question"),
    path("rumours/<uuid:uuid>/", rumours.change_rumour, name="change-rumour"),
    path("preserved/<uuid:uuid>/", include(one_preservation)),
    path("preserved/files/<uuid:uuid>/", evidence.exhibit_file, name="exhibit-file"),
    path("legal/<uuid:uuid>/", legal.legal_action, name="legal-action"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<uuid:uuid>/", include(one_statement)),
    path("signoffs/", signoffs.signoffs_panel, name="signoffs-panel"),
    path("signoffs/<uuid:uuid>/", signoffs.signoff, name="signoff"),
    path("signoffs/<uuid:uuid>/decide/", signoffs.decide_signoff, name="decide-signoff"),
    path("releases/<uuid:uuid>/", include(one_release)),
    path("newsroom/", include(public)),
]
