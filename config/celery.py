"""The worker: what it needs to find Django and the tasks of every app."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_ready

from config.supervisor import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tinglan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def beat_at_once(**kwargs: Any) -> None:
    """The first heartbeat need not wait for the scheduler's first tick: the desk is ready sooner."""
    app.send_task("config.tasks.beat")


@beat_embedded_init.connect
def scheduler_ends_with_the_worker(**kwargs: Any) -> None:
    """`-B` runs the scheduler in a process of its own, which would outlive a worker killed by -9 and ring on."""
    die_with_parent()
