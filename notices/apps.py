from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS
        from notices.event_words import EVENT_WORDS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
        post_migrate.connect(make_email_channel, sender=self)


def make_email_channel(**kwargs: Any) -> None:
    """Mail is there from the start, for everybody. After each migrate, not in a migration: a flush wipes those."""
    from django.conf import settings
    from django.utils.translation import gettext, override

    from notices.models import NoticeChannel
    from notices.services.channels import EMAIL, make

    if not NoticeChannel.objects.filter(kind=EMAIL).exists():
        with override(settings.LANGUAGE_CODE):
            make(EMAIL, gettext("E-mail"), {})
