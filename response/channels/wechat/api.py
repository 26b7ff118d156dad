"""The WeChat official account's API, as far as publishing needs it (addresses and codes: docs/recipes/wechat.md).

It answers HTTP 200 to a refusal, too: `errcode` 0, or an answer that holds what was asked for, is success, and nothing
else is.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.outside.calls import Answer, CallFailed, call, post_json
from response.channels import Later, Refused, Unclear
from response.channels.multipart import Files, encoded

API = "https://api.weixin.qq.com"
TOKEN_IS_OVER = {40001, 40014, 41001, 42001}
SPARE_SECONDS = 300  # old and new token overlap so long
BUSY = -1


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and what to do: try again after `again`, else a person publishes (`by_hand`) or mends it."""

    words: str | Promise
    by_hand: bool = True
    again: timedelta | None = None


MEANINGS = {
    40001: Meaning(_("the app id or the secret is wrong")),
    40013: Meaning(_("the app id or the secret is wrong")),
    40125: Meaning(_("the app id or the secret is wrong")),
    40014: Meaning(_("the platform does not take its own token")),
    42001: Meaning(_("the platform does not take its own token")),
    45009: Meaning(_("the day's calls are used up")),
    45011: Meaning(_("too many calls in a minute"), again=timedelta(minutes=1)),
    45028: Meaning(_("no push is left in this period")),
    48001: Meaning(_("the account has no right to publish by interface; publish by hand")),
    48004: Meaning(_("the platform has closed this interface for the account")),
    50002: Meaning(_("the platform has limited the account")),
    40164: Meaning(_("the desk's own address is not on the platform's list of allowed ones")),
    61004: Meaning(_("the desk's own address is not on the platform's list of allowed ones")),
    40007: Meaning(_("the platform does not know the draft or its cover any more"), by_hand=False),
    44002: Meaning(_("the platform cannot read the article"), by_hand=False),
    45002: Meaning(_("the article is too long"), by_hand=False),
    45003: Meaning(_("the title is too long"), by_hand=False),
    47001: Meaning(_("the platform cannot read the article"), by_hand=False),
    53503: Meaning(_("the draft did not pass the platform's check")),
    53504: Meaning(_("the platform wants it published on its own page")),
    53505: Meaning(_("the platform wants the draft saved by hand first")),
}


class CodeError(Exception):
    """The platform refused, for certain, with this code. The words are a stranger's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class NoSense(Exception):
    """An answer that is none: whether it was done, nobody knows."""


# --- the access token: one for each account and process, refreshed by one thread at a time ---------------------------
# stable_token gives every caller the same token until shortly before its end, so several processes do not disturb
# one another, as they did with the older interface.
_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_refreshing = Lock()


def token(config: Mapping[str, str], not_this: str = "") -> str:
    """The account's access token; `not_this` is one the platform has just refused. Raises CodeError, NoSense, ..."""
    key = (base(), config["app_id"])
    with _refreshing:
        kept, ends = _tokens.get(key, ("", 0.0))
        if not kept or kept == not_this or time.monotonic() >= ends:
            asking = {"grant_type": "client_credential", "appid": config["app_id"], "secret": config["secret"]}
            data = answered(post_json(f"{base()}/cgi-bin/stable_token", {**asking, "force_refresh": False}))
            kept, seconds = word(data, "access_token"), data.get("expires_in")
            if not isinstance(seconds, int):
                raise NoSense
            _tokens[key] = kept, time.monotonic() + max(seconds - SPARE_SECONDS, 0)
        return kept


def base() -> str:
    return settings.CHANNEL_BASE_URL or API


def ask(
    config: Mapping[str, str], path: str, data: Mapping[str, Any] | None = None, *, files: Files | None = None
) -> Mapping[str, Any]:
    """One call in the account's name. A token that ran out in the middle is fetched anew, once: no more.

    Raises CodeError, NoSense, CallFailed.
    """
    used = token(config)
    try:
        return answered(_send(path, used, data, files))
    except CodeError as refused:
        if refused.code not in TOKEN_IS_OVER:
            raise
    return answered(_send(path, token(config, not_this=used), data, files))


def _send(path: str, used: str, data: Mapping[str, Any] | None, files: Files | None) -> Answer:
    where, asking = f"{base()}{path}", {"access_token": used}
    if files is not None:
        body, kind = encoded({}, files)
        return call("POST", where, query=asking, body=body, headers={"Content-Type": kind})
    return call("GET", where, query=asking) if data is None else post_json(where, data, query=asking)


def answered(answer: Answer) -> Mapping[str, Any]:
    """The JSON of a yes. Raises CodeError, NoSense."""
    code = answer.data.get("errcode", 0)
    if not answer.data or type(code) is not int or answer.status != 200:
        raise NoSense
    if code:
        raise CodeError(code, str(answer.data.get("errmsg", "")))
    return answer.data


def word(data: Mapping[str, Any], name: str) -> str:
    """An id the answer must have, as a text. Raises NoSense."""
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return str(value)
    if not isinstance(value, str) or not value:
        raise NoSense
    return value


# --- what goes wrong, in the outbox's words --------------------------------------------------------------------------
def harmless(error: Exception) -> Exception:
    """For a call that publishes nothing: whatever happened, it may be tried again. The exception to raise."""
    if isinstance(error, CodeError):
        return refusal(error) or Later(say("the platform is busy"), timedelta(seconds=4))
    if isinstance(error, CallFailed) and error.is_refused:
        return Refused(str(error), by_hand=True)
    return Later(str(error) or say("an answer that makes no sense"), timedelta(seconds=15))


def dangerous(error: Exception) -> Exception:
    """For the call that publishes: only a code is a no; whatever else happened, it may be out."""
    if isinstance(error, CodeError):
        return refusal(error) or Unclear(say("The platform was busy, and may have taken it all the same."))
    if isinstance(error, CallFailed) and error.is_refused:
        return Refused(str(error), by_hand=True)
    if isinstance(error, CallFailed) and not error.is_unclear:  # never connected
        return Later(str(error), timedelta(seconds=15))
    return Unclear(str(error) or say("an answer that makes no sense"))


def refusal(error: CodeError) -> Refused | Later | None:
    """A refusal for certain; None for "busy", which is none. The stranger's words are cut and hold no secret."""
    if error.code == BUSY:
        return None
    meaning = MEANINGS.get(error.code, Meaning(_("the platform refused it"), by_hand=False))
    told = error.words if error.code in (40164, 61004) else ""  # it names the address to be listed
    words = f"{meaning.words} ({error.code}{' ' + told[:120] if told else ''})"
    return Later(words, meaning.again) if meaning.again else Refused(words, by_hand=meaning.by_hand)
