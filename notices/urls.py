from django.urls import include, path

from notices.views import acknowledging, channels, inbox, ledger, mine

app_name = "notices"

one_channel = [
    path("", channels.channel, name="channel"),
    path("change/", channels.change_channel, name="change-channel"),
    path("switch/", channels.switch_channel, name="switch-channel"),
    path("test/", channels.test, name="test-channel"),
    path("routes/", channels.routes, name="routes"),
]

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.mark_all_read, name="mark-all-read"),
    path("<uuid:uuid>/open/", inbox.open_notice, name="open"),
    path("<uuid:uuid>/read/", inbox.mark_read, name="mark-read"),
    path("receipts/<slug:kind>/<uuid:key>/", acknowledging.receipts, name="receipts"),
    path("mine/", mine.mine, name="mine"),
    path("mine/as-the-company/", mine.as_the_company, name="as-the-company"),
    path("mine/<uuid:uuid>/test/", mine.test_to_me, name="test-to-me"),
    path("channels/", channels.channels, name="channels"),
    path("channels/rule/", channels.change_rule, name="rule"),
    path("channels/add/<slug:kind>/", channels.add_channel, name="add-channel"),
    path("channels/<uuid:uuid>/", include(one_channel)),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/export.csv", ledger.export, name="export-ledger"),
    path("ledger/export.xlsx", ledger.export, {"suffix": "xlsx"}, name="export-ledger-xlsx"),
]
