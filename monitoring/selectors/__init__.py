"""What the pages of listening read, one file a noun."""

from monitoring.selectors.inbox import waiting_count
from monitoring.selectors.signals import signals_waiting
from monitoring.selectors.situation import coverage_today, newest_signals
from monitoring.selectors.sources import silent_count, silent_sources

__all__ = [
    "coverage_today",
    "newest_signals",
    "signals_waiting",
    "silent_count",
    "silent_sources",
    "waiting_count",
]
