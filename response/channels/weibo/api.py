"""Weibo's open platform, as far as publishing needs it: one call that posts, one that reads the own timeline.

https://open.weibo.com/wiki/2/statuses/share. Errors come with a code and an HTTP status; only a code is a no.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.outside.calls import Answer, CallFailed, call
from response.channels import Later, Refused, Unclear
from response.channels.multipart import encoded

API = "https://api.weibo.com"
BUSY = {10001, 10002, 10003, 10009, 10010, 10011}
MINUTE = {20016, 10023, 10024, 10022}
THERE_ALREADY = {20017, 20019}  # the same, or nearly the same, was posted: perhaps by the attempt we heard nothing of
MEANINGS = {
    10004: _("the desk's own address is not allowed there"),
    10005: _("the app has no right to post"),
    10006: _("the app is not known there"),
    10008: _("the platform cannot read the post"),
    10014: _("the app has no right to post"),
    20012: _("the text is too long"),
    20018: _("the newsroom's address is not on the app's list of domains"),
    20021: _("the platform takes it for advertising"),
    21314: _("the authorisation has ended"),
    21315: _("the authorisation has ended"),
    21327: _("the authorisation has ended"),
    21332: _("the access token is wrong"),
}
OURS_TO_MEND = {10008, 20012, 20021}  # the words, not the account


class CodeError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class NoSense(Exception):
    """An answer that is none: whether it was done, nobody knows."""


Error = (CodeError, NoSense, CallFailed)


def base() -> str:
    return settings.CHANNEL_BASE_URL or API


def share(config: Mapping[str, str], words: str, png: bytes | None) -> Mapping[str, Any]:
    """Post it. Raises CodeError, NoSense, CallFailed."""
    fields = {"access_token": config["access_token"], "status": words, "rip": config["operator_ip"]}
    if png is None:
        body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
    else:
        body, kind = encoded(fields, {"pic": ("statement.png", png, "image/png")})
    data = answered(call("POST", f"{base()}/2/statuses/share.json", body=body, headers={"Content-Type": kind}))
    if not isinstance(data.get("idstr"), str) or not data["idstr"]:
        raise NoSense
    return data


def timeline(config: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The newest posts of the account, newest first. Raises CodeError, NoSense, CallFailed."""
    query = {"access_token": config["access_token"], "uid": config["uid"], "count": "50", "trim_user": "1"}
    data = answered(call("GET", f"{base()}/2/statuses/user_timeline.json", query=query))
    if not isinstance(data.get("statuses"), list):
        raise NoSense
    return data["statuses"]


def answered(answer: Answer) -> Mapping[str, Any]:
    code = answer.data.get("error_code")
    if isinstance(code, int) and code:
        raise CodeError(code)
    if not answer.data or answer.status != 200:
        raise NoSense
    return answer.data


def harmless(error: Exception) -> Exception:
    """For a call that posts nothing. The exception to raise."""
    if isinstance(error, CodeError):
        return refusal(error) or Later(say("the platform is busy"), timedelta(seconds=15))
    if isinstance(error, CallFailed) and error.is_refused:
        return Refused(str(error), by_hand=True)
    return Later(str(error) or say("an answer that makes no sense"), timedelta(seconds=15))


def dangerous(error: Exception) -> Exception:
    """For the call that posts: whatever is not a code may have posted it."""
    if isinstance(error, CodeError):
        return refusal(error) or Unclear(say("The platform was busy, and may have taken it all the same."))
    if isinstance(error, CallFailed) and error.is_refused:
        return Refused(str(error), by_hand=True)
    if isinstance(error, CallFailed) and not error.is_unclear:  # never connected
        return Later(str(error), timedelta(seconds=15))
    return Unclear(str(error) or say("an answer that makes no sense"))


def refusal(error: CodeError) -> Refused | Later | Unclear | None:
    """None for "busy", which is no refusal for certain."""
    if error.code in BUSY:
        return None
    if error.code in THERE_ALREADY:
        return Unclear(say("The platform says that the same was posted already (%(code)s).") % {"code": error.code})
    if error.code in MINUTE:
        return Later(say("too many calls in a minute"), timedelta(minutes=1))
    words = MEANINGS.get(error.code, _("the platform refused it"))
    return Refused(f"{words} ({error.code})", by_hand=error.code in MEANINGS and error.code not in OURS_TO_MEND)
