"""/healthz: the parts and their age. 200 when all answer, 503 when one does not. Says nothing about content."""

from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

BEAT_KEY = "beat-at"
BEAT_MAY_BE_OLD = timedelta(seconds=45)


def broker() -> redis.Redis:
    """A connection to the Redis or Valkey that carries the doorbell."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)


def beat_key() -> str:
    return settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + BEAT_KEY


def parts(now: datetime) -> dict[str, dict[str, Any]]:
    """Each part with `ok`, and in words what is wrong; the worker with the age of its last beat in seconds."""
    found: dict[str, dict[str, Any]] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = {"ok": True}
    except DatabaseError as error:
        found["database"] = {"ok": False, "words": type(error).__name__}
    try:
        with broker() as doorbell:
            beaten = doorbell.get(beat_key())
        found["broker"] = {"ok": True}
    except redis.RedisError as error:
        found["broker"] = {"ok": False, "words": type(error).__name__}
        beaten = None
    age = (now - datetime.fromisoformat(str(beaten))).total_seconds() if beaten else None
    found["worker"] = {"ok": age is not None and age < BEAT_MAY_BE_OLD.total_seconds(), "age_seconds": age}
    return found


def healthz(request: HttpRequest) -> JsonResponse:
    found = parts(timezone.now())
    whole = all(part["ok"] for part in found.values())
    return JsonResponse({"ok": whole, "parts": found}, status=200 if whole else 503)
