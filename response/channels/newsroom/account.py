"""The newsroom's own health: whether its page answers where the public reads it. It has no settings of its own."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as say
from django.utils.translation import pgettext_lazy

from accounts.outside.calls import CallFailed, call
from notices.channels import Field
from response.channels import Unclear

NAME = pgettext_lazy("channel", "Newsroom")
FIELDS: tuple[Field, ...] = ()


def test(config: Mapping[str, str]) -> str:
    """Ask for the feed as a reader would."""
    if not settings.NEWSROOM_CHECK_URL:
        return say("Not watched: NEWSROOM_CHECK_URL names no address to look at.")
    try:
        answer = call("GET", settings.NEWSROOM_CHECK_URL)
    except CallFailed as failed:
        raise Unclear(str(failed)) from None
    if answer.status != 200:
        raise Unclear(say("the other side answered with HTTP %(status)s") % {"status": answer.status})
    return say("It answers.")
