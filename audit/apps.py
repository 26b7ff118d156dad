from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)
        register(triggers_are_there, Tags.database)


def install_triggers(**kwargs: Any) -> None:
    from audit import triggers

    triggers.install()


def triggers_are_there(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`check --database default`: the append-only triggers are on their tables (once those have been made).

    Warnings, not errors: `migrate` asks first, too, and must not refuse to run because of what it is about to mend.
    """
    from audit import triggers

    if not databases:
        return []
    return [
        Warning(f"The append-only trigger {name} is missing.", hint="Run `manage.py migrate`.", id="audit.W001")
        for name in triggers.missing()
    ]
