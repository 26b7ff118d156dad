"""A mail server of our own on this machine that speaks a little IMAP over TLS, as well-behaved or nasty as wanted."""

import re
import socketserver
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "tousu@mail.example", 'a "quiet" \\ sea'


def certificate(folder: Path, host: str = "mail.example") -> Path:
    """A certificate for one name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Conversation(socketserver.StreamRequestHandler):
    server: "MailServer"

    def setup(self) -> None:
        self.request.settimeout(5)
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.say(self.server.greeting)
        for line in self.rfile:
            words = line.decode().rstrip("\r\n")
            tag, _blank, command = words.partition(" ")
            self.server.asked.append(command)
            if not self.answer(tag, command):
                return

    def say(self, line: str | bytes) -> None:
        self.wfile.write((line.encode() if isinstance(line, str) else line) + b"\r\n")

    def answer(self, tag: str, command: str) -> bool:
        name = " ".join(command.split(" ")[: 2 if command.startswith("UID ") else 1]).upper()
        kind = "OK"
        match name:
            case "CAPABILITY":
                self.say(f"* CAPABILITY IMAP4rev1 {self.server.capabilities}".rstrip())
            case "LOGIN":
                escaped = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
                kind = "OK" if command == f'LOGIN "{USER}" "{escaped}"' else "NO"
            case "EXAMINE":
                kind = "OK" if command == f'EXAMINE "{self.server.folder}"' else "NO"
                self.say(f"* {len(self.server.letters)} EXISTS")
                self.say(f"* OK [UIDVALIDITY {self.server.validity}] valid")
            case "UID SEARCH":
                self.say("* SEARCH " + " ".join(map(str, self.found(command))))
            case "UID FETCH":
                self.hand_over(command)
            case "LOGOUT":
                self.say("* BYE")
        if name in self.server.nasty:
            self.server.nasty[name](self)
        self.say(f"{tag} {kind} done")
        return name != "LOGOUT"

    def found(self, command: str) -> list[int]:
        after = re.search(r"UID (\d+):\*", command.removeprefix("UID "))
        uids = sorted(self.server.letters)
        return [uid for uid in uids if uid >= int(after[1])] or uids[-1:] if after else uids

    def hand_over(self, command: str) -> None:
        asked = re.match(r"UID FETCH (\d+) \(UID INTERNALDATE BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        if asked is None or int(asked[1]) not in self.server.letters:
            return
        uid, body = int(asked[1]), self.server.letters[int(asked[1])][: int(asked[2])]
        arrived = self.server.arrived.astimezone(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
        head = f'* {uid} FETCH (UID {uid} INTERNALDATE "{arrived}" BODY[]<0> {{{len(body)}}}\r\n'
        self.wfile.write(head.encode() + body + b")\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` by UID; `asked` keeps the commands; `nasty` maps a command to what else happens before its answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, pem: Path) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.letters: dict[int, bytes] = {}
        self.asked: list[str] = []
        self.nasty: dict[str, Any] = {}
        self.greeting, self.capabilities, self.folder, self.validity = "* OK ready", "", "INBOX", 7
        self.arrived = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
        threading.Thread(target=self.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the other side had enough, as it should
