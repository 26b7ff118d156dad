"""How upstairs hears of what happens to people and authority: dotted names in settings.ACCOUNT_HOOKS."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def tell(event: str, row: Any) -> None:
    """Call every hook as `hook(event, row)`, inside the act's transaction; a hook that raises takes the act back."""
    for name in settings.ACCOUNT_HOOKS:
        import_string(name)(event, row)
