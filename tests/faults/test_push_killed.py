"""kill -9 of a web process in the middle of a push: the vendor pushes again, and nothing is lost, twice or untrue."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts import clock
from accounts.models import User
from monitoring.models import Push, PushedItem
from opinion.models import Heard, Post
from tests.factories import WatchFactory
from tests.faults.conftest import wait_until
from tests.monitoring.vendor_tools import POSTS, an_item, push, signed_headers, vendor_with_key

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

# What a web process does with the request, until it stands where it is to be killed.
STALLING = """
import json, sys, time
from pathlib import Path
import django
django.setup()
from django.test import Client
from monitoring.services import pushing
from opinion.services import pipeline
stall_at, mark, address, headers = sys.argv[1:]

def stall(*args):
    Path(mark).touch()
    time.sleep(600)

if stall_at == "answer":
    pushing._answer = stall
else:
    steps = iter([pipeline._stored, stall])
    pipeline._stored = lambda *args: next(steps)(*args)
Client().post(address, sys.stdin.buffer.read(), content_type="application/json", headers=json.loads(headers))
"""


@pytest.mark.parametrize(("stall_at", "stored_then"), [("answer", 300), ("second_step", 200)])
def test_a_killed_web_process_loses_nothing(
    cast: dict[str, User], tmp_path: Path, stall_at: str, stored_then: int
) -> None:
    WatchFactory(rule="晴野")
    _vendor, shown = vendor_with_key(cast["pr"], now=clock.now())
    items = [*(an_item(number) for number in range(300)), an_item(999, url="x")]
    body, mark = json.dumps({"posts": items}).encode(), tmp_path / "stands"
    headers = json.dumps(signed_headers(shown, body, message_id="m-1"))
    database = str(connection.settings_dict["NAME"])
    web = subprocess.Popen(
        [sys.executable, "-c", STALLING, stall_at, str(mark), POSTS, headers],
        stdin=subprocess.PIPE,
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(tmp_path),
            "ALLOWED_HOSTS": "testserver",
            "DATABASE_URL": f"sqlite:///{database}"
            if settings.EMBEDDED
            else f"{settings.DATABASE_URL.rsplit('/', 1)[0]}/{database}",
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "SECRETS_KEYS": ",".join(settings.SECRETS_KEYS),
            "AUDIT_KEY": settings.AUDIT_KEY,
        },
        cwd=settings.BASE_DIR,
    )
    try:
        assert web.stdin is not None
        web.stdin.write(body)
        web.stdin.close()
        wait_until(mark.exists)
    finally:
        web.send_signal(signal.SIGKILL)
        web.wait()

    assert (Post.objects.count(), PushedItem.objects.count(), Push.objects.get().answer) == (stored_then, 0, None)
    answer = push(shown, body)
    assert answer.json()["counts"] == {"items": 301, "stored": 300, "heard": 0, "duplicate": 0, "rejected": 1}
    assert push(shown, body).content == answer.content
    assert [model.objects.count() for model in (Push, PushedItem, Post, Heard)] == [1, 301, 300, 300]
