"""A website of the company that takes a signed webhook (Standard Webhooks) and publishes what it says.

The release's id goes along as webhook-id: the other side publishes an id once, however often it comes, and answers a
repeat as it answered the first. What it must do: docs/recipes/publish-by-webhook.md.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks.webhooks import Webhook

from accounts.outside.calls import Answer, CallFailed, call
from response.channels import Later, Receipt, Refused, Unclear, account_settings
from response.channels.newsroom.channel import address_of
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("Website by webhook")
ACCOUNT = "cms"
BEARS_REPEATS = TAKES_DOWN = True
CAN_LOOK = NEEDS_SECOND = CARRIES_IMAGE = False


def words_for(version: StatementVersion) -> str:
    return public_text(version.text)


def prepare(release: Release, now: datetime) -> None:
    account_settings(ACCOUNT)


def publish(release: Release, now: datetime) -> Receipt:
    version = release.version
    data = {
        "number": version.statement.number,
        "version": version.number,
        "title": public_text(version.title),
        "text": words_for(version),
        "change_note": version.change_note,
        "url": address_of(version.statement.number),
        "text_hash": version.text_hash,
    }
    answer = post(account_settings(ACCOUNT), str(release.uuid), "statement.published", data)
    url = str(answer.data.get("url", ""))
    if urlsplit(url).scheme not in ("http", "https") or len(url) > 2000:
        raise Unclear(_("The other side took it, and did not say where it stands."))
    return Receipt(url, _("Taken (HTTP %(status)s).") % {"status": answer.status})


def find(release: Release, now: datetime) -> Receipt | None:
    """Nothing to look at: the same call again finds out, and publishes nothing new."""
    return None


def take_down(release: Release) -> None:
    data = {"number": release.version.statement.number, "version": release.version.number, "note": release.words}
    post(account_settings(ACCOUNT), f"{release.uuid}-withdrawn", "statement.withdrawn", data)


def post(config: Mapping[str, str], key: str, kind: str, data: Mapping[str, Any]) -> Answer:
    """One signed event; any 2xx is a yes. Raises Refused, Later, Unclear."""
    now = datetime.now(UTC)
    text = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
    try:
        signature = Webhook(config["secret"]).sign(key, now, text)
    except (ValueError, RuntimeError, KeyError):
        raise Refused(_("the signing secret cannot be used: it must be base64"), by_hand=True) from None
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    try:
        answer = call("POST", config["url"], body=text.encode(), headers=headers)
    except CallFailed as failed:
        if failed.is_refused:
            raise Refused(str(failed), by_hand=True) from None
        raise (Unclear(str(failed)) if failed.is_unclear else Later(str(failed), timedelta(seconds=15))) from None
    if 200 <= answer.status < 300:
        return answer
    words = _("the other side answered with HTTP %(status)s") % {"status": answer.status}
    if answer.status in (408, 425, 429):
        raise Later(words, timedelta(minutes=1))
    raise Unclear(words) if answer.status >= 500 else Refused(words, by_hand=True)
