"""Weibo: a short text with the newsroom's link, and the statement as a picture."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import unescape
from typing import Any

from django.conf import settings
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from response.channels import Receipt, Refused, Unclear, account_settings, remember
from response.channels.newsroom.channel import address_of
from response.channels.weibo import api
from response.channels.words import LINK_LENGTH, WEIBO_LENGTH, shortened
from response.models import Release, StatementImage, StatementVersion
from response.wording import public_text

LABEL = gettext_lazy("Weibo")
ACCOUNT = "weibo"
BEARS_REPEATS = NEEDS_SECOND = TAKES_DOWN = False
CAN_LOOK = CARRIES_IMAGE = True
CLOCKS_DIFFER = timedelta(minutes=5)
_LINK = re.compile(r"https?://\S+")


def words_for(version: StatementVersion) -> str:
    """The person's own text for Weibo, else as much of title and text as fits with the newsroom's link; no #topic#,
    which the platform would refuse."""
    if own := version.channel_words.get("weibo"):
        return public_text(own)
    address = address_of(version.statement.number)
    words = " ".join(f"【{public_text(version.title)}】{public_text(version.text)}".replace("#", "").split())
    return f"{shortened(words, WEIBO_LENGTH - LINK_LENGTH - 1)} {address}"


def prepare(release: Release, now: datetime) -> None:
    """Nothing stands there before it is posted."""
    account_settings(ACCOUNT)
    image_of(release)


def publish(release: Release, now: datetime) -> Receipt:
    config = account_settings(ACCOUNT)
    try:
        data = api.share(config, words_for(release.version), image_of(release))
    except api.Error as error:
        raise api.dangerous(error) from None
    remember(release, id=str(data["idstr"]))
    return Receipt(address_of_post(str(data["idstr"])), _("Posted."))


def image_of(release: Release) -> bytes | None:
    """The picture that was shown when it was published, to the byte. Raises Refused where it is another one."""
    if not release.image_hash:
        return None
    image = StatementImage.objects.filter(version=release.version).first()
    if image is None or sha256(bytes(image.png)).hexdigest() != release.image_hash:
        raise Refused(_("The picture is not the one that was shown when it was published."))
    return bytes(image.png)


def find(release: Release, now: datetime) -> Receipt | None:
    """Look through the own timeline for what this release would have posted, since it was first tried."""
    if release.remote.get("id"):
        return Receipt(address_of_post(release.remote["id"]), _("Posted."))
    try:
        posts = api.timeline(account_settings(ACCOUNT))
    except api.Error as error:
        raise Unclear(str(api.harmless(error))) from None
    first_try = release.attempts.aggregate(at=Min("started_at"))["at"] or release.requested_at
    known = {each.get("id") for each in Release.objects.filter(channel="weibo").values_list("remote", flat=True)}
    for post in posts:
        is_new = posted_at(post) >= first_try - CLOCKS_DIFFER and post.get("idstr") not in known
        if is_new and bare(str(post.get("text", ""))) == bare(words_for(release.version)):
            remember(release, id=str(post["idstr"]))
            return Receipt(address_of_post(str(post["idstr"])), _("Found there."))
    return None


def bare(words: str) -> str:
    """A post's words without its links, which the platform shortens, and without spaces."""
    return "".join(_LINK.sub("", unescape(words)).split())


def posted_at(post: Mapping[str, Any]) -> datetime:
    """When the platform says it was posted; long ago where that cannot be read."""
    try:
        return datetime.strptime(str(post.get("created_at")), "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def address_of_post(number: str) -> str:
    return f"{settings.CHANNEL_BASE_URL or 'https://m.weibo.cn'}/status/{number}"


def take_down(release: Release) -> None:
    raise Refused(_("The platform's interface cannot delete a post."))
