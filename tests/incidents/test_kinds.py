"""What incidents affect (P3): a company adds, renames and retires its own kinds."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.versions import Stale
from audit.models import Entry
from incidents.models import AffectedKind
from incidents.refusals import Refused
from incidents.services import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def quality():
    return AffectedKind.objects.get(code="quality")


def test_added_with_a_code_of_its_own(cast):
    kind = kinds.add_kind("投资者关系", "Investor relations", actor=cast["pr"])
    assert (kind.code, str(kind)) == ("own-5", "投资者关系")
    entry = Entry.objects.get()
    assert (entry.event, entry.subject) == ("incidents.kind_added", "kind:own-5")


def test_one_name_once(cast, quality):
    with pytest.raises(Refused):
        kinds.add_kind("产品质量", actor=cast["pr"])
    with pytest.raises(Refused):
        kinds.rename_kind(quality, "品牌形象", "", actor=cast["pr"], seen_version=1)
    assert (AffectedKind.objects.count(), Entry.objects.count()) == (4, 0)


@pytest.mark.parametrize("who", ["legal", "gm", "monitor", "admin", "auditor"])
def test_nobody_else_changes_them(cast, quality, noon, who):
    for act in (
        lambda: kinds.add_kind("新类", actor=cast[who]),
        lambda: kinds.rename_kind(quality, "新名", "", actor=cast[who], seen_version=1),
        lambda: kinds.retire_kind(quality, actor=cast[who], now=noon, seen_version=1),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not Entry.objects.exists()


def test_renamed_everywhere(cast, incident, quality):
    incident.affects.add(quality)
    kinds.rename_kind(quality, "产品安全", "Product safety", actor=cast["pr"], seen_version=1)
    assert str(incident.affects.get()) == "产品安全"
    with pytest.raises(Stale):
        kinds.rename_kind(quality, "晚了", "", actor=cast["pr"], seen_version=1)


def test_retired_it_stays_where_it_is_and_is_offered_to_no_other(signed_in, cast, incident, quality, noon):
    incident.affects.add(quality)
    kinds.retire_kind(quality, actor=cast["pr"], now=noon, seen_version=1)
    client = signed_in("pr")

    of_new = client.get(reverse("incidents:open")).context["form"].fields["affects"].queryset
    of_old = client.get(reverse("incidents:edit", args=[incident.number])).context["form"].fields["affects"].queryset
    assert (quality in of_new, quality in of_old) == (False, True)
    refused = client.post(reverse("incidents:open"), {"title": "新事件", "affects": [quality.pk]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["affects"])

    kinds.retire_kind(quality, actor=cast["pr"], now=noon, seen_version=2)
    assert quality.retired_at is None


def test_the_last_one_stays(cast, noon):
    for kind in AffectedKind.objects.all()[1:]:
        kinds.retire_kind(kind, actor=cast["pr"], now=noon, seen_version=1)
    with pytest.raises(Refused):
        kinds.retire_kind(AffectedKind.objects.all()[0], actor=cast["pr"], now=noon, seen_version=1)


def test_the_pages(signed_in, quality):
    client, url = signed_in("pr"), reverse("incidents:kinds")
    assert client.post(url, {"name": " 供应链 ", "name_en": ""}).status_code == 302
    assert client.post(url, {"name": "供应链"}).status_code == 422
    assert client.post(url, {"name": "   "}).status_code == 422
    edit = reverse("incidents:edit-kind", args=["own-5"])
    assert client.post(edit, {"name": "供应商", "version": 1}).status_code == 302
    assert client.post(edit, {"name": "又改", "version": 1}).status_code == 409
    assert client.post(reverse("incidents:retire-kind", args=["own-5"]), {"version": 2}).status_code == 302
    assert client.post(reverse("incidents:retire-kind", args=["own-5"]), {"version": "x"}).status_code == 409
    page = client.get(url)
    assert [(str(kind), bool(kind.retired_at)) for kind in page.context["kinds"]][-1] == ("供应商", True)
    assert signed_in("legal").get(url).status_code == 403


def test_lists_and_the_export_say_it(signed_in, incident, quality):
    incident.affects.add(quality)
    client = signed_in("pr")
    assert "产品质量" in client.get(reverse("incidents:list")).content.decode()
    [_head, row] = csv.reader(io.StringIO(client.get(reverse("incidents:export")).content.decode("utf-8-sig")))
    assert row[4] == "产品质量"
