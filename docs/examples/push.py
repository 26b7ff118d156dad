#!/usr/bin/env python3
"""Push posts to the desk. Needs Python 3.11 and `pip install standardwebhooks`.

    export TINGLAN_URL=https://desk.example.com TINGLAN_KEY=tlk_… TINGLAN_SECRET=whsec_…
    python push.py posts.json          # {"posts": [...]}, at most 500
    python push.py --outcome wb-42     # what became of the post you call wb-42

The same batch may be pushed as often as you like: it is known by what it says, so nothing is stored twice.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

URL = os.environ["TINGLAN_URL"].rstrip("/") + "/api/v1"
KEY = os.environ["TINGLAN_KEY"]
SECRET = os.environ.get("TINGLAN_SECRET", "")
TRIES = 5


def call(path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """One request. Raises urllib.error.HTTPError; its body is problem+json, `detail` says what is wrong."""
    request = urllib.request.Request(
        URL + path, data=body, headers={"Authorization": f"Bearer {KEY}", **(headers or {})}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def push(body: bytes) -> dict[str, Any]:
    """Push one batch; waits when told to slow down, and tries again where it is not known whether it arrived."""
    message_id = "msg_" + hashlib.sha256(body).hexdigest()  # the same batch has the same id, also after a restart
    for attempt in range(1, TRIES + 1):
        now = datetime.now(UTC)  # the time is checked to five minutes, so each try is signed anew
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(message_id, now, body.decode()),
        }
        wait = 2.0**attempt
        try:
            return call("/posts/", body, headers)
        except urllib.error.HTTPError as error:
            if attempt == TRIES or (error.code < 500 and error.code != 429):
                raise
            wait = float(error.headers.get("Retry-After") or wait)
        except OSError:
            if attempt == TRIES:
                raise
        time.sleep(wait)
    raise AssertionError("unreachable")


def main() -> int:
    try:
        if sys.argv[1] == "--outcome":
            query = urllib.parse.urlencode({"external_id": sys.argv[2]})
            print(json.dumps(call(f"/pushed-items/?{query}"), ensure_ascii=False, indent=1))
            return 0
        with open(sys.argv[1], "rb") as file:
            answer = push(file.read())
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode(), file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    for result in answer["results"]:
        if result["outcome"] == "rejected":
            print(result["index"], result["external_id"], result["field"], result["words"], file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
