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

CHANNELS = {
    "email": "notices.channels.email.channel",
    "wecom_app": "notices.channels.wecom_app.channel",
    "dingtalk_app": "notices.channels.dingtalk_app.channel",
    "feishu_app": "notices.channels.feishu_app.channel",
    "wecom_robot": "notices.channels.wecom_robot.channel",
    "dingtalk_robot": "notices.channels.dingtalk_robot.channel",
    "feishu_robot": "notices.channels.feishu_robot.channel",
    "webhook": "notices.channels.webhook.channel",
    "sms": "notices.channels.sms.channel",
}


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
    is_unclear   it may have arrived: the other side broke off, was late, or answered nonsense
    retry_after  how long to wait before the next try, where the platform says so
    pause        how long the whole channel must rest
    code         the platform's own error code, "" where it gave none
    """

    def __init__(
        self,
        words: str,
        *,
        permanent: bool = False,
        is_unclear: bool = False,
        retry_after: timedelta | None = None,
        pause: timedelta | None = None,
        code: str = "",
    ) -> None:
        super().__init__(words)
        self.permanent, self.is_unclear = permanent, is_unclear
        self.retry_after, self.pause, self.code = retry_after, pause, code


class Channel(Protocol):
    """What a channel module offers."""

    NAME: str | Promise  # as a person calls it
    IS_GROUP: bool  # a group robot: everybody in the chat reads it, so it never carries anything confidential
    FIELDS: tuple[Field, ...]
    RATE: Rate | None  # None: no limit worth keeping
    FOLDS_REPEATS: bool  # a repeat with the same key is folded into one, by the platform or the reader

    @staticmethod
    def address_of(person: User) -> str | None:
        """Where this person is reached here, for a group robot: whom to @ in the chat; None: not at all."""

    @staticmethod
    def send(config: Mapping[str, str], address: str, message: Message) -> str:
        """Send it to this address; return the receipt. Raises ChannelError.

        address  for a group robot: whom to @, several joined by ",", or "" for nobody
        config   the values of FIELDS, and `base_url` where it is not the platform's own
        """


def channel_named(kind: str) -> Channel:
    """The channel module of that kind. KeyError for one that is not registered."""
    return cast(Channel, import_module(CHANNELS[kind]))
