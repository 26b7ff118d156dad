from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

# What an incident may harm (P3), as the plan names it; the company adds its own rows.
AFFECTED_KINDS = {
    "reputation": ("企业声誉", "Company reputation"),
    "brand": ("品牌形象", "Brand image"),
    "quality": ("产品质量", "Product quality"),
    "business": ("经营活动", "Business operations"),
}


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS
        from incidents.event_words import EVENT_WORDS, NOTICE_WORDS
        from notices.event_words import NOTICE_WORDS as NOTICE_WORDS_OF_ALL_APPS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
        NOTICE_WORDS_OF_ALL_APPS.update(NOTICE_WORDS)
        from audit import triggers

        triggers.APPEND_ONLY.append("incidents_timelineentry")
        post_migrate.connect(load_affected_kinds, sender=self)


def load_affected_kinds(**kwargs: Any) -> None:
    """After each migrate, not in a migration: flushing a test database wipes those. Renamed rows stay as they are."""
    from incidents.models import AffectedKind

    there = set(AffectedKind.objects.values_list("code", flat=True))
    AffectedKind.objects.bulk_create(
        AffectedKind(code=code, name=name, name_en=name_en)
        for code, (name, name_en) in AFFECTED_KINDS.items()
        if code not in there
    )
