from typing import Any


def after_step(step: str, incident: Any, *, actor: Any, now: Any) -> None: ...
