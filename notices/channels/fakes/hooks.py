"""Two systems of the company's own that take signed webhooks: one that reads notices, one that sends text messages."""

import base64

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notices.channels.fakes.world import Reply, Request, World

SECRET = "whsec_" + base64.b64encode(b"fake-signing-secret-of-32-bytes!").decode()


def hook(world: World, request: Request) -> Reply:
    return _taken(world, request, "webhook", "system", "subject")


def sms(world: World, request: Request) -> Reply:
    return _taken(world, request, "sms", str(request.data.get("data", {}).get("phone", "")), "text")


def _taken(world: World, request: Request, platform: str, to: str, words: str) -> Reply:
    try:
        Webhook(SECRET).verify(request.body, dict(request.headers))
    except WebhookVerificationError:
        return Reply({"error": "bad signature"}, status=401)
    same = (platform, request.headers["webhook-id"])
    if same not in world.kept:  # a repeat is acknowledged and not done again
        world.kept[same] = True
        world.arrived(platform, to, str(request.data["data"][words]))
    return Reply({})


ROUTES = {"POST /hook": hook, "POST /sms": sms}
