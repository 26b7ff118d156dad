"""Stop where the environment says: STALL_AT before or after STALL_CALL; STALL_MARK is the file that says it stands."""

import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import AppConfig


class StallConfig(AppConfig):
    name = "tests.faults.stall"

    def ready(self) -> None:
        where = os.environ.get("STALL_CALL", "response.channels.newsroom.channel.publish")
        module, _dot, name = where.rpartition(".")
        call = getattr(import_module(module), name)

        def stalls(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs) if os.environ["STALL_AT"] == "after" else None
            if os.environ.get("STALL_PATH", "") not in str(args[:1]):
                return result or call(*args, **kwargs)
            Path(os.environ["STALL_MARK"]).touch()
            time.sleep(600)
            return result or call(*args, **kwargs)

        setattr(import_module(module), name, stalls)
