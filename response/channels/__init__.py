"""Channels that carry a statement to the public, the newsroom first. To add one: copy a neighbour, name it here."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from response.models import Release, StatementVersion

# In the order they are published: the others carry the newsroom's link.
CHANNELS = {
    "newsroom": "response.channels.newsroom.channel",
    "wechat": "response.channels.wechat.channel",
    "weibo": "response.channels.weibo.channel",
}


class Refused(Exception):
    """The channel did not take it, for certain; the words say why. Trying again cannot publish it twice."""


class Unclear(Exception):
    """Nobody knows whether it is out. Never tried again blindly: a person looks, and says."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves a publication: where it stands, and what the channel said."""

    url: str
    words: str = ""


class Channel(Protocol):
    """What a channel module offers."""

    LABEL: Promise
    IS_MANUAL: bool  # a person publishes by hand and pastes the address back
    BEARS_REPEATS: bool  # calling it again for the same release publishes nothing new

    @staticmethod
    def words_for(version: StatementVersion) -> str:
        """The text as this channel carries it: without the marks of facts, in its length, with the newsroom's link."""

    @staticmethod
    def publish(release: Release, now: datetime) -> Receipt:
        """Publish it. Raises Refused or Unclear. Not called on a manual channel."""

    @staticmethod
    def find(release: Release) -> Receipt | None:
        """Look whether an attempt that was cut short is out after all; None when nobody can tell."""


def channel_named(name: str) -> Channel:
    """The channel module of that name. KeyError for one that is not registered."""
    return import_module(CHANNELS[name])  # type: ignore[return-value]


def label_of(name: str) -> str:
    """Its name for people; the code of one that was registered once and is no more."""
    return str(channel_named(name).LABEL) if name in CHANNELS else name


def company_label(name: str) -> str:
    """Its name in the company's language, for what is written down and read by many."""
    with translation.override(settings.LANGUAGE_CODE):
        return label_of(name)


def publish(release: Release, now: datetime) -> Receipt:
    """The one way out of the house. An exercise's release stops here, on whatever channel."""
    if release.exercise_id is not None:
        raise Refused(_("A drill: nothing leaves the building."))
    return channel_named(release.channel).publish(release, now)
