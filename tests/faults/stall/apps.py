import os
import time
from datetime import datetime
from pathlib import Path

from django.apps import AppConfig


class StallConfig(AppConfig):
    name = "tests.faults.stall"

    def ready(self) -> None:
        """Stop before or after the newsroom is called, as STALL_AT says; STALL_MARK is the file that says it stands."""
        from response.channels import Receipt
        from response.channels.newsroom import channel
        from response.models import Release

        call = channel.publish

        def publish(release: Release, now: datetime) -> Receipt:
            receipt = call(release, now) if os.environ["STALL_AT"] == "after" else None
            Path(os.environ["STALL_MARK"]).touch()
            time.sleep(600)
            return receipt or call(release, now)

        channel.publish = publish
