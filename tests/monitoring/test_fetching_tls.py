"""Over TLS the address is pinned too, and the certificate is still that of the name."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitoring.fetching import addresses
from monitoring.fetching import fetch as fetching
from monitoring.fetching.fetch import fetch
from monitoring.health.words import FetchError
from tests.monitoring.feedserver import FeedServer


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for feed.example and for nobody else, with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "feed.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("feed.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "feed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FeedServer, list[str]]]:
    """A server that speaks TLS, every name leading to it, and the server names it was asked for."""
    asked_for: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda sock, name, ctx: asked_for.append(name or "")
    server = FeedServer()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.put("/feed", "<rss/>")
    monkeypatch.setattr(addresses, "_looked_up", lambda host, port: ["127.0.0.1"])
    settings.FETCH_ALLOWED_HOSTS = [f"{host}:{server.server_port}" for host in ("feed.example", "other.example")]
    yield server, asked_for
    server.shutdown()
    server.server_close()


def trust(certificate: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(fetching, "trusted_certificates", lambda: context)


def test_the_name_is_asked_for_and_the_host_is_named(
    secure: tuple[FeedServer, list[str]], certificate: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, asked_for = secure
    trust(certificate, monkeypatch)
    got = fetch(f"https://feed.example:{server.server_port}/feed", now=noon)
    assert (got.health, got.body) == ("ok", b"<rss/>")
    assert asked_for == ["feed.example"]
    assert server.asked[0][1]["Host"] == f"feed.example:{server.server_port}"


def test_a_certificate_of_another_name_is_refused(
    secure: tuple[FeedServer, list[str]], certificate: Path, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _asked_for = secure
    trust(certificate, monkeypatch)
    with pytest.raises(FetchError) as caught:
        fetch(f"https://other.example:{server.server_port}/feed", now=noon)
    assert caught.value.health == "unreachable"
    assert "other.example" in caught.value.words
    assert server.asked == []


def test_a_certificate_nobody_vouches_for_is_refused(secure: tuple[FeedServer, list[str]], noon: datetime) -> None:
    server, _asked_for = secure
    with pytest.raises(FetchError) as caught:
        fetch(f"https://feed.example:{server.server_port}/feed", now=noon)
    assert caught.value.health == "unreachable"
    assert "self" in caught.value.words
    assert server.asked == []
