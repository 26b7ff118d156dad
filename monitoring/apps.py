from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS
        from monitoring.event_words import EVENT_WORDS, NOTICE_WORDS
        from notices.event_words import NOTICE_WORDS as NOTICE_WORDS_OF_ALL_APPS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
        NOTICE_WORDS_OF_ALL_APPS.update(NOTICE_WORDS)
