from django.urls import include, path

from monitoring.views import inbox, signals, sources

app_name = "monitoring"

one_source = [
    path("", sources.source, name="source"),
    path("change/", sources.change_source, name="change-source"),
    path("switch/", sources.switch_source, name="switch-source"),
    path("poll/", sources.poll_source, name="poll-source"),
]

one_post = [
    path("", inbox.inbox, name="open-post"),
    path("ignore/", inbox.ignore_post, name="ignore-post"),
    path("snooze/", inbox.snooze_post, name="snooze-post"),
    path("restore/", inbox.restore_post, name="restore-post"),
]

one_signal = [
    path("", signals.signal, name="signal"),
    path("judge/", signals.judge_signal, name="judge-signal"),
    path("take-back/", signals.take_back_judgement, name="take-back-judgement"),
]

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/fresh/", inbox.fresh, name="fresh"),
    path("inbox/enter/", inbox.enter_lead, name="enter-lead"),
    path("inbox/<uuid:uuid>/", include(one_post)),
    path("signals/<uuid:uuid>/", include(one_signal)),
    path("sources/", sources.sources, name="sources"),
    path("sources/add/", sources.add_source, name="add-source"),
    path("sources/<uuid:uuid>/", include(one_source)),
]
