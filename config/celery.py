"""The worker: what it needs to find Django and the tasks of every app."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("tinglan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
