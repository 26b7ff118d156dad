from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db.models.signals import post_migrate


class OpinionConfig(AppConfig):
    name = "opinion"

    def ready(self) -> None:
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS
        from opinion.event_words import EVENT_WORDS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
        post_migrate.connect(install_index, sender=self)
        register(index_is_there, Tags.database)


def install_index(**kwargs: Any) -> None:
    from opinion import index

    index.install()


def index_is_there(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """`check --database default`: posts can be found by their words (once their table has been made). Warnings: an
    error would keep `migrate` from mending it."""
    from django.db import connection

    from opinion import index

    if not databases or "opinion_post" not in connection.introspection.table_names():
        return []
    return [
        Warning(f"{name}, a part of the search index, is missing.", hint="Run `manage.py migrate`.", id="opinion.W001")
        for name in index.missing()
    ]
