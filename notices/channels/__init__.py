"""Channels that carry notices out of the house. To add one: copy a neighbour folder and add its name to CHANNELS."""

from importlib import import_module
from typing import Protocol, cast

from accounts.models import User
from notices.models import Notice

CHANNELS = {"email": "notices.channels.email.channel"}


class ChannelError(Exception):
    """The channel did not take the notice. `permanent` means: stop trying."""

    def __init__(self, words: str, *, permanent: bool = False) -> None:
        super().__init__(words)
        self.permanent = permanent


class Channel(Protocol):
    """What a channel module offers."""

    @staticmethod
    def reaches(person: User) -> bool:
        """Whether this person can be reached here at all (has an address)."""

    @staticmethod
    def send(notice: Notice, *, key: str) -> str:
        """Send it; return the receipt. Raises ChannelError. `key` is the same when the same delivery is repeated."""


def channel_named(name: str) -> Channel:
    """The channel module of that name. KeyError for one that is not registered."""
    return cast(Channel, import_module(CHANNELS[name]))
