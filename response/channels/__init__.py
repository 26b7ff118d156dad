"""Channels that carry a statement to the public, the newsroom first. To add one: copy a neighbour, name it here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Protocol

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from notices.channels import Field
from response.models import ChannelAccount, Release, StatementVersion

NEWSROOM = "newsroom"
# In the order they are published: the others carry the newsroom's link.
CHANNELS = {
    NEWSROOM: "response.channels.newsroom.channel",
    "wechat": "response.channels.wechat.channel",
    "wechat_push": "response.channels.wechat.push",
    "weibo": "response.channels.weibo.channel",
    "cms": "response.channels.cms.channel",
}
# What the company sets up once: one account serves every channel of its platform.
ACCOUNTS = {
    NEWSROOM: "response.channels.newsroom.account",
    "wechat": "response.channels.wechat.account",
    "weibo": "response.channels.weibo.account",
    "cms": "response.channels.cms.account",
}


class Refused(Exception):
    """The channel did not take it, for certain; the words say why. Trying again cannot publish it twice.

    by_hand  the account cannot do this at all just now (no right, no quota, a wrong key): a person publishes instead
    """

    def __init__(self, words: str, *, by_hand: bool = False) -> None:
        super().__init__(words)
        self.by_hand = by_hand


class Later(Exception):
    """Nothing happened, and it is worth trying again after that time."""

    def __init__(self, words: str, after: timedelta) -> None:
        super().__init__(words)
        self.after = after


class Pending(Exception):
    """The platform has taken it and is at work: it is asked again after that time."""

    def __init__(self, words: str, after: timedelta) -> None:
        super().__init__(words)
        self.after = after


class Unclear(Exception):
    """Nobody knows whether it is out. Never tried again blindly: the platform is asked, then a person."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves a publication: where it stands, and what the channel said. `gone`: why it is there no more."""

    url: str
    words: str = ""
    gone: str = ""


class Channel(Protocol):
    """What a channel module offers. A release arrives with its version and statement."""

    LABEL: Promise
    ACCOUNT: str  # the account it goes out from, a name of ACCOUNTS; by hand while that is not set up. "" for our own
    BEARS_REPEATS: bool  # calling it again for the same release publishes nothing new
    CAN_LOOK: bool  # `find` can tell by asking the platform, perhaps some moments later
    NEEDS_SECOND: bool  # a second person agrees before it leaves
    CARRIES_IMAGE: bool  # the statement goes along as a picture
    TAKES_DOWN: bool  # `take_down` works

    @staticmethod
    def words_for(version: StatementVersion) -> str:
        """The text as this channel carries it: without the marks of facts, in its length, with the newsroom's link."""

    @staticmethod
    def prepare(release: Release, now: datetime) -> None:
        """What must be there before it can be published, and is no harm twice. Raises Refused or Later."""

    @staticmethod
    def publish(release: Release, now: datetime) -> Receipt:
        """The one call that makes it public. Raises Refused, Pending or Unclear. Not called on a manual release."""

    @staticmethod
    def find(release: Release, now: datetime) -> Receipt | None:
        """Ask what became of an earlier call; None when nobody can tell. Raises Refused or Pending."""

    @staticmethod
    def take_down(release: Release) -> None:
        """Take it off the channel; no harm when it is gone already. Raises Refused or Later."""


class Account(Protocol):
    """What the module of an account offers."""

    NAME: str | Promise
    FIELDS: tuple[Field, ...]

    @staticmethod
    def test(config: Mapping[str, str]) -> str:
        """Ask the platform something harmless; its answer in words. Raises Refused, Later or Unclear."""


def channel_named(name: str) -> Channel:
    """The channel module of that name. KeyError for one that is not registered."""
    return import_module(CHANNELS[name])  # type: ignore[return-value]


def account_named(kind: str) -> Account:
    """The account module of that kind. KeyError for one that is not registered."""
    return import_module(ACCOUNTS[kind])  # type: ignore[return-value]


def label_of(name: str) -> str:
    """Its name for people; the code of one that was registered once and is no more."""
    return str(channel_named(name).LABEL) if name in CHANNELS else name


def company_label(name: str) -> str:
    """Its name in the company's language, for what is written down and read by many."""
    with translation.override(settings.LANGUAGE_CODE):
        return label_of(name)


def is_by_hand(name: str) -> bool:
    """Whether a person publishes there: the company has no account that is switched on."""
    kind = channel_named(name).ACCOUNT
    return bool(kind) and not ChannelAccount.objects.filter(kind=kind, is_on=True).exists()


def account_settings(kind: str) -> Mapping[str, str]:
    """The settings of an account in the clear. Raises Refused where there are none to go by."""
    account = ChannelAccount.objects.filter(kind=kind, is_on=True).first()
    try:
        values = account.settings if account else {}
    except InvalidToken:
        values = {}
    if not values:
        raise Refused(_("The account is not set up, or is switched off."), by_hand=True)
    return values


def remember(release: Release, **ids: str) -> None:
    """Keep the platform's own ids with the release at once: whatever happens next, they are not lost."""
    release.remote = {**release.remote, **ids}
    Release.everywhere.filter(pk=release.pk).update(remote=release.remote)


# --- the one way out of the house ------------------------------------------------------------------------------------
def door(release: Release) -> Channel:
    """The channel of a live release. An exercise's release stops here, whatever it wanted on whatever channel."""
    if release.exercise_id is not None:
        raise Refused(_("A drill: nothing leaves the building."))
    return channel_named(release.channel)


def prepare(release: Release, now: datetime) -> None:
    door(release).prepare(release, now)


def publish(release: Release, now: datetime) -> Receipt:
    return door(release).publish(release, now)


def find(release: Release, now: datetime) -> Receipt | None:
    return door(release).find(release, now)


def take_down(release: Release) -> None:
    door(release).take_down(release)
