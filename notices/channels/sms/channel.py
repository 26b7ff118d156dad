"""A text message, through an SMS gateway of the company's own choice that takes a signed webhook.

The gateway is told the phone number and the text, and sends it in whatever way its provider asks for.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notices.channels import Message, Rate
from notices.channels.text import one_line
from notices.channels.webhook import channel as webhook

NAME = _("text message (SMS)")
IS_GROUP = False
FIELDS = webhook.FIELDS
RATE: Rate | None = None  # the gateway knows its provider's
FOLDS_REPEATS = True  # webhook-id
MOST_CHARACTERS = 134  # two parts of one long message


def address_of(person: User) -> str | None:
    return person.phone or None


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    return webhook.posted(config, message.key, "sms", {"phone": address, "text": short(message)})


def short(message: Message) -> str:
    """The subject and the address, in one message of two parts at most. An address that leaves no room is left out."""
    subject, tail = one_line(message.subject), f" {message.url}" if message.url else ""
    if units(tail) > MOST_CHARACTERS // 2:
        tail = ""
    while units(subject + tail) > MOST_CHARACTERS:
        subject = subject.removesuffix("…")[:-1].rstrip() + "…"
    return subject + tail


def units(text: str) -> int:
    """Characters as a phone counts them: UTF-16, so an emoji is two."""
    return len(text.encode("utf-16-le")) // 2
