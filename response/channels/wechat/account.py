"""The official account's settings, and a harmless question to it."""

from collections.abc import Mapping

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.outside.calls import CallFailed
from notices.channels import Field
from response.channels import Refused
from response.channels.wechat import api

NAME = _("WeChat official account")
SERVICE, SUBSCRIPTION = "service", "subscription"
FIELDS = (
    Field("app_id", _("app id")),
    Field("secret", _("app secret"), is_secret=True),
    Field("callback_token", _("token of the message server"), is_secret=True, is_required=False),
    Field("aes_key", _("EncodingAESKey of the message server"), is_secret=True, is_required=False),
    Field("cover", _("media id of the cover picture"), is_required=False, help=_("Empty: the statement as a picture.")),
    Field(
        "account_type",
        _("kind of account"),
        is_required=False,
        help=_("service: 4 pushes a month; subscription: 1 a day. Anything else counts as service."),
    ),
)


def test(config: Mapping[str, str]) -> str:
    """Fetch a token and count the drafts."""
    if not config.get("app_id") or not config.get("secret"):
        raise Refused(say("The account is not set up, or is switched off."), by_hand=True)
    try:
        drafts = api.ask(config, "/cgi-bin/draft/count").get("total_count", 0)
    except (api.CodeError, api.NoSense, CallFailed) as error:
        raise api.harmless(error) from None
    return say("It answers. Drafts there: %(count)s") % {"count": drafts}
