from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.mfa import signals

        from accounts.adapters import second_factor_changed
        from accounts.event_words import EVENT_WORDS
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
        post_migrate.connect(load_roles, sender=self)
        for signal, event in (
            (signals.authenticator_added, "accounts.second_factor_added"),
            (signals.authenticator_removed, "accounts.second_factor_removed"),
            (signals.authenticator_reset, "accounts.second_factor_made_anew"),
        ):
            signal.connect(second_factor_changed(event), weak=False, dispatch_uid=event)


def load_roles(**kwargs: Any) -> None:
    """Every role is a Django group. After each migrate, not in a migration: flushing a test database wipes those."""
    from django.contrib.auth.models import Group

    from accounts.roles import Role

    there = set(Group.objects.values_list("name", flat=True))
    Group.objects.bulk_create(Group(name=role) for role in Role.values if role not in there)
