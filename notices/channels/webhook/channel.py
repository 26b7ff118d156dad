"""A system of one's own, by a call signed as https://www.standardwebhooks.com describes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook

from accounts.models import User
from accounts.outside.calls import call
from notices.channels import ChannelError, Field, Message, Rate
from notices.channels.refusals import in_words, seconds

NAME = _("webhook")
IS_GROUP = True  # nobody here knows who reads it there
FIELDS = (
    Field(
        "url", _("address"), is_secret=True, help=_("Begins with https://. It may carry a key, so it is kept secret.")
    ),
    Field("secret", _("signing secret"), is_secret=True, help=_("Begins with whsec_ (Standard Webhooks).")),
)
RATE: Rate | None = None
FOLDS_REPEATS = True  # webhook-id


def address_of(person: User) -> str | None:
    return None


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    data = {"subject": message.subject, "body": message.body, "url": message.url, "urgency": message.urgency}
    return posted(config, message.key, "notice", data)


def posted(config: Mapping[str, str], key: str, kind: str, data: Mapping[str, Any]) -> str:
    """Post one signed event; any 2xx is a yes. The id is the key, by which the other side can tell a repeat."""
    now = datetime.now(UTC)
    text = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
    try:
        signature = Webhook(config["secret"]).sign(key, now, text)
    except (ValueError, RuntimeError):
        raise ChannelError(say("the signing secret cannot be used: it must be base64"), permanent=True) from None
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    with in_words({}, *config.values()):
        answer = call("POST", config["url"], body=text.encode(), headers=headers)
    if 200 <= answer.status < 300:
        return f"HTTP {answer.status}"
    raise ChannelError(
        say("the other side answered with HTTP %(status)s") % {"status": answer.status},
        permanent=answer.status < 500 and answer.status not in (408, 425, 429),
        retry_after=seconds(answer.headers.get("retry-after", ""))
        or (timedelta(minutes=1) if answer.status == 429 else None),
        code=str(answer.status),
        is_unclear=answer.status >= 500,
    )
