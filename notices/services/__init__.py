"""The acts of telling people. The callers upstairs need `notify` and `stand_down`."""

from notices.services.calling import acknowledge, stand_down
from notices.services.telling import mark_read, notify

__all__ = ["acknowledge", "mark_read", "notify", "stand_down"]
