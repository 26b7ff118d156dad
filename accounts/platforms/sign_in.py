"""The platforms on which people may sign in here: those whose app the settings name (CHAT_APPS)."""

from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from accounts.models import Platform
from accounts.platforms import App


class Way(Protocol):
    """What a platform's module offers for signing in."""

    CODE: str  # the name under which the code comes back

    @staticmethod
    def sign_in_address(app: App, *, back: str, state: str, user_agent: str) -> str:
        """Where the browser goes to be recognised."""

    @staticmethod
    def subject_of(app: App, code: str, back: str) -> str:
        """Who came back with this code. Raises PlatformError, CallFailed."""


def open_ways() -> list[Platform]:
    return [platform for platform in Platform if app_of(platform)]


def app_of(platform: str) -> App | None:
    """The app through which people of this platform sign in, None where there is none."""
    app = settings.CHAT_APPS.get(platform)
    return App(**app, base_url=settings.CHAT_BASE_URL) if app and app["id"] and app["secret"] else None


def way_of(platform: str) -> Way:
    return cast(Way, import_module(f"accounts.platforms.{Platform(platform)}"))
