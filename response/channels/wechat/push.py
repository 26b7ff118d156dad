"""群发: the article is pushed to every follower. A channel of its own, because it is scarce and cannot be undone.

It never appears in the list of what was 发布, so an answer that was lost leaves nothing to look through: a person is
asked. `clientmsgid` lets the platform itself refuse a second push; we never lean on it.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Pending, Receipt, Refused, Unclear, account_settings, remember
from response.channels.wechat import account, api, articles
from response.channels.wechat.channel import words_for
from response.models import Release

__all__ = ["words_for"]
LABEL = gettext_lazy("WeChat push to followers")
ACCOUNT = "wechat"
BEARS_REPEATS = CAN_LOOK = CARRIES_IMAGE = False
NEEDS_SECOND = TAKES_DOWN = True
ASK_AFTER = timedelta(seconds=10)
A_MONTH, A_DAY = 4, 1  # pushes of a service account and of a subscription account
IS_THERE = 45065  # the same clientmsgid again: the answer carries the first push's id


def prepare(release: Release, now: datetime) -> None:
    if left(now) < 1:
        raise Refused(_("no push is left in this period"), by_hand=True)
    articles.make_draft(release)


def publish(release: Release, now: datetime) -> Receipt:
    body = {
        "filter": {"is_to_all": True},
        "mpnews": {"media_id": release.remote["media_id"]},
        "msgtype": "mpnews",
        "send_ignore_reprint": 0,
        "clientmsgid": release.uuid.hex,
    }
    try:
        data = api.ask(account_settings(ACCOUNT), "/cgi-bin/message/mass/sendall", body)
        remember(release, msg_id=api.word(data, "msg_id"))
    except api.CodeError as error:
        if error.code == IS_THERE:
            raise Unclear(_("The platform says that it was pushed already.")) from None
        raise api.dangerous(error) from None
    except articles.Error as error:
        raise api.dangerous(error) from None
    raise Pending(_("Handed over; the platform is pushing it."), ASK_AFTER)


def find(release: Release, now: datetime) -> Receipt | None:
    msg_id = release.remote.get("msg_id")
    if not msg_id:
        return None
    try:
        data = api.ask(account_settings(ACCOUNT), "/cgi-bin/message/mass/get", {"msg_id": msg_id})
    except articles.Error as error:
        raise Pending(str(api.harmless(error)), ASK_AFTER) from None
    match data.get("msg_status"):
        case "SEND_SUCCESS":
            return Receipt("", _("Pushed to all followers."))
        case "SENDING":
            raise Pending(_("Handed over; the platform is pushing it."), ASK_AFTER)
        case "SEND_FAIL":
            raise Refused(_("the platform failed to push it"))
        case "DELETE":
            return Receipt("", _("Pushed to all followers."), _("deleted in the account's own backend"))
    raise Unclear(_("an answer that makes no sense"))


def take_down(release: Release) -> None:
    """The article of a push is deleted; who has read it has read it."""
    msg_id = release.remote.get("msg_id")
    if not msg_id:
        raise Refused(_("The platform did not say which article it is."))
    try:
        api.ask(account_settings(ACCOUNT), "/cgi-bin/message/mass/delete", {"msg_id": msg_id, "article_idx": 0})
    except articles.Error as error:
        raise api.harmless(error) from None


def left(now: datetime) -> int:
    """How many pushes remain by our own count: of the day for a subscription account, of the month for a service one.

    One whose outcome nobody knows counts as used.
    """
    local = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    is_daily = account_settings(ACCOUNT).get("account_type") == account.SUBSCRIPTION
    since, most = (local, A_DAY) if is_daily else (local.replace(day=1), A_MONTH)
    used = Release.objects.filter(channel="wechat_push", is_manual=False, called_at__gte=since)
    return max(most - used.count(), 0)
