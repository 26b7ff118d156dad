"""WeChat official account: a draft, 发布 (not pushed to followers), and the platform's verdict some moments later.

Only `submit` makes anything public, and its yes is not the end: the platform checks, and answers when asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Pending, Receipt, Refused, Unclear, account_settings, remember
from response.channels.newsroom.channel import address_of
from response.channels.wechat import api, articles
from response.models import Release, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("WeChat official account")
ACCOUNT = "wechat"
BEARS_REPEATS = False
CAN_LOOK = TAKES_DOWN = True
NEEDS_SECOND = CARRIES_IMAGE = False
PUBLISHED, AT_WORK, NO_ORIGINAL, FAILED, REFUSED, DELETED, BANNED = range(7)
WHY_NOT = {
    NO_ORIGINAL: gettext_lazy("the declaration of original work failed"),
    FAILED: gettext_lazy("the platform failed"),
    REFUSED: gettext_lazy("the platform's audit refused it"),
}
GONE = {
    DELETED: gettext_lazy("deleted in the account's own backend"),
    BANNED: gettext_lazy("banned by the platform"),
}
ASK_AFTER = timedelta(seconds=3)
NO_SUCH_ARTICLE = 53600


def words_for(version: StatementVersion) -> str:
    """The person's own text for the account, else the whole text; with the newsroom's address as the original."""
    if own := version.channel_words.get("wechat"):
        return public_text(own)
    return f"{public_text(version.title)}\n\n{public_text(version.text)}\n\n{address_of(version.statement.number)}"


def prepare(release: Release, now: datetime) -> None:
    articles.make_draft(release)


def publish(release: Release, now: datetime) -> Receipt:
    config = account_settings(ACCOUNT)
    try:
        data = api.ask(config, "/cgi-bin/freepublish/submit", {"media_id": release.remote["media_id"]})
        remember(release, publish_id=api.word(data, "publish_id"))
    except articles.Error as error:
        raise api.dangerous(error) from None
    raise Pending(_("Submitted; the platform checks it."), ASK_AFTER)


def find(release: Release, now: datetime) -> Receipt | None:
    """By its publish id, or by our marker among what is published there."""
    config = account_settings(ACCOUNT)
    publish_id = release.remote.get("publish_id")
    try:
        if publish_id:
            return status_of(release, api.ask(config, "/cgi-bin/freepublish/get", {"publish_id": publish_id}))
        for entry, article in articles.ours(config, "/cgi-bin/freepublish/batchget", release):
            remember(release, article_id=api.word(entry, "article_id"))
            gone = str(GONE[DELETED]) if article.get("is_deleted") else ""
            return Receipt(api.word(article, "url"), _("Found there."), gone)
    except articles.Error as error:
        # No answer says nothing about the article: neither that it is out nor that it is not.
        raise Unclear(str(api.harmless(error))) from None
    return None


def status_of(release: Release, data: Mapping[str, Any]) -> Receipt:
    """What freepublish/get says. Raises Pending, Refused, api.NoSense."""
    status = data.get("publish_status")
    if status == AT_WORK:
        raise Pending(_("Submitted; the platform checks it."), ASK_AFTER)
    if status in WHY_NOT:
        raise Refused(str(WHY_NOT[status]))
    if status not in (PUBLISHED, *GONE):
        raise api.NoSense
    if data.get("article_id"):
        remember(release, article_id=str(data["article_id"]))
    items = (data.get("article_detail") or {}).get("item") or [{}]
    url = str(items[0].get("article_url") or release.url)
    return Receipt(url, _("Published."), str(GONE.get(status, "")))


def take_down(release: Release) -> None:
    article_id = release.remote.get("article_id")
    if not article_id:
        raise Refused(_("The platform did not say which article it is."))
    try:
        api.ask(account_settings(ACCOUNT), "/cgi-bin/freepublish/delete", {"article_id": article_id, "index": 0})
    except api.CodeError as error:
        if error.code != NO_SUCH_ARTICLE:
            raise api.harmless(error) from None
    except articles.Error as error:
        raise api.harmless(error) from None
