"""钉钉 group robot: https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages."""

import base64
import hmac
import time
from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.outside.calls import post_json
from accounts.platforms import checked, dingtalk
from accounts.selectors import identity_of
from notices.channels import Field, Message, Rate
from notices.channels.refusals import BUSY, WRONG_BODY, WRONG_KEY, Meaning, in_words
from notices.channels.text import laid_out

NAME = _("DingTalk group robot")
IS_GROUP = True
FIELDS = (
    Field(
        "access_token",
        _("access token"),
        is_secret=True,
        help=_("What follows “access_token=” in the robot's address."),
    ),
    Field(
        "secret", _("signing secret"), is_secret=True, is_required=False, help=_("Begins with SEC, if “sign” is on.")
    ),
)
RATE: Rate | None = Rate(15, timedelta(minutes=1))  # of 20; the 21st blocks the robot for ten minutes
FOLDS_REPEATS = False
MOST_BYTES = 9_000  # of 20 KB for the whole body, in which a quotation mark is two
BLOCKED = timedelta(minutes=10)
MEANINGS = {
    "-1": BUSY,
    "130101": Meaning(
        _("the robot said more than 20 things in a minute and is blocked for ten"), retry_after=BLOCKED, pause=BLOCKED
    ),
    "300001": WRONG_KEY,
    "300005": WRONG_KEY,
    "310000": Meaning(_("the robot's security setting refused it: signature, keyword or address"), permanent=True),
    "40035": WRONG_BODY,
    "400101": WRONG_KEY,
}


def address_of(person: User) -> str | None:
    """Whom to @ in the chat."""
    return identity_of(person, Platform.DINGTALK)


def signature(secret: str, milliseconds: int) -> str:
    """The signature of a moment; it goes into the query, encoded once."""
    proof = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), "sha256")
    return base64.b64encode(proof).decode()


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    token, secret, query = config["access_token"], config.get("secret", ""), {"access_token": config["access_token"]}
    if secret:
        now = int(time.time() * 1000)
        query |= {"timestamp": str(now), "sign": signature(secret, now)}
    mentioned = address.split(",") if address else []
    # DingTalk shows an @ only where the text says it, too
    content = "\n".join([laid_out(message, MOST_BYTES), *(f"@{userid}" for userid in mentioned)])
    body = {"msgtype": "text", "text": {"content": content}, "at": {"atUserIds": mentioned, "isAtAll": False}}
    with in_words(MEANINGS, token, secret):
        answer = post_json(f"{config.get('base_url') or dingtalk.API}/robot/send", body, query=query)
        checked(answer, "errcode", "errmsg")
    return "ok"
