"""What the tests of this app share."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from audit.models import Entry


@pytest.fixture
def on_record() -> Callable[[], list[tuple[str, str | None, str]]]:
    """The whole trail, oldest first: (event, user name of the actor, subject)."""

    def entries() -> list[tuple[str, str | None, str]]:
        rows = Entry.objects.order_by("seq").select_related("actor")
        return [(row.event, row.actor.username if row.actor else None, row.subject) for row in rows]

    return entries


@pytest.fixture
def again() -> Callable[[User], User]:
    """The same person as the database has them now, with nothing remembered."""
    return lambda person: User.objects.get(pk=person.pk)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are compared in the source language; the catalogue has its own tests."""
    with override("en"):
        yield


@pytest.fixture
def desk(signed_in: Callable[[str], Client]) -> Callable[[str], Client]:
    """A client signed in as somebody of the cast, with English pages."""

    def client_of(username: str) -> Client:
        client = signed_in(username)
        client.cookies["django_language"] = "en"
        return client

    return client_of


@pytest.fixture
def stranger() -> Client:
    """A client that is not signed in, with English pages."""
    client = Client()
    client.cookies["django_language"] = "en"
    return client
