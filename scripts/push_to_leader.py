"""From a vendor's push to the notice on the leader's phone: how long the desk takes, people's own time left out.

On a desk started by `manage.py up` whose worker may call the stand-ins (OUTGOING_ALLOWED_HOSTS=127.0.0.1:8333), with
the same VAR_DIR. This script starts the stand-ins. Each push is one grave post about a brand of its own; its signal
reaches the head of the working group; then, as fast as a browser could, an incident is opened from it
and 一级 asked for; the 组长's personal message is what is waited for.

    DEMO=1 .venv/bin/python scripts/push_to_leader.py http://127.0.0.1:8330 --stand-ins 8333 --pushes 25
"""

import argparse
import json
import os
import random
import re
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

HANZI = "".join(map(chr, range(0x5F00, 0x6F00)))
sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def desk_client(url: str, who: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/login/").text)
    assert token
    client.post(
        "/accounts/login/",
        data={"username": who, "password": password, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": url},
    )
    return client


def post(client: httpx.Client, path: str, **data: Any) -> httpx.Response:
    token = client.cookies.get("csrftoken") or ""
    headers = {"X-CSRFToken": token, "Referer": str(client.base_url)}
    answer = client.post(path, data=data, headers=headers)
    answer.raise_for_status()
    return answer


def story(brand: str) -> str:
    """A grave post unlike any other: what sounds alike would be folded into the first, as one affair."""
    other = "".join(random.choice(HANZI) for _ in range(60))
    return f"{brand}{other[:20]}，孩子喝了食物中毒送急诊住院，{other[20:40]}，监管部门来封存了原料，{other[40:]}"


def wait_for(messages: Any, to: str, words: list[str], since: int, patience: float = 60) -> float | None:
    """When a message to this account that holds all of these words arrived, by time.monotonic; None: it did not."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for message in messages()[since:]:
            if to in str(message["to"]) and all(word in message["text"] for word in words):
                return time.monotonic()
        time.sleep(0.02)
    return None


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("url")
    options.add_argument("--stand-ins", type=int, default=8333)
    options.add_argument("--pushes", type=int, default=25)
    asked = options.parse_args()

    import django

    django.setup()
    from django.conf import settings

    from accounts import clock
    from accounts.models import PlatformIdentity, User
    from incidents.models import AffectedKind
    from monitoring.models import Signal
    from notices.channels.fakes import configs
    from notices.channels.fakes.server import running
    from notices.models import NoticeChannel
    from notices.services.channels import make
    from opinion.models import Watch
    from opinion.services.watches import add_watch
    from tests.monitoring.vendor_tools import signed_headers, vendor_with_key

    password = (settings.VAR_DIR / "keys" / "demo_password").read_text().strip()
    people = {user.username: user for user in User.objects.all()}
    _vendor, shown = vendor_with_key(people["admin"], name=f"计时 {time.time():.0f}", now=clock.now())
    with running(asked.stand_ins) as server:
        server.world.people = {who: people[who].name for who in ("gm", "pr")}
        for who in ("gm", "pr"):
            PlatformIdentity.objects.update_or_create(
                person=people[who],
                platform="wecom",
                defaults={
                    "subject": who,
                    "set_by": people["security"],
                    "set_at": clock.now(),
                    "confirmed_by": people[who],
                    "confirmed_at": clock.now(),
                },
            )
        NoticeChannel.objects.exclude(kind="wecom_app").update(is_on=False)
        if not NoticeChannel.objects.filter(kind="wecom_app").exists():
            make("wecom_app", "企业微信", configs(server.url)["wecom_app"])
        head, legal = (desk_client(asked.url, who, password) for who in ("pr", "legal"))
        messages = lambda: httpx.get(f"{server.url}/__admin/messages").json()["messages"]  # noqa: E731
        to_head, to_leader, by_desk = [], [], []
        brands = [f"{chr(0x4E11 + 3 * number)}{time.time_ns() % 10**6}茶" for number in range(asked.pushes)]
        for brand in brands:
            add_watch(Watch(name=f"计时 {brand}", rule=brand), actor=people["pr"])
        kind = AffectedKind.objects.filter(retired_at=None).values_list("pk", flat=True)[0]
        for number, brand in enumerate(brands):
            seen = len(messages())
            item = {
                "external_id": f"t-{time.time_ns()}",
                "text": story(brand),
                "published_at": (clock.now() - timedelta(minutes=3)).isoformat(),
                "author": f"路人{number}",
                "platform": "微博",
            }
            body = json.dumps({"posts": [item]}).encode()
            began = time.monotonic()
            headers = signed_headers(shown, body, message_id=f"m-{time.time_ns()}")
            headers["Content-Type"] = "application/json"
            httpx.post(f"{asked.url}/api/v1/posts/", content=body, headers=headers, timeout=30).raise_for_status()
            told = wait_for(messages, "pr", [brand], seen)
            signal = Signal.objects.filter(watch__name__endswith=brand).first()
            if told is None or signal is None:
                print(f"{number}: no signal of its own", file=sys.stderr)
                continue
            acted = time.monotonic()
            opened = post(head, "/incidents/open/", signal=signal.uuid, title=brand, affects=kind, lead=people["pr"].pk)
            found = re.search(r"YQ-\d{4}-\d+", str(opened.url))
            if found is None:
                print(f"{number}: not opened, {opened.url}", file=sys.stderr)
                continue
            reason = "多名消费者就医，监管部门介入，需要统一口径。"
            post(legal, f"/incidents/{found[0]}/level/", level="1", reason=reason)
            arrived = wait_for(messages, "gm", [found[0]], seen)
            if arrived is None:
                print(f"{number}: nothing reached the leader", file=sys.stderr)
                continue
            to_head.append(told - began)
            to_leader.append(arrived - began)
            by_desk.append(arrived - acted)
            time.sleep(1)
    for name, seconds in (
        ("push → head of the working group", to_head),
        ("signal → leader, by two acts", by_desk),
        ("push → leader", to_leader),
    ):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        print(f"{name}: p50 {statistics.median(seconds):.2f} s, p95 {p95:.2f} s, {len(seconds)} pushes")


if __name__ == "__main__":
    main()
