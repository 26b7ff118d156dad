"""企业微信 personal message of an enterprise app: https://developer.work.weixin.qq.com/document/path/90236."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.platforms import App, PlatformError, wecom
from accounts.selectors import identity_of
from notices.channels import Field, Message, Rate
from notices.channels.refusals import (
    BUSY,
    NO_SUCH_PERSON,
    TOO_FAST,
    WRONG_APP,
    WRONG_BODY,
    WRONG_CALLER,
    Meaning,
    in_words,
)
from notices.channels.text import cut, one_line, plain

NAME = _("WeCom message")
IS_GROUP = False
FIELDS = (
    Field("corp_id", _("corp id")),
    Field("agent_id", _("agent id")),
    Field("secret", _("app secret"), is_secret=True),
)
RATE: Rate | None = None  # 30 a minute to one person: more than a few that wait are folded (notices.pace)
FOLDS_REPEATS = True  # enable_duplicate_check
SAME_FOR_SECONDS = 1800  # WeCom drops what it sent to the same person in that time: a repeat arrives once
MEANINGS = {
    "-1": BUSY,
    "40001": WRONG_APP,
    "40013": WRONG_APP,
    "40056": WRONG_APP,
    "301002": WRONG_APP,
    "45009": TOO_FAST,
    "45033": TOO_FAST,
    "60020": WRONG_CALLER,
    "40003": NO_SUCH_PERSON,
    "60111": NO_SUCH_PERSON,
    "81013": NO_SUCH_PERSON,
    "invaliduser": NO_SUCH_PERSON,
    "unlicenseduser": Meaning(_("this person has no licence for the app"), permanent=True),
    "44004": WRONG_BODY,
    "45002": WRONG_BODY,
}


def address_of(person: User) -> str | None:
    return identity_of(person, Platform.WECOM)


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    app = App(config["corp_id"], config["secret"], config["agent_id"], config.get("base_url", ""))
    body = {
        "touser": address,
        "agentid": config["agent_id"],
        "enable_duplicate_check": 1,
        "duplicate_check_interval": SAME_FOR_SECONDS,
        **_content(message),
    }
    with in_words(MEANINGS, app.secret):
        data = wecom.ask(app, "/cgi-bin/message/send", data=body)
        for refusal in ("invaliduser", "unlicenseduser"):  # errcode 0 all the same
            if address in str(data.get(refusal, "")).split("|"):
                raise PlatformError(refusal)
    return str(data.get("msgid", "ok"))


def _content(message: Message) -> dict[str, Any]:
    """A card where there is a link, else a text: subject first, sizes in bytes."""
    subject, body = one_line(message.subject), plain(message.body)
    if message.url:
        card = {"title": cut(subject, 128), "description": cut(body or subject, 512)}
        return {"msgtype": "textcard", "textcard": {**card, "url": message.url, "btntxt": say("Open")}}
    return {"msgtype": "text", "text": {"content": cut("\n".join(part for part in (subject, body) if part), 2048)}}
