import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from incidents.models import AffectedKind, Incident, Membership
from incidents.permissions import may
from incidents.refusals import Refused
from incidents.services import levels, people
from notices.models import Notice
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db


def edit(incident, actor, now, seen_version=1, **values):
    return people.edit(incident, actor=actor, now=now, seen_version=seen_version, values=values)


# --- members ---------------------------------------------------------------------------------------------------------
def test_who_joins_sees_it_and_is_told(cast, incident, noon):
    assert not Incident.objects.visible_to(cast["dept"]).exists()
    people.add_member(incident, cast["dept"], actor=cast["pr"], now=noon)
    people.add_member(incident, cast["dept"], actor=cast["pr"], now=noon)  # twice is once

    assert list(Incident.objects.visible_to(cast["dept"])) == [incident]
    assert [notice.person for notice in Notice.objects.all()] == [cast["dept"]]
    assert incident.timeline.get().detail == {"person": "江禾"}


def test_who_leaves_sees_it_no_more_and_may_come_back(cast, incident, noon):
    people.add_member(incident, cast["dept"], actor=cast["pr"], now=noon)
    assert people.remove_member(incident, cast["dept"], actor=cast["pr"], now=noon) is True
    assert people.remove_member(incident, cast["dept"], actor=cast["pr"], now=noon) is False
    assert not Incident.objects.visible_to(cast["dept"]).exists()

    people.add_member(incident, cast["dept"], actor=cast["pr"], now=noon)
    assert Membership.objects.filter(person=cast["dept"]).count() == 2  # the first time is still on record


def test_the_lead_stays(cast, incident, noon):
    with pytest.raises(Refused):
        people.remove_member(incident, cast["pr"], actor=cast["gm"], now=noon)


def test_who_has_left_the_desk_joins_nothing(cast, incident, noon):
    User.objects.filter(username="dept").update(is_active=False)
    with pytest.raises(Refused):
        people.add_member(incident, User.objects.get(username="dept"), actor=cast["pr"], now=noon)


@pytest.mark.parametrize("who", ["legal", "monitor", "member", "auditor"])
def test_others_change_no_members(cast, incident, noon, who):
    with pytest.raises(PermissionDenied):
        people.add_member(incident, cast["dept"], actor=cast[who], now=noon)
    assert (Membership.objects.count(), incident.timeline.count()) == (0, 0)


def test_the_page_adds_and_removes(signed_in, cast, incident):
    client, url = signed_in("pr"), reverse("incidents:members", args=[incident.number])
    assert client.post(url, {"person": cast["dept"].pk}).status_code == 302
    assert Membership.objects.current().get().person == cast["dept"]
    assert client.post(url, {"person": cast["outsider"].pk}).status_code == 422  # holds no role
    remove = reverse("incidents:remove-member", args=[incident.number, cast["dept"].uuid])
    assert client.post(remove).status_code == 302
    assert not Membership.objects.current().exists()


# --- correcting ------------------------------------------------------------------------------------------------------
def test_a_correction_names_its_fields(cast, incident, noon):
    kind = AffectedKind.objects.get(code="quality")
    edit(incident, cast["legal"], noon, title="更正后的标题", affects=[kind], summary=incident.summary)

    incident.refresh_from_db()
    assert (incident.title, incident.version, list(incident.affects.all())) == ("更正后的标题", 2, [kind])
    assert incident.timeline.get().detail == {"fields": ["title", "affects"]}
    assert Entry.objects.get().detail == {"fields": ["title", "affects"]}  # names, never the text


def test_nothing_changed_leaves_no_trace(cast, incident, noon):
    edit(incident, cast["legal"], noon, title=incident.title)
    assert (incident.timeline.count(), Entry.objects.count()) == (0, 0)


def test_a_stale_correction_changes_nothing(cast, incident, noon):
    edit(incident, cast["legal"], noon, title="先到的标题")
    with pytest.raises(Stale):
        edit(incident, cast["market"], noon, seen_version=1, title="后到的标题")
    incident.refresh_from_db()
    assert (incident.title, incident.timeline.count()) == ("先到的标题", 1)


def test_only_the_heads_make_it_confidential(cast, incident, noon):
    with pytest.raises(PermissionDenied):
        edit(incident, cast["legal"], noon, is_confidential=True)
    incident.refresh_from_db()
    assert incident.is_confidential is False
    edit(incident, cast["pr"], noon, is_confidential=True)
    incident.refresh_from_db()
    assert incident.is_confidential is True


def test_a_new_lead_becomes_a_member(cast, incident, noon):
    edit(incident, cast["pr"], noon, lead=cast["tech"])
    assert Membership.objects.current().get().person == cast["tech"]


# --- owning department and lead --------------------------------------------------------------------------------------
def test_handed_over_it_says_so_and_tells_who_needs_to_know(cast, incident, noon):
    department = cast["head"].department
    edit(incident, cast["legal"], noon, department=department, lead=cast["tech"], title=incident.title)

    incident.refresh_from_db()
    entry = incident.timeline.get()
    assert (incident.lead, incident.department) == (cast["tech"], department)
    assert (entry.event, entry.detail) == (
        "incidents.handed_over",
        {"department": str(department), "lead": str(cast["tech"])},
    )
    told = {notice.person.username for notice in Notice.objects.filter(event="incidents.handed_over")}
    assert told == {"tech", "pr", "head"}  # the new lead, the former one, the department's head


def test_of_a_confidential_one_the_departments_head_hears_nothing(cast, noon):
    secret = standing_at("triaged", 0, opened_by=cast["pr"], lead=cast["pr"], is_confidential=True)
    people.add_member(secret, cast["pr"], actor=cast["gm"], now=noon)
    edit(secret, cast["pr"], noon, department=cast["head"].department)
    assert not Notice.objects.filter(person=cast["head"]).exists()


def test_level_three_goes_to_the_head_of_its_department(cast, incident, noon, settings):
    settings.INCIDENT_HOOKS = ["incidents.services.people.after_step"]
    Incident.objects.filter(pk=incident.pk).update(department=cast["head"].department)
    request = asked(incident, 3, by=cast["legal"])
    levels.approve(request, actor=cast["member"], now=noon, fresh=False, seen_version=1)

    incident.refresh_from_db()
    assert (incident.level, incident.lead) == (3, cast["head"])
    assert cast["head"] in [member.person for member in incident.memberships.current()]
    assert incident.timeline.filter(event="incidents.handed_over").get().detail["lead"] == str(cast["head"])
    assert may(cast["head"], "edit_incident", incident)  # O5: the head runs it
    assert not may(cast["dept"], "edit_incident", incident)


@pytest.mark.parametrize(("level", "named", "lead"), [(3, None, "head"), (3, "tech", "tech"), (2, None, "pr")])
def test_given_to_a_department_later(cast, noon, level, named, lead):
    incident = standing_at("responding", level, opened_by=cast["pr"], lead=cast["pr"])
    values = {"department": cast["head"].department, "lead": cast[named] if named else cast["pr"]}
    edit(incident, cast["legal"], noon, **values)
    incident.refresh_from_db()
    assert incident.lead == cast[lead]
    assert incident.timeline.get().detail["lead"] == str(cast[lead])


@pytest.mark.parametrize("level", [2, 3])
def test_the_lead_stays_at_a_higher_level_or_without_a_department(cast, incident, noon, settings, level):
    settings.INCIDENT_HOOKS = ["incidents.services.people.after_step"]
    if level == 2:
        Incident.objects.filter(pk=incident.pk).update(department=cast["head"].department)
    levels.approve(asked(incident, level, by=cast["legal"]), actor=cast["gm"], now=noon, fresh=False, seen_version=1)
    incident.refresh_from_db()
    assert (incident.level, incident.lead) == (level, cast["pr"])


def test_a_stale_page_shows_both_states(signed_in, cast, incident, noon):
    url, kind = reverse("incidents:edit", args=[incident.number]), AffectedKind.objects.get(code="brand")
    seen = signed_in("market").get(url).context["form"].initial["version"]
    edit(incident, cast["legal"], noon, title="先到的标题")

    data = {"title": "后到的标题", "affects": [kind.pk], "lead": cast["pr"].pk, "version": seen}
    page = signed_in("market").post(url, data)

    assert page.status_code == 409
    assert [(str(yours), str(theirs)) for _field, yours, theirs in page.context["changes"]] == [
        ("后到的标题", "先到的标题")
    ]
    incident.refresh_from_db()
    assert incident.title == "先到的标题"


def test_the_page_saves_a_correction(signed_in, cast, incident):
    url, kind = reverse("incidents:edit", args=[incident.number]), AffectedKind.objects.get(code="brand")
    data = {"title": "更正后的标题", "affects": [kind.pk], "lead": cast["pr"].pk, "version": 1}
    assert signed_in("legal").post(url, data).status_code == 302
    incident.refresh_from_db()
    assert (incident.title, incident.version) == ("更正后的标题", 2)


# --- 记一笔 ----------------------------------------------------------------------------------------------------------
def test_a_note_in_ones_own_words(signed_in, cast, incident):
    url = reverse("incidents:note", args=[incident.number])
    assert signed_in("spokesperson").post(url, {"words": "  记者来电两次  "}).status_code == 302
    entry = incident.timeline.get()
    assert (entry.event, entry.actor, entry.note) == ("incidents.note_added", cast["spokesperson"], "记者来电两次")
    assert "记者" not in str(Entry.objects.get().detail)


def test_an_empty_note_is_none(signed_in, incident):
    assert signed_in("pr").post(reverse("incidents:note", args=[incident.number]), {"words": " "}).status_code == 422
    assert incident.timeline.count() == 0
