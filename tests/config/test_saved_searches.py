"""Searches a person keeps: theirs alone, by name, and able to become a watch."""

import pytest
from django.urls import reverse

from audit.models import Entry
from opinion.models import SavedSearch
from opinion.services import searches
from tests.factories import NOON, WatchFactory

pytestmark = pytest.mark.django_db
SEARCH = "/search/"


@pytest.fixture
def kept(cast):
    return searches.save_search(
        name="发霉", query="晴野 发霉", filters={"sentiment": "neg"}, actor=cast["pr"], now=NOON
    )


def test_a_search_is_kept_with_its_filters_and_leads_back(signed_in, cast):
    watch = WatchFactory()
    client = signed_in("pr")
    address = f"?q=晴野 退款&watch={watch.uuid}&span=7d&copies=1"
    assert client.post(reverse("save-search") + address, {"name": "退款"}).status_code == 302
    saved = SavedSearch.objects.get()
    assert (saved.owner, saved.name, saved.query) == (cast["pr"], "退款", "晴野 退款")
    assert saved.filters == {"watch": str(watch.uuid), "span": "7d", "copies": "1"}
    assert Entry.objects.filter(event="opinion.search_saved").count() == 1
    [(shown, link)] = client.get(SEARCH).context["saved"]
    assert shown == saved
    again = client.get(link)
    assert again.context["form"].rule == "晴野 退款"
    assert again.context["form"].as_words == saved.filters


def test_nobody_sees_or_changes_those_of_others(signed_in, kept):
    client = signed_in("monitor")
    assert client.get(SEARCH).context["saved"] == []
    assert client.get(reverse("saved-search", args=[kept.uuid])).status_code == 404
    assert client.post(reverse("delete-search", args=[kept.uuid])).status_code == 404
    assert SavedSearch.objects.filter(pk=kept.pk).exists()


def test_a_name_is_used_once_a_person(signed_in, kept, cast):
    signed_in("pr").post(reverse("save-search") + "?q=别的", {"name": "发霉"})
    assert SavedSearch.objects.get().query == "晴野 发霉"
    signed_in("monitor").post(reverse("save-search") + "?q=别的", {"name": "发霉"})
    assert SavedSearch.objects.count() == 2


@pytest.mark.parametrize(("address", "name"), [("?q=NOT 晴野", "甲"), ("?q=晴野", ""), ("?q=晴野", "名" * 81)])
def test_what_cannot_be_read_or_has_no_name_is_not_kept(signed_in, address, name):
    signed_in("pr").post(reverse("save-search") + address, {"name": name})
    assert not SavedSearch.objects.exists()


def test_nobody_keeps_more_than_there_is_room_for(signed_in, kept, monkeypatch):
    monkeypatch.setattr(searches, "MOST", 1)
    signed_in("pr").post(reverse("save-search") + "?q=别的", {"name": "另一个"})
    assert SavedSearch.objects.count() == 1


def test_it_is_renamed(signed_in, kept):
    client = signed_in("pr")
    assert client.post(reverse("saved-search", args=[kept.uuid]), {"name": "门店发霉"}).status_code == 302
    kept.refresh_from_db()
    assert kept.name == "门店发霉"
    assert Entry.objects.get(event="opinion.search_renamed").detail == {"before": "发霉", "after": "门店发霉"}


def test_a_taken_name_is_refused_on_the_form(signed_in, kept, cast):
    other = searches.save_search(name="退款", query="退款", filters={}, actor=cast["pr"], now=NOON)
    answer = signed_in("pr").post(reverse("saved-search", args=[other.uuid]), {"name": "发霉"})
    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.name == "退款"


def test_it_is_deleted(signed_in, kept):
    assert signed_in("pr").post(reverse("delete-search", args=[kept.uuid])).status_code == 302
    assert not SavedSearch.objects.exists()
    assert Entry.objects.filter(event="opinion.search_deleted").count() == 1


def test_a_search_becomes_a_watch(signed_in):
    client = signed_in("monitor")
    link = client.get(f"{SEARCH}?q=晴野 OR 青野").context["make_watch"]
    form = client.get(link).context["form"]
    assert form["rule"].value() == "晴野 OR 青野"
    assert "watches/add" not in signed_in("gm").get(f"{SEARCH}?q=晴野").content.decode()
