from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

# Nobody changes these rows, not even by SQL (docs/adr/0041): what was signed, preserved, or done.
SEALED_TABLES = [
    "response_factversion",
    "response_factsheet",
    "response_preservation",
    "response_exhibit",
    "response_evidencenumber",
    "response_legalstep",
]


class ResponseConfig(AppConfig):
    name = "response"

    def ready(self) -> None:
        from audit import triggers
        from audit.models import EVENT_WORDS
        from incidents import timeline_words
        from notices.event_words import NOTICE_WORDS as NOTICE_WORDS_OF_ALL_APPS
        from response.timeline import AUDIT_WORDS, NOTICE_WORDS, WORDS

        NOTICE_WORDS_OF_ALL_APPS.update(NOTICE_WORDS)
        timeline_words.WORDS.update(WORDS)
        EVENT_WORDS.update(AUDIT_WORDS)
        triggers.APPEND_ONLY.extend(SEALED_TABLES)
        post_migrate.connect(load_plan, sender=self)
        post_migrate.connect(load_report_rules, sender=self)


def load_plan(using: str, **kwargs: Any) -> None:
    """A desk begins with a plan. After each migrate, not in a migration: flushing a test database wipes those."""
    from django.utils import timezone

    from response.models import PlanVersion
    from response.services.plan import load_default_plan

    if PlanVersion._meta.db_table in connections[using].introspection.table_names():
        load_default_plan(timezone.now())


def load_report_rules(using: str, **kwargs: Any) -> None:
    """A desk begins with a table of what is reported to whom, for the same reason."""
    from response.models import ReportRule
    from response.services.reporting import load_default_rules

    if ReportRule._meta.db_table in connections[using].introspection.table_names():
        load_default_rules()
