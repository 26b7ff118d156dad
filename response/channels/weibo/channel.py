"""Weibo, by hand: a short text with the newsroom's link, copied there; the address is pasted back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Receipt, Refused
from response.channels.newsroom.channel import address_of
from response.channels.words import LINK_LENGTH, WEIBO_LENGTH, shortened
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("Weibo")
IS_MANUAL = True
BEARS_REPEATS = False


def words_for(version: StatementVersion) -> str:
    """The person's own text for Weibo, else as much of title and text as fits with the newsroom's link; no #topic#,
    which the platform would refuse."""
    if own := version.channel_words.get("weibo"):
        return public_text(own)
    address = address_of(version.statement.number)
    words = " ".join(f"【{public_text(version.title)}】{public_text(version.text)}".replace("#", "").split())
    return f"{shortened(words, WEIBO_LENGTH - LINK_LENGTH - 1)} {address}"


def publish(release: Release, now: datetime) -> Receipt:
    raise Refused(_("This channel is published by hand."))


def find(release: Release) -> Receipt | None:
    return None
