from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        from audit.models import EVENT_WORDS as WORDS_OF_ALL_APPS
        from monitoring.event_words import EVENT_WORDS

        WORDS_OF_ALL_APPS.update(EVENT_WORDS)
