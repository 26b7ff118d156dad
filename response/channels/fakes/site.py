"""A website that publishes what a signed webhook says: an id once, however often it comes."""

import base64
from html import escape
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notices.channels.fakes.world import Reply, Request, World
from response.channels.fakes.wechat import FRAME, Act

SECRET = "whsec_" + base64.b64encode(b"fake-site-secret-of-32-bytes-now").decode()


def pages(world: World) -> dict[str, dict[str, Any]]:
    """By webhook-id, in the order they came."""
    found: dict[str, dict[str, Any]] = world.kept.setdefault("site pages", {})
    return found


def hook(world: World, request: Request) -> Reply:
    try:
        Webhook(SECRET).verify(request.body, dict(request.headers))
    except WebhookVerificationError:
        return Reply({"error": "bad signature"}, status=401)
    key, data = request.headers["webhook-id"], request.data
    if data.get("type") == "statement.published":
        pages(world).setdefault(key, dict(data["data"]))
    if data.get("type") == "statement.withdrawn" and key.removesuffix("-withdrawn") in pages(world):
        pages(world)[key.removesuffix("-withdrawn")] |= {"text": "", "change_note": data["data"]["note"]}
    return Reply({"url": f"http://{request.headers.get('host', '')}/site/{key}"})


def page(world: World, request: Request) -> Reply:
    one = pages(world).get(request.path.rpartition("/")[2])
    if one is None:
        return Reply(page="<h1>404</h1>", status=404)
    lines = "".join(f"<p>{escape(line)}</p>" for line in f"{one['change_note']}\n{one['text']}".splitlines())
    return Reply(page=FRAME.format(title=escape(one["title"]), body=lines))


ROUTES: dict[str, Act] = {"POST /site": hook, "GET /site/*": page}
