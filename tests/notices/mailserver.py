"""A mail server of our own for tests: speaks enough SMTP, keeps what it took, refuses as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[Message] = []
        self.refusal = b""  # what RCPT is answered with, instead of a yes
        self.hangs_up = False  # after DATA, before saying that it took it
        self.seen = 0  # conversations that came as far as RCPT


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def handle(self) -> None:
        self.say(b"220 test")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"RCPT":
                self.server.seen += 1
                self.say(self.server.refusal or b"250 ok")
            elif word == b"DATA":
                if not self.data():
                    return
            elif word == b"QUIT":
                return self.say(b"221 bye")
            else:
                self.say(b"250 ok")
        return None

    def data(self) -> bool:
        self.say(b"354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        if self.server.hangs_up:
            return False
        self.server.taken.append(message_from_bytes(b"".join(lines)))
        self.say(b"250 taken")
        return True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
