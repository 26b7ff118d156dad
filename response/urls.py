"""Addresses of the response: the desk's, and the public newsroom's."""

from django.urls import include, path

from response.views import (
    accounts,
    channel_messages,
    facts,
    newsroom,
    plan,
    releases,
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
    path("picture.png", releases.picture, name="statement-picture"),
    path("publish/releases/", releases.releases_panel, name="releases-panel"),
]
one_release = [
    path("confirm/", releases.confirm_release, name="confirm-release"),
    path("deny/", releases.deny_release, name="deny-release"),
    path("withdraw/", releases.withdraw_release, name="withdraw-release"),
    path("cancel/", releases.cancel_release, name="cancel-release"),
    path("agree/", releases.agree_release, name="second-release"),
    path("by-hand/", releases.take_by_hand, name="take-by-hand"),
    path("look-again/", releases.look_again, name="look-again"),
    path("taken-down/", releases.taken_down, name="taken-down"),
]
one_account = [
    path("", accounts.account, name="channel-account"),
    path("change/", accounts.change_account, name="change-account"),
    path("switch/", accounts.switch_account, name="switch-account"),
    path("test/", accounts.test_account, name="test-account"),
]
public = [
    path("", newsroom.newsroom, name="newsroom"),
    path("feed.xml", newsroom.feed_xml, name="newsroom-feed"),
    path("rss.xml", newsroom.feed_rss, name="newsroom-rss"),
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
    path("signoffs/", signoffs.signoffs_panel, name="signoffs-panel"),
    path("signoffs/<uuid:uuid>/", signoffs.signoff, name="signoff"),
    path("signoffs/<uuid:uuid>/decide/", signoffs.decide_signoff, name="decide-signoff"),
    path("releases/<uuid:uuid>/", include(one_release)),
    path("publications/", releases.publications, name="publications"),
    path("publications/accounts/", accounts.accounts, name="channel-accounts"),
    path("publications/accounts/<slug:kind>/", include(one_account)),
    path("channels/wechat/message/", channel_messages.wechat, name="wechat-message"),
    path("newsroom/", include(public)),
]
