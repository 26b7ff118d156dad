"""飞书 group robot: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot."""

import base64
import hmac
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.outside.calls import post_json
from accounts.platforms import checked, feishu
from accounts.selectors import identity_of
from notices.channels import Field, Message, Rate
from notices.channels.feishu_app.channel import post
from notices.channels.refusals import WRONG_BODY, WRONG_CALLER, WRONG_KEY, Meaning, in_words

NAME = _("Feishu group robot")
IS_GROUP = True
FIELDS = (
    Field("token", _("token"), is_secret=True, help=_("What follows “hook/” in the robot's address.")),
    Field(
        "secret", _("signing secret"), is_secret=True, is_required=False, help=_("If “signature verification” is on.")
    ),
)
RATE: Rate | None = Rate(3, timedelta(seconds=3))  # of 5 a second and 100 a minute
FOLDS_REPEATS = False
MOST_BYTES = 8_000  # of 20 KB for the whole body, in which a quotation mark is two
TOO_FAST = Meaning(_("too many messages at once"), retry_after=timedelta(seconds=10))  # :00 and :30 are crowded
MEANINGS = {
    "11232": TOO_FAST,
    "19001": WRONG_KEY,
    "19021": Meaning(_("the signature does not match: wrong secret, or the desk's clock is wrong"), permanent=True),
    "19022": WRONG_CALLER,
    "19024": Meaning(_("the robot asks for a keyword"), permanent=True),
    "9499": WRONG_BODY,
    "19002": WRONG_BODY,
}


def address_of(person: User) -> str | None:
    """Whom to @ in the chat."""
    return identity_of(person, Platform.FEISHU)


def signature(secret: str, seconds: int) -> str:
    """The signature of a moment: the secret is part of the key here, and what is signed is empty."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", "sha256")).decode()


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    secret = config.get("secret", "")
    mentions = tuple(address.split(",")) if address else ()
    body: dict[str, Any] = {"msg_type": "post", "content": {"post": post(message, MOST_BYTES, mentions)}}
    if secret:
        now = int(time.time())
        body |= {"timestamp": str(now), "sign": signature(secret, now)}
    with in_words(MEANINGS, config["token"], secret):
        answer = post_json(f"{config.get('base_url') or feishu.API}/open-apis/bot/v2/hook/{config['token']}", body)
        checked(answer, "code", "msg")
    return "ok"
