"""What the pages of listening read, one file a noun."""

from monitoring.selectors.coverage import gaps_of_last_night
from monitoring.selectors.duty import on_duty
from monitoring.selectors.duty_log import handover_before
from monitoring.selectors.inbox import waiting_count
from monitoring.selectors.signals import signals_open_count, signals_waiting
from monitoring.selectors.situation import coverage_today, newest_signals
from monitoring.selectors.sources import silent_count, silent_sources

__all__ = [
    "coverage_today",
    "gaps_of_last_night",
    "handover_before",
    "newest_signals",
    "on_duty",
    "signals_open_count",
    "signals_waiting",
    "silent_count",
    "silent_sources",
    "waiting_count",
]
