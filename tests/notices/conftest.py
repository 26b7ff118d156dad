"""What the tests of this app share."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils.translation import override

from notices.channels.fakes import configs
from notices.channels.fakes.server import FakeServer, running
from tests.notices.mailserver import MailServer, mail_server


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
def mail(settings) -> Iterator[MailServer]:
    """A real mail server the desk sends to."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        yield server


@pytest.fixture
def fake(settings) -> Iterator[FakeServer]:
    """The stand-in for the chat platforms, on a real socket; 王立群 and 周妍 have accounts there."""
    with running() as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.url.removeprefix("http://")]
        server.world.people = {"wang": "王立群", "zhou": "周妍"}
        yield server


@pytest.fixture
def config(fake: FakeServer) -> Callable[..., dict[str, str]]:
    """The settings of a kind of channel that speaks to the stand-in, some of them changed."""
    return lambda kind, **changes: {**configs(fake.url)[kind], **changes}
