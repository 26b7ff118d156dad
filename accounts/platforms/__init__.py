"""The chat platforms' APIs, as far as personal messages and sign-in need them.

They answer HTTP 200 to a refusal, too: a code of 0 in the JSON is success, and nothing else is.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from accounts.outside.calls import Answer

Result = TypeVar("Result")

SPARE_SECONDS = 300  # a token is not used in its last minutes


@dataclass(frozen=True, slots=True)
class App:
    """An enterprise app as its platform knows it. `base_url` "" means the platform's own hosts."""

    id: str  # WeCom: corp id; DingTalk: app key; Feishu: app id
    secret: str = field(repr=False)
    agent: str = ""  # WeCom and DingTalk: agent id
    base_url: str = ""


class PlatformError(Exception):
    """The platform refused, in its own code and words, or gave an answer that makes no sense (code "").

    The words are a stranger's: cut and cleaned before anybody reads them (notices.channels.refusals).
    """

    def __init__(self, code: str, message: str = "", *, status: int = 200, retry_after: str = "") -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.retry_after = code, message, status, retry_after

    @property
    def is_unclear(self) -> bool:
        """Whether the platform may have done what was asked all the same."""
        return not self.code and (self.status == 200 or self.status >= 500)


def checked(answer: Answer, code: str, message: str) -> Mapping[str, Any]:
    """The answer's JSON when the field called `code` is 0. Raises PlatformError."""
    value = answer.data.get(code)
    if value == 0 and type(value) is int:
        return answer.data
    raise PlatformError(
        "" if value is None else str(value)[:40],
        str(answer.data.get(message, "")),
        status=answer.status,
        retry_after=answer.headers.get("retry-after", ""),
    )


def word(data: Mapping[str, Any], name: str) -> str:
    """A text an answer must have. Raises PlatformError: an answer without it makes no sense."""
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise PlatformError("")
    return value


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object in an answer, {} where there is none."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def lifetime(data: Mapping[str, Any], name: str) -> int:
    """Seconds an answer names; 0 where it names none, so that the token is asked for anew each time."""
    value = data.get(name)
    return value if isinstance(value, int) else 0


# --- access tokens: kept in this process until shortly before they run out -------------------------------------------
_tokens: dict[App, tuple[str, float]] = {}


def with_token(
    app: App, ask: Callable[[App], tuple[str, int]], use: Callable[[str], Result], over: Collection[str]
) -> Result:
    """What `use` makes of the app's access token. A token the platform no longer takes is fetched anew, once.

    ask   fetches a token and says how many seconds it holds
    over  the codes by which the platform says that a token is over
    """
    try:
        return use(_token(app, ask))
    except PlatformError as refused:
        if refused.code not in over:
            raise
    _tokens.pop(app, None)
    return use(_token(app, ask))


def _token(app: App, ask: Callable[[App], tuple[str, int]]) -> str:
    """Two threads may both ask: the platforms give both the same token."""
    token, ends = _tokens.get(app, ("", 0.0))
    if time.monotonic() >= ends:
        token, seconds = ask(app)
        _tokens[app] = token, time.monotonic() + seconds - SPARE_SECONDS
    return token
