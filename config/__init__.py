"""Joins the apps: settings, addresses, worker, supervisor. It knows all of them; none of them knows it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
