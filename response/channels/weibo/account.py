"""The Weibo account's settings, and a harmless question to it."""

from collections.abc import Mapping

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from notices.channels import Field
from response.channels import Refused
from response.channels.weibo import api

NAME = _("Weibo")
FIELDS = (
    Field("access_token", _("access token"), is_secret=True),
    Field("uid", _("number of the account (uid)")),
    Field("operator_ip", _("public address the company publishes from"), help=_("The platform asks for it (rip).")),
)


def test(config: Mapping[str, str]) -> str:
    """Read the account's own timeline. That the newsroom's host is on the app's list of domains, it cannot tell."""
    if not config.get("access_token"):
        raise Refused(say("The account is not set up, or is switched off."), by_hand=True)
    try:
        posts = api.timeline(config)
    except api.Error as error:
        raise api.harmless(error) from None
    return say("It answers. Newest posts seen: %(count)s") % {"count": len(posts)}
