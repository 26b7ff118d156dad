"""The one exception of this app's acts that a person can read."""

from accounts.services import Refused


class NotNow(Refused):
    """The act does not fit the moment; the sentence says why, in words for the person who tried."""
