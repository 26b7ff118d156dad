"""What the stand-ins share: a clock that can be moved, what arrived, who has an account, codes and tokens, rates."""

import json
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object of the body, {} where it is none."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True, slots=True)
class Reply:
    data: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    location: str = ""
    page: str = ""  # HTML instead of JSON


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message somebody can read on their phone."""

    at: float
    platform: str
    to: str
    text: str
    mentioned: tuple[str, ...] = ()


class World:
    """State in memory; `reset` begins anew."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.ahead = 0.0
        self.people: dict[str, str] = {}  # user id: name; the same on every platform
        self.outsiders: set[str] = set()  # people who have an account, but not with this company
        self.messages: list[Arrived] = []
        self.requests: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.tokens: dict[str, tuple[str, float]] = {}  # platform: token, end
        self.codes: dict[str, str] = {}  # OAuth code: user id
        self.user_tokens: dict[str, str] = {}
        self.switches: dict[str, Any] = {}  # how a platform is set up, by the names its stand-in gives
        self.kept: dict[Any, Any] = {}  # what a platform remembers to tell a repeat
        self.said: defaultdict[str, deque[float]] = defaultdict(deque)
        self.blocked_until: dict[str, float] = {}

    def now(self) -> float:
        return time.time() + self.ahead

    def arrived(self, platform: str, to: str, text: str, mentioned: tuple[str, ...] = ()) -> None:
        self.messages.append(Arrived(self.now(), platform, to, text, mentioned))

    def messages_as_data(self) -> list[dict[str, Any]]:
        return [asdict(message) for message in self.messages]

    def is_too_fast(self, who: str, most: int, seconds: float) -> bool:
        """Count one message; whether it is over the rate. One that is refused does not count."""
        said, now = self.said[f"{who}/{seconds}"], self.now()
        while said and said[0] <= now - seconds:
            said.popleft()
        if len(said) >= most:
            return True
        said.append(now)
        return False

    # --- tokens of an app: the same one until shortly before its end ---
    def token(self, platform: str) -> tuple[str, int]:
        token, end = self.tokens.get(platform, ("", 0.0))
        if end - self.now() < 300:
            token, end = f"{platform}-{secrets.token_hex(12)}", self.now() + 7200
            self.tokens[platform] = token, end
        return token, int(end - self.now())

    def token_trouble(self, platform: str, token: str) -> str:
        """ "", "missing", "wrong" or "over"."""
        known, end = self.tokens.get(platform, ("", 0.0))
        if not token:
            return "missing"
        if token != known:
            return "wrong"
        return "over" if end <= self.now() else ""

    # --- somebody is asked who they are, and comes back with a code that works once ---
    def recognise(self, request: Request, back: str, name: str) -> Reply:
        """The page on which one says who one is; with ?as=... the answer of that page."""
        if who := request.query.get("as"):
            code = secrets.token_hex(8)
            self.codes[code] = who
            joint = "&" if "?" in back else "?"
            state = request.query.get("state", "")
            return Reply(status=302, location=f"{back}{joint}{urlencode({name: code, 'state': state})}")
        asking = escape(urlencode(dict(request.query)))
        links = "".join(
            f'<li><a href="{request.path}?{asking}&amp;as={quote(userid)}">{escape(called)}</a></li>'
            for userid, called in self.people.items()
        )
        return Reply(page=f'<meta name="viewport" content="width=device-width"><h1>Who are you?</h1><ul>{links}</ul>')

    def use_code(self, code: str) -> str | None:
        return self.codes.pop(code, None)
