"""企业微信 group robot: https://developer.work.weixin.qq.com/document/path/91770."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.outside.calls import post_json
from accounts.platforms import checked, wecom
from accounts.selectors import identity_of
from notices.channels import Field, Message, Rate
from notices.channels.refusals import BUSY, TOO_FAST, WRONG_BODY, WRONG_KEY, in_words
from notices.channels.text import laid_out

NAME = _("WeCom group robot")
IS_GROUP = True
FIELDS = (Field("key", _("key"), is_secret=True, help=_("What follows “key=” in the robot's address.")),)
RATE: Rate | None = Rate(15, timedelta(minutes=1))  # of 20
FOLDS_REPEATS = False
MOST_BYTES = 2048
MEANINGS = {"-1": BUSY, "93000": WRONG_KEY, "45009": TOO_FAST, "40008": WRONG_BODY, "40058": WRONG_BODY}


def address_of(person: User) -> str | None:
    """Whom to @ in the chat."""
    return identity_of(person, Platform.WECOM)


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    text = {"content": laid_out(message, MOST_BYTES), "mentioned_list": address.split(",") if address else []}
    with in_words(MEANINGS, config["key"]):
        answer = post_json(
            f"{config.get('base_url') or wecom.API}/cgi-bin/webhook/send",
            {"msgtype": "text", "text": text},
            query={"key": config["key"]},
        )
        checked(answer, "errcode", "errmsg")
    return "ok"
