"""The complaint mailbox: read once, changed never, and from nowhere it must not go."""

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.secrets import decrypt
from audit.models import Entry
from monitoring.fetching import addresses, imap
from monitoring.fetching.fetch import Clock
from monitoring.fetching.imap import Login, letters_after, look
from monitoring.health.words import FetchError
from monitoring.models import Mailbox, Poll
from monitoring.selectors.situation import coverage_today
from monitoring.services import mailboxes
from opinion.models import Match, Post, Source
from tests.factories import WatchFactory
from tests.monitoring.mailserver import PASSWORD, USER, MailServer, certificate

SignedIn = Callable[[str], Client]
SINCE = date(2026, 11, 11)


@pytest.fixture
def server(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server called mail.example that is trusted and allow-listed."""
    pem = certificate(tmp_path)
    server = MailServer(pem)
    trusted = ssl.create_default_context(cafile=pem)
    monkeypatch.setattr(imap, "_tls", lambda: trusted)
    monkeypatch.setattr(addresses, "_looked_up", lambda host, port: ["127.0.0.1"])
    settings.FETCH_ALLOWED_HOSTS = [f"mail.example:{server.port}", f"other.example:{server.port}"]
    yield server
    server.shutdown()
    server.server_close()


def login(server: MailServer, **changes: Any) -> Login:
    values = {"host": "mail.example", "port": server.port, "user": USER, "password": PASSWORD, "folder": "INBOX"}
    return Login(**{**values, **changes})


def letter(number: int, words: str = "奶茶里有异物，要求退款") -> bytes:
    head = f"Message-ID: <{number}@mail.example>\r\nDate: Wed, 18 Nov 2026 11:0{number % 10}:00 +0800\r\n"
    sender = "From: =?utf-8?B?546L5aWz5aOr?= <wang@mail.example>\r\n"
    text = (
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n第{number}封：{words}\r\n"
    )
    return (head + sender + text).encode()


def read_all(server: MailServer, uid_validity: int | None = None, last_uid: int = 0, **changes: Any) -> imap.Visit:
    return letters_after(login(server, **changes), uid_validity=uid_validity, last_uid=last_uid, since=SINCE)


# --- the protocol ----------------------------------------------------------------------------------------------------
def test_nothing_in_the_mailbox_is_changed(server: MailServer) -> None:
    server.letters = {3: letter(3), 5: letter(5)}
    visit = read_all(server)
    assert [(one.uid, one.received_at) for one in visit.letters] == [(3, server.arrived), (5, server.arrived)]
    assert [one.body for one in visit.letters] == [letter(3), letter(5)]
    assert (visit.uid_validity, visit.reached, visit.has_more) == (7, 5, False)
    words = {command.split(" ")[0] for command in server.asked}
    assert words == {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert "UID SEARCH SINCE 11-Nov-2026" in server.asked
    assert all("PEEK" in command for command in server.asked if "FETCH" in command)


def test_only_what_is_new_is_asked_for(server: MailServer) -> None:
    server.letters = {3: letter(3), 5: letter(5)}
    visit = read_all(server, uid_validity=7, last_uid=5)
    assert "UID SEARCH UID 6:*" in server.asked
    assert (visit.letters, visit.reached, visit.has_more) == ([], 5, False)


def test_when_the_numbers_changed_their_meaning_the_last_days_are_read_anew(server: MailServer) -> None:
    server.letters, server.validity = {1: letter(3)}, 8
    visit = read_all(server, uid_validity=7, last_uid=900)
    assert ([one.uid for one in visit.letters], visit.uid_validity, visit.reached) == ([1], 8, 1)


def test_many_messages_are_read_in_batches(server: MailServer) -> None:
    server.letters = {uid: letter(uid) for uid in range(1, 61)}
    visit = read_all(server)
    assert (len(visit.letters), visit.reached, visit.has_more) == (50, 50, True)
    rest = read_all(server, uid_validity=7, last_uid=50)
    assert (len(rest.letters), rest.reached, rest.has_more) == (10, 60, False)


def test_of_a_large_message_the_beginning_is_read(server: MailServer) -> None:
    server.letters = {1: letter(1) + b"x" * 2_000_000}
    [one] = read_all(server).letters
    assert one.body == server.letters[1][: imap.MESSAGE_BYTES]


def test_a_message_that_vanishes_holds_nobody_up(server: MailServer) -> None:
    server.letters = {1: letter(1), 2: letter(2)}
    server.nasty["UID SEARCH"] = lambda talk: server.letters.pop(1)
    visit = read_all(server)
    assert ([one.uid for one in visit.letters], visit.reached) == ([2], 2)


def test_a_chinese_folder_and_a_name_for_those_who_ask(server: MailServer) -> None:
    server.folder, server.capabilities = "&YpWLyQ- &- more", "ID"
    assert look(login(server, folder="投诉 & more")) == 0
    assert any(command.startswith("ID (") for command in server.asked)


@pytest.mark.parametrize(
    ("changes", "health"),
    [
        ({"password": "wrong"}, "http_error"),
        ({"password": 'x"\r\nA1 DELETE "INBOX'}, "unreadable"),
        ({"user": 'x" "y"\r\nA1 DELETE "INBOX'}, "unreadable"),
        ({"folder": "nowhere"}, "http_error"),
        ({"folder": 'INBOX"\r\nA1 DELETE "INBOX'}, "http_error"),
        ({"password": "密码"}, "http_error"),
        ({"host": "other.example"}, "unreachable"),  # its certificate is for another name
    ],
)
def test_what_is_wrong_has_words_and_injects_nothing(server: MailServer, changes: dict[str, str], health: str) -> None:
    with pytest.raises(FetchError) as caught:
        look(login(server, **changes))
    assert caught.value.health == health
    assert caught.value.words
    assert not any("DELETE" in command.split(" ")[0] for command in server.asked)


@pytest.mark.parametrize(
    ("host", "port", "health"),
    [("127.0.0.1", 993, "refused_address"), ("10.0.0.8", 993, "refused_address"), ("::1", 993, "refused_address")],
)
def test_nothing_inside_the_house_is_called(host: str, port: int, health: str) -> None:
    with pytest.raises(FetchError) as caught:
        look(Login(host, port, USER, PASSWORD, "INBOX"))
    assert caught.value.health == health


def test_another_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_looked_up", lambda host, port: ["93.184.216.34"])
    with pytest.raises(FetchError) as caught:
        look(Login("mail.example", 25, USER, PASSWORD, "INBOX"))
    assert (caught.value.health, "993" in caught.value.words) == ("refused_address", True)


def test_a_server_that_trickles_is_left_at_the_deadline(server: MailServer) -> None:
    over = threading.Event()

    def trickle(talk: Any) -> None:
        while not over.wait(0.02):
            talk.say("* OK wait")

    server.nasty["CAPABILITY"] = trickle
    with pytest.raises(FetchError) as caught:
        look(login(server), clock=Clock(0.5))
    over.set()
    assert caught.value.health == "slow"


@pytest.mark.parametrize(
    "nasty",
    [
        lambda talk: talk.wfile.write(b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n"),
        lambda talk: [talk.wfile.write(b"* OK " + b"y" * 500_000 + b"\r\n") for _n in range(40)],
    ],
)
def test_a_flood_is_stopped(server: MailServer, nasty: Any) -> None:
    server.letters = {1: letter(1)}
    server.nasty["UID SEARCH"] = nasty
    with pytest.raises(FetchError) as caught:
        read_all(server)
    assert caught.value.health == "too_large"


@pytest.mark.parametrize("greeting", ["HTTP/1.1 400 Bad Request", "* BYE too many of you", "\0\0\0"])
def test_what_is_not_imap_has_words(server: MailServer, greeting: str) -> None:
    server.greeting = greeting
    with pytest.raises(FetchError) as caught:
        look(login(server))
    assert caught.value.health in ("unreadable", "unreachable")


# --- the desk --------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailbox(cast: dict[str, User], server: MailServer, noon: datetime) -> Mailbox:
    box = Mailbox(host="mail.example", port=server.port, user=USER, folder="INBOX", watch=WatchFactory())
    return mailboxes.add_mailbox(box, name="投诉邮箱", password=PASSWORD, actor=cast["pr"], now=noon)


def visit(now: datetime) -> Poll:
    [source] = mailboxes.claim_due(now=now)
    assert source.leased_until
    taken = mailboxes.take_up(source.pk, source.leased_until, now=now)
    assert taken
    return mailboxes.read(taken, now=now)


def test_messages_become_posts_of_the_watch_once(mailbox: Mailbox, server: MailServer, noon: datetime) -> None:
    server.letters = {uid: letter(uid) for uid in (3, 5)}
    poll = visit(noon)
    assert (poll.health, poll.entries, poll.stored) == ("ok", 2, 2)
    assert [(post.text, post.author) for post in Post.objects.order_by("published_at")] == [
        ("第3封：奶茶里有异物，要求退款", "王女士"),
        ("第5封：奶茶里有异物，要求退款", "王女士"),
    ]
    assert set(Match.objects.values_list("watch", flat=True)) == {mailbox.watch_id}
    mailbox.refresh_from_db()
    assert (mailbox.uid_validity, mailbox.last_uid) == (7, 5)
    assert (visit(noon + timedelta(minutes=6)).health, Post.objects.count()) == ("unchanged", 2)
    server.validity = 8  # the numbers mean other messages now, the messages are the same
    assert (visit(noon + timedelta(minutes=12)).known, Post.objects.count()) == (2, 2)


def test_a_mailbox_that_is_read_counts_as_an_own_channel_that_is_heard(
    mailbox: Mailbox, server: MailServer, noon: datetime
) -> None:
    visit(noon)
    own = {row.code: row for row in coverage_today(noon)}["own"]
    assert (own.sources, own.listening, own.posts) == (1, 1, 0)


def test_more_than_a_batch_is_fetched_at_once_afterwards(mailbox: Mailbox, server: MailServer, noon: datetime) -> None:
    server.letters = {uid: letter(uid) for uid in range(1, 61)}
    visit(noon)
    assert visit(noon + timedelta(seconds=1)).entries == 10
    assert mailboxes.claim_due(now=noon + timedelta(seconds=2)) == []


def test_one_mailbox_is_read_by_one_worker(mailbox: Mailbox, noon: datetime) -> None:
    [source] = mailboxes.claim_due(now=noon)
    assert mailboxes.claim_due(now=noon) == []
    assert source.leased_until
    assert mailboxes.take_up(source.pk, source.leased_until - timedelta(seconds=1), now=noon) is None
    assert [again.pk for again in mailboxes.claim_due(now=noon + timedelta(minutes=5))] == [source.pk]


def test_trouble_has_words_and_longer_pauses(mailbox: Mailbox, server: MailServer, noon: datetime) -> None:
    mailboxes.Mailbox.objects.filter(pk=mailbox.pk).update(folder="nowhere")
    poll = visit(noon)
    source = Source.objects.get(pk=mailbox.source_id)
    assert (poll.health, source.health, source.failures, source.health_since) == ("http_error", "http_error", 1, noon)
    assert "nowhere" in source.health_words
    assert source.last_good_at is None


def test_a_mailbox_changed_during_its_visit_begins_anew(
    mailbox: Mailbox, cast: dict[str, User], server: MailServer, noon: datetime
) -> None:
    server.letters = {3: letter(3)}

    def change(_talk: Any) -> None:
        Mailbox.objects.filter(pk=mailbox.pk).update(version=9)

    [source] = mailboxes.claim_due(now=noon)
    kept = Mailbox.objects.get(pk=mailbox.pk)
    change(None)
    mailboxes._write_down(source, kept, mailboxes._visit(source, kept, noon), noon, 0.0)
    mailbox.refresh_from_db()
    assert (mailbox.uid_validity, mailbox.last_uid) == (None, 0)


def test_the_password_is_kept_encrypted_and_told_to_nobody(
    mailbox: Mailbox, signed_in: SignedIn, noon: datetime
) -> None:
    assert PASSWORD.encode() not in bytes(mailbox.password)
    assert decrypt(bytes(mailbox.password)) == PASSWORD
    client = signed_in("pr")
    for address in (reverse("monitoring:channels"), reverse("monitoring:change-mailbox", args=[mailbox.uuid])):
        assert "&quot;quiet&quot;" not in client.get(address).content.decode()
    assert "quiet" not in str(list(Entry.objects.values_list("detail", flat=True)))


# --- the pages -------------------------------------------------------------------------------------------------------
def typed(server: MailServer, watch: Any, **changes: Any) -> dict[str, Any]:
    values = {
        "name": "投诉邮箱",
        "host": "mail.example",
        "port": server.port,
        "user": USER,
        "password": PASSWORD,
        "folder": "INBOX",
        "watch": watch.pk,
    }
    return {**values, **changes}


def test_a_mailbox_is_tried_before_it_is_kept(signed_in: SignedIn, server: MailServer, db: None) -> None:
    watch, client, address = WatchFactory(), signed_in("pr"), reverse("monitoring:add-mailbox")
    server.letters = {1: letter(1)}
    good = client.post(address, typed(server, watch, **{"try": "yes"}))
    bad = client.post(address, typed(server, watch, password="x", **{"try": "yes"}))
    assert (good.context["tried"][0], bad.context["tried"][0]) == (True, False)
    assert "1" in good.context["tried"][1]
    assert Mailbox.objects.count() == 0
    assert client.post(address, typed(server, watch)).status_code == 302
    assert Mailbox.objects.get().source.kind == "mailbox"


def test_the_password_goes_to_no_other_server_unless_typed_anew(
    mailbox: Mailbox, signed_in: SignedIn, server: MailServer
) -> None:
    client, address = signed_in("pr"), reverse("monitoring:change-mailbox", args=[mailbox.uuid])
    moved = typed(server, mailbox.watch, host="other.example", password="", version=1)
    for extra in ({}, {"try": "yes"}):
        answer = client.post(address, {**moved, **extra})
        assert (answer.status_code, "password" in answer.context["form"].errors) == (422, True)
    assert server.asked == []
    same = typed(server, mailbox.watch, name="客服邮箱", password="", version=1)
    assert client.post(address, same).status_code == 302
    assert client.post(address, same).status_code == 409
    mailbox.refresh_from_db()
    assert (decrypt(bytes(mailbox.password)), mailbox.source.name) == (PASSWORD, "客服邮箱")


def test_a_mailbox_is_read_at_once_and_switched_off_like_any_source(
    mailbox: Mailbox, signed_in: SignedIn, server: MailServer
) -> None:
    server.letters = {1: letter(1)}
    client, source = signed_in("pr"), mailbox.source
    assert client.post(reverse("monitoring:poll-source", args=[source.uuid])).status_code == 302
    assert Post.objects.count() == 1
    version = Source.objects.get(pk=source.pk).version
    assert client.post(reverse("monitoring:switch-source", args=[source.uuid]), {"version": version}).status_code == 302
    assert not Source.objects.get(pk=source.pk).is_enabled
    assert mailboxes.claim_due(now=datetime.now(UTC) + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("pr", True, True),
        ("admin", True, True),
        ("monitor", True, False),
        ("gm", True, False),
        ("outsider", False, False),
    ],
)
def test_who_may_see_and_change_channels(
    signed_in: SignedIn, cast: dict[str, User], noon: datetime, who: str, sees: bool, edits: bool
) -> None:
    client = signed_in(who)
    assert client.get(reverse("monitoring:channels")).status_code == (200 if sees else 403)
    for name in ("add-mailbox", "add-form"):
        assert client.get(reverse(f"monitoring:{name}")).status_code == (200 if edits else 403)
    if not edits:
        with pytest.raises(PermissionDenied):
            mailboxes.add_mailbox(Mailbox(), name="x", password="y", actor=cast[who], now=noon)


@pytest.mark.parametrize(
    "changes",
    [{"host": "https://mail.example"}, {"host": "127.0.0.1"}, {"port": 25}, {"user": "a\r\nb"}, {"folder": "a\nb"}],
)
def test_what_cannot_be_is_refused_at_its_field(
    signed_in: SignedIn, server: MailServer, changes: dict[str, Any], db: None, settings: Any
) -> None:
    if "host" in changes:
        settings.FETCH_ALLOWED_HOSTS = []
    answer = signed_in("pr").post(reverse("monitoring:add-mailbox"), typed(server, WatchFactory(), **changes))
    assert answer.status_code == 422
    assert Mailbox.objects.count() == 0
