"""WeChat official account, by hand: a person copies the text there and pastes the address back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Receipt, Refused
from response.channels.newsroom.channel import address_of
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("WeChat official account")
IS_MANUAL = True
BEARS_REPEATS = False


def words_for(version: StatementVersion) -> str:
    """The person's own text for the account, else the whole text; with the newsroom's address as the original."""
    if own := version.channel_words.get("wechat"):
        return public_text(own)
    return f"{public_text(version.title)}\n\n{public_text(version.text)}\n\n{address_of(version.statement.number)}"


def publish(release: Release, now: datetime) -> Receipt:
    raise Refused(_("This channel is published by hand."))


def find(release: Release) -> Receipt | None:
    return None
