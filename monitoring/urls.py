from django.urls import include, path

from monitoring.views import (
    channels,
    duty,
    duty_logs,
    imports,
    inbox,
    opml,
    precision,
    public_form,
    quarantine,
    signals,
    sources,
    trials,
    vendors,
)

app_name = "monitoring"

one_source = [
    path("", sources.source, name="source"),
    path("change/", sources.change_source, name="change-source"),
    path("switch/", sources.switch_source, name="switch-source"),
    path("poll/", sources.poll_source, name="poll-source"),
    path("move/", sources.accept_move, name="accept-move"),
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
    path("snooze/", signals.snooze_signal, name="snooze-signal"),
    path("unsnooze/", signals.unsnooze_signal, name="unsnooze-signal"),
]

one_shift = [
    path("", duty.change_shift, name="change-shift"),
    path("cancel/", duty.cancel_shift, name="cancel-shift"),
    path("restore/", duty.restore_shift, name="restore-shift"),
]

on_duty = [
    path("", duty.roster, name="duty"),
    path("mine/", duty.my_shifts, name="my-shifts"),
    path("mine.ics", duty.my_calendar, name="my-calendar"),
    path("add/", duty.add_shift, name="add-shift"),
    path("copy/", duty.copy_week, name="copy-week"),
    path("copy/take-back/", duty.take_back_copy, name="take-back-copy"),
    path("rule/", duty.rule, name="duty-rule"),
    path("coverage/", duty.coverage_days, name="coverage-days"),
    path("logs/", duty_logs.duty_logs, name="duty-logs"),
    path("logs/export/", duty_logs.export_logs, name="export-duty-logs"),
    path("logs/today/", duty_logs.todays_log, name="duty-today"),
    path("logs/<str:day>/", duty_logs.duty_log, name="duty-log"),
    path("logs/<str:day>/print/", duty_logs.print_log, name="print-duty-log"),
]

one_vendor = [
    path("", vendors.vendor, name="vendor"),
    path("change/", vendors.change_vendor, name="change-vendor"),
    path("channels/add/", vendors.add_channel, name="add-channel"),
    path("channels/<slug:code>/", vendors.change_channel, name="change-channel"),
    path("keys/make/", vendors.make_key, name="make-key"),
    path("keys/<uuid:key>/rotate/", vendors.rotate_key, name="rotate-key"),
    path("keys/<uuid:key>/revoke/", vendors.revoke_key, name="revoke-key"),
    path("mapping/", quarantine.mapping, name="vendor-mapping"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/try-again/", quarantine.try_again, name="try-again"),
    path("quarantine/set-aside/", quarantine.set_aside, name="set-aside"),
    path("quarantine/put-back/", quarantine.put_back, name="put-back"),
]

one_import = [
    path("", imports.one_import, name="import"),
    path("preview/", imports.preview_import, name="preview-import"),
    path("start/", imports.start_import, name="start-import"),
    path("take-back/", imports.take_back_import, name="take-back-import"),
    path("posts/", imports.import_posts, name="import-posts"),
    path("rejected.csv", imports.rejected_rows, name="rejected-rows"),
]

own_channels = [
    path("", channels.channels, name="channels"),
    path("mailboxes/add/", channels.add_mailbox, name="add-mailbox"),
    path("mailboxes/<uuid:uuid>/", channels.change_mailbox, name="change-mailbox"),
    path("forms/add/", channels.add_form, name="add-form"),
    path("forms/<uuid:uuid>/", channels.change_form, name="change-form"),
    path("forms/<uuid:uuid>/open/", channels.open_form, name="open-form"),
]

urlpatterns = [
    path("sources/imports/", imports.imports, name="imports"),
    path("sources/imports/add/", imports.add_import, name="add-import"),
    path("sources/imports/templates/<slug:preset>.csv", imports.import_template, name="import-template"),
    path("sources/imports/<uuid:uuid>/", include(one_import)),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/fresh/", inbox.fresh, name="fresh"),
    path("inbox/enter/", inbox.enter_lead, name="enter-lead"),
    path("inbox/enter/alike/", inbox.alike, name="alike"),
    path("inbox/<uuid:uuid>/", include(one_post)),
    path("signals/", signals.signals, name="signals"),
    path("signals/try/", trials.try_signals, name="try-signals"),
    path("signals/trials/<uuid:uuid>/", trials.trial, name="trial"),
    path("signals/rules/", precision.rules, name="rules"),
    path("signals/rules/<uuid:uuid>/", precision.use_threshold, name="use-threshold"),
    path("signals/<uuid:uuid>/", include(one_signal)),
    path("duty/", include(on_duty)),
    path("duty/shifts/<uuid:uuid>/", include(one_shift)),
    path("sources/channels/", include(own_channels)),
    path("say/<slug:slug>/", public_form.say, name="say"),
    path("say/<slug:slug>/thanks/", public_form.said_thanks, name="said-thanks"),
    path("sources/", sources.sources, name="sources"),
    path("sources/add/", sources.add_source, name="add-source"),
    path("sources/add/<slug:code>/", sources.add_preset, name="add-preset"),
    path("sources/try/", sources.try_source, name="try-source"),
    path("sources/import/", opml.import_sources, name="import-sources"),
    path("sources/export.opml", opml.export_sources, name="export-sources"),
    path("sources/<uuid:uuid>/", include(one_source)),
    path("vendors/", vendors.vendors, name="vendors"),
    path("vendors/add/", vendors.add_vendor, name="add-vendor"),
    path("vendors/for-integrators/<str:name>", vendors.for_integrators, name="for-integrators"),
    path("vendors/<uuid:uuid>/", include(one_vendor)),
]
