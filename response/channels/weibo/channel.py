"""Weibo, by hand: a short text with the newsroom's link, copied there; the address is pasted back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Receipt, Refused
from response.channels.newsroom.channel import address_of
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("Weibo")
IS_MANUAL = True
BEARS_REPEATS = False
# Weibo's own limit, in its counting: a Chinese character is 1, a Latin one a half, a link 10.
LENGTH = 140
LINK_LENGTH = 10


def weibo_length(text: str) -> float:
    return sum(0.5 if ord(letter) < 128 else 1 for letter in text)


def words_for(version: StatementVersion) -> str:
    """As much of title and text as fits with the newsroom's link; no #topic#, which the platform would refuse."""
    address = address_of(version.statement.number)
    words = " ".join(f"【{public_text(version.title)}】{public_text(version.text)}".replace("#", "").split())
    room = LENGTH - LINK_LENGTH - 1
    if weibo_length(words) > room:
        while weibo_length(words) > room - 1:
            words = words[:-1]
        words += "…"
    return f"{words} {address}"


def publish(release: Release, now: datetime) -> Receipt:
    raise Refused(_("This channel is published by hand."))


def find(release: Release) -> Receipt | None:
    return None
