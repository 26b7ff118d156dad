from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        post_migrate.connect(load_roles, sender=self)


def load_roles(**kwargs: Any) -> None:
    """Every role is a Django group. After each migrate, not in a migration: flushing a test database wipes those."""
    from django.contrib.auth.models import Group

    from accounts.roles import Role

    there = set(Group.objects.values_list("name", flat=True))
    Group.objects.bulk_create(Group(name=role) for role in Role.values if role not in there)
