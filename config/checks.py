"""System checks: set-ups that start well and go wrong later. `manage.py check`, and `--deploy` for a live desk."""

from collections.abc import Sequence
from typing import Any

import redis
from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from config.health import broker

Apps = Sequence[AppConfig] | None


@register()
def a_task_ends_before_it_is_redelivered(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A task that outlives the visibility timeout runs again while it still runs (measured: 4 starts of one task)."""
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if soft < hard < visible:
        return []
    return [
        Error(
            f"CELERY_TASK_SOFT_TIME_LIMIT ({soft} s) must be below CELERY_TASK_TIME_LIMIT ({hard} s), "
            f"and that below VISIBILITY_TIMEOUT ({visible} s).",
            hint="Otherwise the broker hands a running task to a second worker. Raise VISIBILITY_TIMEOUT.",
            id="config.E001",
        )
    ]


@register()
def sqlite_bears_two_writers(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Without these options web and worker meet "database is locked" by the hundred; the last one guards the audit."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return []
    options = database.get("OPTIONS", {})
    said = "".join(str(options.get("init_command", "")).lower().split())
    wanted = {
        "transaction_mode=IMMEDIATE": options.get("transaction_mode") == "IMMEDIATE",
        "journal_mode=WAL": "journal_mode=wal" in said,
        "recursive_triggers=ON": "recursive_triggers=on" in said,
        "timeout of 20 s or more": options.get("timeout", 0) >= 20,
    }
    return [
        Error(f"SQLite runs without {name}.", hint="See DATABASES in config/settings.py.", id="config.E002")
        for name, there in wanted.items()
        if not there
    ]


@register(Tags.security)
def three_keys_for_three_purposes(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """SECRETS_KEYS are Fernet keys, and no key does the work of another."""
    found: list[CheckMessage] = []
    for position, key in enumerate(settings.SECRETS_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            found.append(
                Error(
                    f"Key {position} of SECRETS_KEYS is not a Fernet key.",
                    hint="`python -m config.keys` prints fresh ones; never change the one that data was written with.",
                    id="config.E003",
                )
            )
    keys = [settings.SECRET_KEY, settings.AUDIT_KEY, *settings.SECRETS_KEYS]
    if len(set(keys)) < len(keys):
        found.append(
            Error(
                "SECRET_KEY, AUDIT_KEY and SECRETS_KEYS must differ from one another.",
                hint="`python -m config.keys` prints a fresh set.",
                id="config.E004",
            )
        )
    return found


@register(Tags.security, deploy=True)
def the_demo_is_not_live(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not settings.DEMO:
        return []
    return [Warning("DEMO is on: this desk serves an invented company.", hint="Unset DEMO.", id="config.W001")]


@register(deploy=True)
def the_broker_forgets_nothing(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """A broker that evicts keys to save memory drops tasks in silence."""
    try:
        with broker() as doorbell:
            answer = doorbell.config_get("maxmemory-policy")
    except redis.RedisError as error:
        words = f"REDIS_URL could not be asked for its maxmemory-policy ({type(error).__name__})."
        return [Info(words, hint="It must be noeviction.", id="config.I001")]
    policy = answer["maxmemory-policy"]
    if policy == "noeviction":
        return []
    return [
        Warning(
            f"The Redis or Valkey at REDIS_URL has maxmemory-policy {policy}: when memory is short it drops tasks.",
            hint="Set `maxmemory-policy noeviction`.",
            id="config.W002",
        )
    ]
