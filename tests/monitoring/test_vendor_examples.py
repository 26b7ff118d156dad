"""The clients we hand out, run as they stand against a real server."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from accounts import clock
from monitoring.models import Push
from opinion.models import Post
from tests.factories import WatchFactory
from tests.monitoring.vendor_tools import an_item, vendor_with_key

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = Path(settings.BASE_DIR) / "docs" / "examples"
COMMANDS = {"push.py": [sys.executable], "push.sh": ["sh"]}


@pytest.fixture
def run(live_server, cast):
    """Run an example with the address, key and secret of a vendor."""
    WatchFactory(rule="晴野")
    _vendor, shown = vendor_with_key(cast["pr"], now=clock.now())

    def client(name, *arguments, secret=shown.secret):
        for tool in ("curl", "openssl") if name == "push.sh" else ():
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not here")
        return subprocess.run(
            [*COMMANDS[name], EXAMPLES / name, *arguments],
            env={
                "PATH": "/usr/bin:/bin",
                "TINGLAN_URL": live_server.url,
                "TINGLAN_KEY": shown.token,
                "TINGLAN_SECRET": secret,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return client


@pytest.fixture
def batch(tmp_path):
    file = tmp_path / "posts.json"
    items = [an_item(1, text='晴野\n换行 "引号" \\ é'), an_item(2, likes=-1)]
    file.write_text(json.dumps({"posts": items}, ensure_ascii=False, indent=2), "utf-8")
    return file


@pytest.mark.parametrize("name", COMMANDS)
def test_it_pushes_and_pushing_again_is_harmless(run, batch, name):
    first, again = run(name, batch), run(name, batch)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    answer = json.loads(first.stdout)
    assert [result["outcome"] for result in answer["results"]] == ["stored", "rejected"]
    assert json.loads(again.stdout) == answer
    assert (Push.objects.count(), Post.objects.count()) == (1, 1)


@pytest.mark.parametrize("name", COMMANDS)
def test_it_fails_loudly_when_it_is_refused(run, batch, name):
    answer = run(name, batch, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert answer.returncode != 0
    assert '"status":401' in answer.stdout + answer.stderr
    assert Push.objects.count() == 0


def test_the_python_one_reads_back_what_became_of_a_post(run, batch):
    run("push.py", batch)
    answer = run("push.py", "--outcome", "wb-1")
    (item,) = json.loads(answer.stdout)["results"]
    assert (item["external_id"], item["outcome"]) == ("wb-1", "stored")
    assert item["became"] == {"state": "waiting", "signal": "", "incident": ""}
