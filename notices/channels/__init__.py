"""Channels that carry notices out of the house. To add one: copy a neighbour folder and add its name to CHANNELS.

A channel knows a `Message` and its own configuration, and nothing of the rows that queue it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Protocol, cast

from django.utils.functional import Promise

from accounts.models import User

CHANNELS = {"email": "notices.channels.email.channel"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to one address."""

    subject: str  # one line, safe on a lock screen
    body: str  # plain text, may be empty
    url: str  # absolute, or ""
    urgency: int  # notices.models.Urgency
    key: str  # the same for repeats of the same delivery


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a channel. A secret is encrypted at rest and never shown again."""

    name: str
    label: str | Promise
    is_secret: bool = False
    is_required: bool = True
    help: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages a channel may be given in that time: somewhat fewer than the platform allows."""

    messages: int
    per: timedelta


class ChannelError(Exception):
    """The channel did not take the message, or nobody knows whether it did. The words never hold a secret.

    permanent    trying again is of no use
    retry_after  how long to wait before the next try, where the platform says so
    pause        how long the whole channel must rest
    code         the platform's own error code, "" where it gave none
    """

    def __init__(
        self,
        words: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        pause: timedelta | None = None,
        code: str = "",
    ) -> None:
        super().__init__(words)
        self.permanent, self.retry_after, self.pause, self.code = permanent, retry_after, pause, code


class Channel(Protocol):
    """What a channel module offers."""

    NAME: str | Promise  # as a person calls it
    IS_GROUP: bool  # a group robot: everybody in the chat reads it, so it never carries anything confidential
    FIELDS: tuple[Field, ...]
    RATE: Rate | None  # None: no limit worth keeping

    @staticmethod
    def address_of(person: User) -> str | None:
        """Where this person is reached here; None: not at all. Never asked of a group robot."""

    @staticmethod
    def send(config: Mapping[str, str], address: str, message: Message) -> str:
        """Send it to this address ("" for a group robot); return the receipt. Raises ChannelError.

        config  the values of FIELDS, and `base_url` where it is not the platform's own
        """


def channel_named(kind: str) -> Channel:
    """The channel module of that kind. KeyError for one that is not registered."""
    return cast(Channel, import_module(CHANNELS[kind]))
