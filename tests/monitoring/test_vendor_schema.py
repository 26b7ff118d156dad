"""What an integrator reads about the API is whole, and is served without asking another host for anything."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from monitoring.api.items import FIELDS, REASONS
from monitoring.event_words import EVENT_WORDS

ROOT = Path(settings.BASE_DIR)


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_schema_is_made_without_a_warning(schema):
    assert not GENERATOR_STATS


def test_the_push_names_headers_body_and_every_answer(schema):
    push = schema["paths"]["/api/v1/posts/"]["post"]
    assert {parameter["name"] for parameter in push["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "Idempotency-Key",
    }
    assert set(push["responses"]) == {"202", "400", "401", "403", "409", "413", "422", "429"}
    assert push["security"] == [{"vendorKey": []}]
    parts = schema["components"]["schemas"]
    assert set(parts["PushedPost"]["properties"]) == set(FIELDS)
    assert set(parts["PushedPost"]["required"]) == {"external_id", "published_at"}


@pytest.mark.parametrize("path", ["pushes/", "pushes/{uuid}/", "pushed-items/", "signals/", "posts/"])
def test_what_can_be_read_is_described(schema, path):
    read = schema["paths"][f"/api/v1/{path}"]["get"]
    assert read["security"] == [{"vendorKey": []}]
    assert read["description"]


def test_the_guide_names_every_field_and_reason():
    guide = (ROOT / "docs" / "vendor-api.md").read_text("utf-8")
    assert [name for name in (*FIELDS, *REASONS) if f"`{name}`" not in guide] == []


@pytest.mark.django_db
def test_the_reference_is_served_from_here_with_strict_scripts(client):
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert addresses
    assert [address for address in addresses if not address.startswith("/")] == []
    policy = {line.split()[0]: line.split()[1:] for line in page["Content-Security-Policy"].split("; ")}
    assert (policy["script-src"], "'unsafe-inline'" in policy["style-src"]) == (["'self'"], True)
    assert client.get("/api/v1/schema/").status_code == 200


def test_every_recorded_event_of_vendors_has_words():
    names = ("services/vendors.py", "services/pushing.py")
    text = "".join((ROOT / "monitoring" / name).read_text("utf-8") for name in names)
    assert set(re.findall(r'"(monitoring\.[a-z_]+)"', text)) <= set(EVENT_WORDS)
