"""Another website of the company, or its content system: where it takes signed webhooks."""

from collections.abc import Mapping

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from notices.channels import Field
from response.channels import Refused

NAME = _("Website by webhook")
FIELDS = (
    Field("url", _("address"), help=_("Begins with https://.")),
    Field("secret", _("signing secret"), is_secret=True, help=_("Begins with whsec_ (Standard Webhooks).")),
)


def test(config: Mapping[str, str]) -> str:
    """A signed message that says it is a test and publishes nothing."""
    from response.channels.cms.channel import post  # the channel asks for these settings

    if not config.get("url"):
        raise Refused(say("The account is not set up, or is switched off."), by_hand=True)
    post(config, "test", "statement.test", {})
    return say("It answers.")
