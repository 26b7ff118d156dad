"""What a person was refused is on the record, by itself."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import path

from accounts.middleware import refusal_on_record
from accounts.models import Department
from audit.models import Entry
from audit.services import record, verify
from config.urls import urlpatterns as desk_urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def act(request):
    """An act that writes, and is then refused."""
    with transaction.atomic():
        Department.objects.create(code="ghost", name="不该有的部门")
        record("test.happened", actor=request.user)
        raise PermissionDenied("approve_level")


urlpatterns = [*desk_urls, path("act/", act)]


def test_the_refused_act_rolls_back_and_the_refusal_stays(signed_in, on_record):
    response = signed_in("monitor").post("/act/")

    assert response.status_code == 403
    assert Department.objects.filter(code="ghost").exists() is False
    assert on_record() == [("accounts.act_refused", "monitor", "/act/")]
    assert Entry.objects.get().detail == {"method": "POST", "act": "approve_level"}
    assert verify().whole


def test_strangers_do_not_fill_the_trail(on_record):
    assert Client().post("/act/").status_code == 403
    assert on_record() == []


def test_a_page_of_this_app_that_is_refused(signed_in, on_record):
    assert signed_in("monitor").get("/people/add/").status_code == 403
    assert on_record() == [("accounts.act_refused", "monitor", "/people/add/")]
    assert Entry.objects.get().detail == {"method": "GET", "act": "add_person"}


def test_what_is_not_there_is_no_refusal(signed_in, on_record):
    assert signed_in("monitor").get("/people/nothing/").status_code == 404
    assert on_record() == []


def test_the_api_writes_it_down_itself(cast, on_record):
    request = RequestFactory().delete("/api/v1/incidents/1/")
    request.user = cast["dept"]
    refusal_on_record(request, PermissionDenied("x" * 900))
    assert on_record() == [("accounts.act_refused", "dept", "/api/v1/incidents/1/")]
    assert Entry.objects.get().detail == {"method": "DELETE", "act": "x" * 200}
