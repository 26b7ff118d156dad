"""Whom the desk calls: public addresses over https, what is listed, nothing else, and never a second address."""

import contextlib
import socket
import ssl
from threading import Thread

import pytest

from accounts.outside import calls
from accounts.outside.calls import CallFailed, call
from tests.monitoring.mailserver import certificate


@pytest.fixture
def answers(monkeypatch):
    """What names resolve to, said here; nothing is really connected to."""
    known: dict[str, list[str]] = {}
    monkeypatch.setattr(calls, "looked_up", lambda host, port: known.get(host, []))
    return known


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hook.example.com/", "Only addresses that begin with https:// are called."),
        ("ftp://hook.example.com/", "Only addresses that begin with https:// are called."),
        ("file:///etc/passwd", "This is not an address that can be called."),
        ("https://user:word@hook.example.com/", "This is not an address that can be called."),
        ("https://", "This is not an address that can be called."),
        ("no address", "This is not an address that can be called."),
        ("https://unknown.example.com/", "The name unknown.example.com cannot be found."),
    ],
)
def test_what_cannot_be_called(url, words, answers):
    with pytest.raises(CallFailed) as caught:
        call("POST", url)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "100.100.100.200", "::1", "::ffff:10.0.0.1", "0.0.0.0"],
)
def test_a_name_that_leads_inside_is_refused(address, answers):
    answers["hook.example.com"] = ["93.184.216.34", address]
    with pytest.raises(CallFailed) as caught:
        call("POST", "https://hook.example.com/key/secret")
    assert str(caught.value).startswith("hook.example.com is not a public address on port 443.")
    assert caught.value.is_refused


def test_another_port_must_be_listed(answers):
    answers["hook.example.com"] = ["93.184.216.34"]
    with pytest.raises(CallFailed) as caught:
        call("POST", "https://hook.example.com:8443/")
    assert caught.value.is_refused


def test_a_listed_host_is_called_without_tls_and_only_on_its_port(answers, settings):
    settings.OUTGOING_ALLOWED_HOSTS = ["127.0.0.1:1"]
    answers["127.0.0.1"] = ["127.0.0.1"]
    with pytest.raises(CallFailed, match="cannot be reached"):
        call("POST", "http://127.0.0.1:1/")
    with pytest.raises(CallFailed, match="Only addresses that begin with https://"):
        call("POST", "http://127.0.0.1:2/")


def test_a_certificate_nobody_vouches_for_is_refused(answers, settings, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path, "hook.example"))
    with socket.create_server(("127.0.0.1", 0)) as plain, context.wrap_socket(plain, server_side=True) as server:
        port = server.getsockname()[1]
        heard: list[str] = []
        Thread(target=_one_handshake, args=(server, heard), daemon=True).start()
        answers["hook.example"] = ["127.0.0.1"]
        settings.OUTGOING_ALLOWED_HOSTS = [f"hook.example:{port}"]
        with pytest.raises(CallFailed, match=r"hook\.example cannot be reached") as caught:
            call("POST", f"https://hook.example:{port}/key", body=b"secret")
    assert (caught.value.is_unclear, heard) == (False, [])


def _one_handshake(server, heard):
    with contextlib.suppress(OSError):
        connection, _address = server.accept()
        heard.append(connection.recv(100))
