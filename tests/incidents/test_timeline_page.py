"""处置记录: every entry with its filters in the address, on the screen, on paper and as a table."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from audit.models import Entry
from incidents.models import TimelineEntry
from incidents.selectors.timeline import Line
from incidents.services import levels
from incidents.services.people import add_note
from incidents.services.timeline import note_on
from incidents.timeline_words import KINDS, MARKS, WORDS, events_in
from notices.models import Notice
from notices.services import acknowledge
from tests.incidents.factories import asked

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(cast, incident, noon):
    """A note by the lawyer, a level asked for and confirmed, and a word to the public."""
    add_note(incident, "门店已停业 整改", actor=cast["legal"], now=noon)
    request = asked(incident, 2, by=cast["legal"], requested_at=noon)
    levels.approve(request, actor=cast["gm"], now=noon + 5 * MINUTE, fresh=True, seen_version=1)
    note_on(
        incident,
        "response.released",
        actor=cast["spokesperson"],
        now=noon + 30 * MINUTE,
        detail={"channel": "官网", "title": "情况说明"},
        url="/statements/1/",
    )
    return incident


def page(client, incident, name="timeline", **query):
    return client.get(reverse(f"incidents:{name}", args=[incident.number]), query)


def shown(answer):
    return [line.entry.event.split(".")[1] for line in answer.context["timeline"] if isinstance(line, Line)]


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ({}, ["released", "level_confirmed", "note_added"]),
        ({"show": "outward"}, ["released"]),
        ({"show": ["note", "decision"]}, ["level_confirmed", "note_added"]),
        ({"show": "level"}, ["level_confirmed"]),
        ({"q": "停业"}, ["note_added"]),
        ({"q": "情况说明 官网"}, ["released"]),  # what a reader sees, not what is stored
        ({"q": "王立群"}, ["level_confirmed"]),
        ({"q": "没有这样的词"}, []),
        ({"since": "2026-11-18T12:05"}, ["released", "level_confirmed"]),
        ({"until": "2026-11-18T12:05"}, ["level_confirmed", "note_added"]),
        ({"since": "gestern", "show": "nothing", "who": "x"}, ["released", "level_confirmed", "note_added"]),
    ],
)
def test_filters_live_in_the_address(signed_in, told, query, events):
    answer = page(signed_in("pr"), told, **query)
    assert (answer.status_code, shown(answer)) == (200, events)


def test_a_persons_acts_are_those_done_in_their_name_too(cast, signed_in, told, noon):
    note_on(told, "incidents.note_added", actor=cast["deputy"], acting_for=cast["gm"], now=noon, note="代行")
    answer = page(signed_in("pr"), told, who=str(cast["gm"].uuid))
    assert shown(answer) == ["level_confirmed", "note_added"]
    choices = {person.username for person in answer.context["filters"].fields["who"].queryset}
    assert choices == {"legal", "gm", "deputy", "spokesperson"}


def test_htmx_gets_the_entries_alone(signed_in, told):
    answer = signed_in("pr").get(
        reverse("incidents:timeline", args=[told.number]), {"show": "outward"}, headers={"HX-Request": "true"}
    )
    assert answer.content.decode().lstrip().startswith('<section class="card" id="entries"')
    assert shown(answer) == ["released"]


def test_every_entry_leads_to_its_source_row_or_is_its_own(signed_in, told):
    answer = page(signed_in("pr"), told)
    urls = {line.entry.event: line.url for line in answer.context["timeline"] if isinstance(line, Line)}
    request = told.level_requests.get()
    note = told.timeline.get(event="incidents.note_added")
    assert urls == {
        "response.released": "/statements/1/",
        "incidents.level_confirmed": request.get_absolute_url(),
        "incidents.note_added": note.get_absolute_url(),
    }


def test_the_link_to_an_entry_opens_the_page_it_stands_on(cast, signed_in, incident, noon):
    first = add_note(incident, "最早的一条", actor=cast["pr"], now=noon)
    TimelineEntry.objects.bulk_create(
        TimelineEntry(incident=incident, at=noon + MINUTE, event="incidents.note_added", actor=cast["pr"], note=str(n))
        for n in range(150)
    )
    answer = signed_in("pr").get(first.get_absolute_url())
    assert (answer.context["page_obj"].number, answer.context["shown"]) == (2, first)
    assert f'id="entry-{first.pk}" aria-current="true"' in answer.content.decode()


def test_the_number_of_queries_does_not_grow(cast, signed_in, incident, noon, django_assert_max_num_queries):
    client = signed_in("pr")
    add_note(incident, "第一条", actor=cast["pr"], now=noon)
    page(client, incident)
    with django_assert_max_num_queries(60) as one:
        page(client, incident)
    for who in ("legal", "market", "tech"):
        add_note(incident, "又一条", actor=cast[who], now=noon)
    for query in ({}, {"q": "条"}):
        with django_assert_max_num_queries(len(one)):
            page(client, incident, **query)


# --- who was told, and what is folded -------------------------------------------------------------------------------
def test_who_was_told_of_an_act_stands_above_it_once_however_many_people_and_channels(cast, signed_in, incident, noon):
    levels.request_level(incident, 2, actor=cast["legal"], now=noon, reason="央级媒体转载三家，需要统一口径。")
    acknowledge(Notice.objects.get(person=cast["gm"]), actor=cast["gm"], now=noon + MINUTE)
    first, act = page(signed_in("auditor"), incident).context["timeline"]
    assert (act.event, first.event) == ("incidents.level_requested", "incidents.level_requested")
    assert {notice.person for notice in first.telling.notices} == {cast["gm"], cast["deputy"]}
    [delivery] = first.telling.first.deliveries.all()
    assert first.telling.acknowledged == 1

    html = page(signed_in("auditor"), incident, show="told").content.decode()
    assert [word in html for word in (str(cast["deputy"]), delivery.channel.name, "申请一级")] == [True, True, False]
    ledger = f"/notices/ledger/?told={first.telling.first.uuid}"
    assert (ledger in html, ledger in page(signed_in("pr"), incident).content.decode()) == (True, False)
    assert signed_in("auditor").get(ledger).status_code == 200
    assert page(signed_in("pr"), incident, show="decision").context["timeline"] == [act]

    for name in ("export-timeline", "chronicle"):
        assert str(cast["deputy"]) in page(signed_in("auditor"), incident, name).content.decode("utf-8-sig")


def test_posts_put_in_one_by_one_are_one_line_that_opens(cast, signed_in, incident, noon):
    for minute in range(3):
        detail = {"platform": "微博"}
        note_on(incident, "incidents.post_attached", actor=cast["pr"], now=noon + minute * MINUTE, detail=detail)
    note_on(incident, "incidents.post_attached", actor=cast["legal"], now=noon + 5 * MINUTE, detail=detail)
    single, fold = page(signed_in("pr"), incident).context["timeline"]
    assert (single.who, len(fold.folded), fold.at) == (str(cast["legal"]), 3, noon + 2 * MINUTE)
    first = incident.timeline.last()
    html = signed_in("pr").get(first.get_absolute_url()).content.decode()
    assert f'id="entry-{first.pk}" aria-current="true"' in html
    until = (noon + 10 * MINUTE).isoformat()
    assert (
        len(page(signed_in("pr"), incident, "chronicle", until=until).context["timeline"]) == 4
    )  # on paper each stands


# --- on paper --------------------------------------------------------------------------------------------------------
def test_the_chronicle_takes_the_filters_and_says_what_it_leaves_out(signed_in, told):
    answer = page(signed_in("pr"), told, "chronicle", show=["note", "outward"], until="2026-11-18T13:00")
    assert shown(answer) == ["note_added", "released"]  # as it happened
    with translation.override("zh-hans"):
        assert answer.context["filters_said"] == [str(KINDS["note"].label), str(KINDS["outward"].label)]


def test_the_same_entries_have_the_same_fingerprint_in_every_language(cast, signed_in, told, noon):
    client = signed_in("pr")
    until = {"until": (noon + 10 * MINUTE).isoformat()}
    first = page(client, told, "chronicle", **until).context["fingerprint"]
    add_note(told, "后来的一条", actor=cast["pr"], now=noon + 20 * MINUTE)
    client.cookies["django_language"] = "en"
    assert page(client, told, "chronicle", **until).context["fingerprint"] == first
    until = {"until": (noon + 20 * MINUTE).isoformat()}
    assert page(client, told, "chronicle", **until).context["fingerprint"] != first
    assert len(first) == 64


def test_the_export_is_safe_to_open_and_leaves_a_trace(cast, signed_in, told, noon):
    add_note(told, "=HYPERLINK(1)", actor=cast["pr"], now=noon + 40 * MINUTE)
    answer = page(signed_in("pr"), told, "export-timeline", show="note")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[3] for row in rows[1:]] == ["门店已停业 整改", "'=HYPERLINK(1)"]
    trace = Entry.objects.get(event="incidents.timeline_exported")
    assert (trace.subject, trace.detail) == (told.number, {"rows": 2, "filters": {"show": ["note"]}})
    assert page(signed_in("monitor"), told, "export-timeline").status_code == 403


def test_who_may_not_know_of_it_sees_none_of_it(signed_in, told):
    type(told).objects.update(is_confidential=True)
    entry = told.timeline.first()
    client = signed_in("market")
    for name in ("timeline", "chronicle", "export-timeline", "clocks"):
        assert page(client, told, name).status_code == 404
    assert client.get(reverse("incidents:correct-entry", args=[told.number, entry.pk])).status_code == 404


def test_every_event_with_words_is_found_by_some_kind():
    found = {event for kind in KINDS for event in events_in(kind)}
    assert set(WORDS) - found == set()
    assert {letter for kind in KINDS.values() for letter in kind.marks} == set(MARKS)
