"""飞书 personal message: https://open.feishu.cn/document/server-docs/im-v1/message/create."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.models import Platform, User
from accounts.platforms import App, feishu
from accounts.selectors import identity_of
from notices.channels import Field, Message, Rate
from notices.channels.refusals import NO_SUCH_PERSON, TOO_FAST, WRONG_APP, WRONG_BODY, WRONG_CALLER, in_words
from notices.channels.text import cut, one_line, plain

NAME = _("Feishu message")
IS_GROUP = False
FIELDS = (Field("app_id", _("app id")), Field("app_secret", _("app secret"), is_secret=True))
RATE: Rate | None = Rate(40, timedelta(seconds=1))  # of 50 a second for an app
FOLDS_REPEATS = True  # uuid
MOST_BYTES = 12_000  # of 30 KB for the content, in which a quotation mark is two
MEANINGS = {
    "10003": WRONG_APP,
    "10014": WRONG_APP,
    "99991400": TOO_FAST,
    "230020": TOO_FAST,
    "99991401": WRONG_CALLER,
    "230001": WRONG_BODY,
    "230025": WRONG_BODY,
    "230013": NO_SUCH_PERSON,
    "230053": NO_SUCH_PERSON,
    "99992351": NO_SUCH_PERSON,
    "99992361": NO_SUCH_PERSON,
}


def address_of(person: User) -> str | None:
    return identity_of(person, Platform.FEISHU)


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    app = App(config["app_id"], config["app_secret"], base_url=config.get("base_url", ""))
    content = json.dumps(post(message, MOST_BYTES), ensure_ascii=False)
    body = {"receive_id": address, "msg_type": "post", "content": content, "uuid": message.key[-50:]}
    with in_words(MEANINGS, app.secret):
        data = feishu.ask(app, "/open-apis/im/v1/messages", body, query={"receive_id_type": "open_id"})
    return str(data.get("message_id", "ok"))


def post(message: Message, most_bytes: int, mentions: tuple[str, ...] = ()) -> dict[str, Any]:
    """A post: a title, paragraphs of text, which is only text here, a link, and whom to @."""
    lines: list[list[dict[str, str]]] = []
    if message.body:
        lines.append([{"tag": "text", "text": cut(plain(message.body), most_bytes)}])
    if message.url:
        lines.append([{"tag": "a", "text": say("Open"), "href": message.url}])
    if mentions:
        lines.append([{"tag": "at", "user_id": person} for person in mentions])
    return {"zh_cn": {"title": cut(one_line(message.subject), 600), "content": lines}}
