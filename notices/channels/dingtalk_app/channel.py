"""钉钉 personal message (工作通知): https://open.dingtalk.com/document/orgapp/asynchronous-sending-of-enterprise-session-messages."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.outside.calls import CallFailed
from accounts.platforms import App, PlatformError, dingtalk, part
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
from notices.channels.text import cut, laid_out, one_line, plain

logger = logging.getLogger(__name__)

NAME = _("DingTalk message")
IS_GROUP = False
FIELDS = (
    Field("app_key", _("app key")),
    Field("agent_id", _("agent id")),
    Field("app_secret", _("app secret"), is_secret=True),
)
RATE: Rate | None = Rate(1200, timedelta(minutes=1))  # of 1,500
FOLDS_REPEATS = False
MEANINGS = {
    "-1": BUSY,
    "88": WRONG_APP,
    "40089": WRONG_APP,
    "40096": WRONG_APP,
    "90002": TOO_FAST,
    "90018": TOO_FAST,
    "60020": WRONG_CALLER,
    "33012": NO_SUCH_PERSON,
    "invalid": NO_SUCH_PERSON,
    "forbidden": Meaning(
        _("DingTalk delivers no more today: too many messages to this person, or the same one again"), permanent=True
    ),
    "failed": Meaning(_("DingTalk could not deliver it")),
    "40035": WRONG_BODY,
    "400002": WRONG_BODY,
}
# what DingTalk may say of a message it had accepted, and the list in which it says so
OUTCOMES = {"invalid": "invalid_user_id_list", "forbidden": "forbidden_user_id_list", "failed": "failed_user_id_list"}
SENT = "/topapi/message/corpconversation/asyncsend_v2"
RESULT = "/topapi/message/corpconversation/getsendresult"


def address_of(person: User) -> str | None:
    return identity_of(person, Platform.DINGTALK)


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    """DingTalk takes a message first and finds out later whether there is such a person, so it is asked once more."""
    app = App(config["app_key"], config["app_secret"], config["agent_id"], config.get("base_url", ""))
    body = {"agent_id": app.agent, "userid_list": address, "to_all_user": False, "msg": _content(message)}
    with in_words(MEANINGS, app.secret):
        task = dingtalk.ask(app, SENT, body).get("task_id")
        result = _result(app, task)
        for outcome, name in OUTCOMES.items():
            if address in (result.get(name) or []):
                raise PlatformError(outcome)
    return f"task {task}"


def _result(app: App, task: object) -> Mapping[str, Any]:
    """What became of it so far. Not knowing is no reason to send again."""
    try:
        return part(dingtalk.ask(app, RESULT, {"agent_id": app.agent, "task_id": task}), "send_result")
    except (CallFailed, PlatformError) as failed:
        logger.warning("result unknown channel=dingtalk_app problem=%s", type(failed).__name__)
        return {}


def _content(message: Message) -> dict[str, Any]:
    """A card of plain parts where there is a link, else a text."""
    if not message.url:
        return {"msgtype": "text", "text": {"content": laid_out(message, 2048)}}
    subject = cut(one_line(message.subject), 300)
    card = {"title": subject, "content": cut(plain(message.body), 1500)}
    return {"msgtype": "oa", "oa": {"message_url": message.url, "head": {"text": subject}, "body": card}}
