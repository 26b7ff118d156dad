"""System checks name the set-ups that start well and go wrong later."""

from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.checks.registry import registry

from config import checks, health


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_the_desk_as_it_is_passes() -> None:
    assert checks.a_task_ends_before_it_is_redelivered(None) == []
    assert checks.sqlite_bears_two_writers(None) == []
    assert checks.three_keys_for_three_purposes(None) == []
    assert checks.the_demo_is_not_live(None) == []


@pytest.mark.parametrize("visible", [60, 120])
def test_a_visibility_timeout_that_a_task_may_outlive_is_an_error(settings: Any, visible: int) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": visible}
    assert ids(checks.a_task_ends_before_it_is_redelivered(None)) == ["config.E001"]


def test_a_soft_limit_above_the_hard_one_is_an_error(settings: Any) -> None:
    settings.CELERY_TASK_SOFT_TIME_LIMIT = 121
    assert ids(checks.a_task_ends_before_it_is_redelivered(None)) == ["config.E001"]


WAL = "PRAGMA journal_mode = WAL; PRAGMA recursive_triggers = ON"


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, 4),
        ({"transaction_mode": "IMMEDIATE", "timeout": 20}, 2),
        ({"transaction_mode": "DEFERRED", "timeout": 20, "init_command": WAL}, 1),
        ({"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": WAL}, 0),
    ],
)
def test_sqlite_options_that_lock_are_errors(settings: Any, options: dict[str, Any], missing: int) -> None:
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}}
    assert ids(checks.sqlite_bears_two_writers(None)) == ["config.E002"] * missing


def test_a_key_that_is_no_fernet_key_is_an_error(settings: Any) -> None:
    settings.SECRETS_KEYS = [*settings.SECRETS_KEYS, "too short"]
    assert ids(checks.three_keys_for_three_purposes(None)) == ["config.E003"]


def test_a_key_used_twice_is_an_error(settings: Any) -> None:
    settings.AUDIT_KEY = settings.SECRET_KEY
    assert ids(checks.three_keys_for_three_purposes(None)) == ["config.E004"]


def test_a_live_demo_is_a_warning(settings: Any) -> None:
    settings.DEMO = True
    assert ids(checks.the_demo_is_not_live(None)) == ["config.W001"]


def test_a_broker_that_forgets_is_a_warning() -> None:
    with health.broker() as doorbell:
        before = doorbell.config_get("maxmemory-policy")["maxmemory-policy"]
        try:
            doorbell.config_set("maxmemory-policy", "noeviction")
            assert checks.the_broker_forgets_nothing(None) == []
            doorbell.config_set("maxmemory-policy", "allkeys-lru")
            assert ids(checks.the_broker_forgets_nothing(None)) == ["config.W002"]
        finally:
            doorbell.config_set("maxmemory-policy", before)


def test_a_broker_that_cannot_be_asked_is_only_noted(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ids(checks.the_broker_forgets_nothing(None)) == ["config.I001"]


def test_every_check_is_registered() -> None:
    ours = {
        getattr(check, "__name__", "")
        for check in registry.get_checks(include_deployment_checks=True)
        if check.__module__ == "config.checks"
    }
    assert ours == {
        "a_task_ends_before_it_is_redelivered",
        "sqlite_bears_two_writers",
        "three_keys_for_three_purposes",
        "the_demo_is_not_live",
        "the_broker_forgets_nothing",
    }
