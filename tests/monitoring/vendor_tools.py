"""A vendor for tests, with the means to push: signed requests as its own client would send them."""

import json
from datetime import datetime
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

from accounts import clock
from accounts.models import User
from monitoring.models import Scope, Vendor
from monitoring.services.vendors import Shown, add_channel, add_vendor, make_key
from opinion.models import Source

POSTS = "/api/v1/posts/"
PUSHING = (Scope.PUSH, Scope.OUTCOME)


def vendor_with_key(
    actor: User, *, name: str = "云舆监测", now: datetime, scopes: Any = PUSHING, code: str = "default", **more: Any
) -> tuple[Vendor, Shown]:
    """A vendor with one channel (none where it reads) and one key."""
    vendor = add_vendor(Vendor(name=name, **more), actor=actor)
    if Scope.READ not in scopes:
        source = Source(source_class="platform", platform="微博")
        add_channel(vendor, code, source, seen_version=vendor.version, actor=actor)
    return vendor, make_key(vendor, scopes, seen_version=vendor.version, actor=actor, now=now)


def an_item(number: int, **more: Any) -> dict[str, Any]:
    """A post as a vendor writes it; text and id differ by number."""
    return {
        "external_id": f"wb-{number}",
        "text": f"晴野茶饮第{number}号门店今天的编号是{number * 7919}",
        "url": f"https://weibo.example/{number}",
        "author": "路人甲",
        "published_at": "2026-11-18T11:58:00+08:00",
        **more,
    }


def signed_headers(shown: Shown, body: bytes, *, message_id: str, at: datetime | None = None) -> dict[str, str]:
    at = at or clock.now()
    return {
        "Authorization": f"Bearer {shown.token}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(shown.secret).sign(message_id, at, body.decode()),
    }


def push(shown: Shown, items: Any, *, message_id: str = "m-1", client: Client | None = None, **headers: str) -> Any:
    """Push as a vendor does; `items` may be the whole body as bytes. `headers` are put over the signed ones."""
    body = items if isinstance(items, bytes) else json.dumps({"posts": items}).encode()
    sent = {**signed_headers(shown, body, message_id=message_id), "Accept-Language": "en", **headers}
    sent = {name.replace("_", "-"): value for name, value in sent.items() if value}
    return (client or Client()).post(POSTS, body, content_type="application/json", headers=sent)


def read(shown: Shown, url: str) -> Any:
    return Client().get(url, headers={"Authorization": f"Bearer {shown.token}", "Accept-Language": "en"})
