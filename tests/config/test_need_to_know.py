"""One confidential incident is planted, full of marked words; whoever may not know of it walks the whole desk.

Every address of the desk is asked, read and posted to, with the keys of the planted rows: no answer may hold a marked
word, no count may differ, nothing of it may be changed. That the marks can be seen at all is shown by the one who may.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import product
from types import MappingProxyType
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import User
from audit.models import Entry
from incidents.models import AffectedKind, Incident, TimelineEntry
from incidents.services import command, people
from incidents.services.briefs import make_brief
from incidents.services.levels import approve, request_level
from incidents.services.opening import open_incident
from monitoring.models import Signal
from notices.models import Notice
from response.models import Task
from tests.cast import make_cast
from tests.factories import MatchFactory, PostFactory, TopicFactory, WatchFactory
from tests.response.factories import draft_of, fact_of, let_speak

pytestmark = pytest.mark.one_database
Route = tuple[str, Mapping[str, Any]]
MARK = "蓝鲸计划"  # stands in every text of the planted incident and nowhere else
UNPUBLISHED = "白鹭草稿"
NUMBER = "YQ-2026-001"
# Everybody without a say in it: a colleague of the team, who watches, leads another department, speaks, keeps the desk.
MAY_NOT_KNOW = ("market", "monitor", "head", "dept", "spokesperson", "admin", "security", "outsider")
READERS = ("market", "monitor")  # they walk every address, the others those where something is to see
LEFT_OUT = ("/accounts/", "/i18n/", "/healthz")  # signing in, and what answers without anybody signed in


@pytest.fixture
def planted(db: None, noon: Any) -> dict[str, Any]:
    """An incident with everything an incident can have, each text marked."""
    cast = make_cast()
    watch = WatchFactory(name="公开的方案")
    topic = TopicFactory(watch=watch, title="公开的话题", first_at=noon, last_at=noon)
    post = PostFactory(title="公开的帖子", published_at=noon - timedelta(hours=1), first_seen_at=noon)
    MatchFactory(post=post, watch=watch, topic=topic, published_at=post.published_at)
    incident = open_incident(
        actor=cast["pr"],
        title=f"{MARK}原料事件",
        summary=f"{MARK}的经过",
        now=noon,
        topic=topic,
        lead=cast["pr"],
        affects=[AffectedKind.objects.first()],
        is_confidential=True,
    )
    assert incident.number == NUMBER
    people.add_member(incident, cast["legal"], actor=cast["pr"], now=noon)
    people.add_member(incident, cast["tech"], actor=cast["pr"], now=noon)
    people.add_note(incident, f"{MARK}记一笔", actor=cast["pr"], now=noon)
    command.give_function(incident, cast["legal"], f"{MARK}取证", actor=cast["pr"], now=noon)
    request = request_level(incident, 2, actor=cast["legal"], now=noon, reason=f"{MARK}的理由，足够长")
    approve(request, actor=cast["gm"], now=noon, fresh=True, seen_version=request.version, note=f"{MARK}同意这样办理")
    incident.refresh_from_db()
    waiting = request_level(incident, 1, actor=cast["legal"], now=noon, reason=f"{MARK}的理由，再次申请")
    fact = fact_of(incident, cast, noon, claim=f"{MARK}的事实")
    let_speak(cast["alternate"], cast)
    draft = draft_of(incident, cast, noon, who="legal", text=f"{MARK}{UNPUBLISHED}，尚未会签")
    brief = make_brief(incident, actor=cast["pr"], now=noon, seen_number=0)
    assert MARK in brief.text
    task = Task.objects.filter(incident=incident).first()
    # whoever got a task became a member and knows: this walk is about those who did not
    knows = set(incident.memberships.current().values_list("person__username", flat=True))
    return {
        "cast": cast,
        "incident": incident,
        "strangers": [who for who in MAY_NOT_KNOW if who not in knows],
        "values": {
            "number": [incident.number],
            "uuid": [row.uuid for row in (incident, request, waiting, task, draft.statement, topic, post, watch)]
            + [notice.uuid for notice in Notice.objects.filter(subject__contains=NUMBER)[:1]]
            + [signal.uuid for signal in Signal.objects.all()[:1]]
            + [cast["legal"].uuid, draft.uuid if hasattr(draft, "uuid") else incident.uuid],
            "int": [1, fact.number, 2],
            "slug": ["dismiss", "merge", incident.number.lower()],
            "path": [incident.number],
            "str": [incident.number, draft.statement.number],
        },
    }


def routes(resolver: Any, prefix: str = "", outer: Mapping[str, Any] = MappingProxyType({})) -> Iterator[Route]:
    """Every address of the desk: its route, and its converters by name."""
    for each in resolver.url_patterns:
        route, converters = prefix + str(each.pattern), {**outer, **each.pattern.converters}
        if isinstance(each, URLResolver):
            yield from routes(each, route, converters)
        else:
            yield route, converters


def filled(route: str, converters: Mapping[str, Any], values: Mapping[str, list[Any]]) -> list[str]:
    """The route with every combination of planted values that fits its converters; none for a regular expression."""
    kinds = {name: type(converter).__name__.removesuffix("Converter").lower() for name, converter in converters.items()}
    choices = [values["str" if kind == "string" else kind] for kind in kinds.values()]
    paths = []
    for chosen in product(*choices):
        path = route
        for name, value in zip(kinds, chosen, strict=True):
            path = re.sub(rf"<(\w+:)?{name}>", str(value), path)
        if not re.search(r"[<\\^]", path):
            paths.append(f"/{path}")
    return [path for path in paths if not path.startswith(LEFT_OUT)]


def addresses(planted: dict[str, Any], insider: Client) -> list[str]:
    """One address for each route of the desk, with the key that leads somewhere.

    An address below another one (`…/<uuid>/approve/`) takes the key of the one above, found by asking once.
    """
    found, keys = [], {}
    for route, converters in sorted(routes(get_resolver()), key=lambda each: (len(each[0]), each[0])):
        paths = filled(route, converters, planted["values"])
        if not paths:
            continue
        above = route.rpartition(">")[0]
        if above not in keys:
            leads = (n for n, path in enumerate(paths) if len(paths) == 1 or insider.get(path).status_code == 200)
            keys[above] = next(leads, 0)
        found.append(paths[keys[above]] if keys[above] < len(paths) else paths[0])
    return found


def browser(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace")


def test_who_may_not_know_meets_no_trace_anywhere(planted, caplog):
    caplog.set_level(logging.CRITICAL)
    insider, incident = browser(planted["cast"]["pr"]), planted["incident"]
    paths = addresses(planted, insider)
    seen = [path for path in paths if MARK in text_of(insider.get(path))]
    # else the walk would prove nothing
    assert {f"/incidents/{NUMBER}/", f"/incidents/{NUMBER}/command/", "/incidents/", "/incidents/export.csv"} <= set(
        seen
    )
    assert (len(paths) > 200, len(seen) >= 15) == (True, True)

    before = (TimelineEntry.objects.count(), Incident.everywhere.get(pk=incident.pk).version)
    told = []
    for who in planted["strangers"]:
        client = browser(planted["cast"][who])
        for path in paths if who in READERS else seen:
            answers = [client.get(path)]
            if re.search(rf"{NUMBER}|[0-9a-f-]{{36}}", path):
                answers.append(client.post(path))
            if path in seen:
                answers.append(client.get(path, {"q": MARK}))
            for answer in answers:
                if MARK in text_of(answer).replace(f'value="{MARK}"', "") or MARK in str(answer.headers):
                    told.append((who, answer.request["REQUEST_METHOD"], path))
                if answer.status_code >= 500:
                    told.append((who, answer.status_code, path))

    auditor, writer = browser(planted["cast"]["auditor"]), browser(planted["cast"]["legal"])
    drafts = [path for path in paths if "stat" in path or NUMBER in path]
    assert [path for path in drafts if UNPUBLISHED in text_of(writer.get(path))] != []
    assert [path for path in drafts if UNPUBLISHED in text_of(auditor.get(path))] == []  # every act, but no draft
    assert auditor.get(f"/incidents/{NUMBER}/chronicle/").status_code == 200

    assert told == []
    assert (TimelineEntry.objects.count(), Incident.everywhere.get(pk=incident.pk).version) == before


def test_no_notice_tells_of_it(planted):
    strangers = [planted["cast"][who] for who in planted["strangers"]]
    notices = Notice.everywhere.filter(person__in=strangers)
    assert [notice for notice in notices if NUMBER in f"{notice.subject}{notice.body}{notice.url}"] == []
    # nor does a lock screen tell those who may know more than the number
    assert [notice for notice in Notice.everywhere.all() if MARK in f"{notice.subject}{notice.body}"] == []


def test_no_count_gives_it_away(planted):
    def counts() -> dict[str, Any]:
        return {who: browser(planted["cast"][who]).get("/counts/").json() for who in planted["strangers"]}

    with_it = counts()
    Incident.everywhere.filter(pk=planted["incident"].pk).update(stage="archived")
    assert counts() == with_it
    assert browser(planted["cast"]["pr"]).get("/counts/").json()["counts"]["incidents:list"] == 0


def test_the_trail_holds_no_words_of_it(planted):
    assert Entry.objects.filter(subject=NUMBER).count() > 5
    assert [entry.event for entry in Entry.objects.all() if MARK in str(entry.detail)] == []
