"""What the pages and the worker read, one file a noun."""

from notices.selectors.inbox import inbox, unread_count

__all__ = ["inbox", "unread_count"]
