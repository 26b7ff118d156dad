"""A statement as an article of the official account: what a draft holds, and how to find it again."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import escape
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.outside.calls import CallFailed
from response.channels import Refused, account_settings, channel_named, remember
from response.channels.newsroom.channel import address_of, link_of
from response.channels.wechat import api
from response.models import Release, StatementImage, StatementVersion
from response.wording import public_text

TITLE_LENGTH, DIGEST_LENGTH, AUTHOR_LENGTH = 32, 54, 8
CONTENT_LENGTH = 20_000
PAGE, MOST_PAGES = 20, 5
AFTER = timedelta(seconds=5)
Error = (api.CodeError, api.NoSense, CallFailed)


def marker_of(release: Release) -> str:
    """阅读原文 of the article: the newsroom's address with version and channel, by which we know our own."""
    link = link_of(release.version)
    return link if release.channel == "wechat" else f"{link}&by={release.channel}"


def article_of(release: Release, cover: str) -> dict[str, Any]:
    """What draft/add takes. Raises Refused: too long."""
    version = release.version
    title = public_text(version.title)
    lines = channel_named(release.channel).words_for(version).splitlines()
    lines = [line for line in lines if line.strip() and line.strip() not in (title, address_of_line(version))]
    number = _("No. %(number)s, version %(version)s") % {
        "number": version.statement.number,
        "version": version.number,
    }
    content = "".join(f"<p>{escape(line)}</p>" for line in [*lines, number])
    if len(content) >= CONTENT_LENGTH:
        raise Refused(_("The article is too long for the platform: it may have 20,000 characters."), by_hand=True)
    return {
        "article_type": "news",
        "title": cut(title, TITLE_LENGTH),
        "author": settings.COMPANY_NAME[:AUTHOR_LENGTH],
        "digest": cut(" ".join(lines), DIGEST_LENGTH),
        "content": content,
        "content_source_url": marker_of(release),
        "thumb_media_id": cover,
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }


def address_of_line(version: StatementVersion) -> str:
    return address_of(version.statement.number)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def make_draft(release: Release) -> None:
    """Put the article into the draft box, once if it can be helped: a draft is not public, so a second is no harm.

    Raises Refused, Later.
    """
    if release.remote.get("media_id"):
        return
    config = account_settings("wechat")
    try:
        if release.attempts.count() > 1:  # an earlier attempt may have left one
            found = next(ours(config, "/cgi-bin/draft/batchget", release), None)
            if found:
                return remember(release, media_id=api.word(found[0], "media_id"))
        article = article_of(release, cover_of(release, config))
        data = api.ask(config, "/cgi-bin/draft/add", {"articles": [article]})
        remember(release, media_id=api.word(data, "media_id"))
    except Error as error:
        raise api.harmless(error) from None


def cover_of(release: Release, config: Mapping[str, str]) -> str:
    """The media id of the cover: the account's own picture, or the statement drawn as one."""
    kept = config.get("cover") or release.remote.get("cover")
    if kept:
        return str(kept)
    image = StatementImage.objects.filter(version=release.version).first()
    if image is None:
        raise Refused(_("The article needs a cover: name a picture in the account's settings."), by_hand=True)
    files = {"media": ("cover.png", bytes(image.png), "image/png")}
    data = api.ask(config, "/cgi-bin/material/add_material?type=image", files=files)
    remember(release, cover=api.word(data, "media_id"))
    return str(release.remote["cover"])


def ours(
    config: Mapping[str, str], path: str, release: Release
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Entries of a list that carry our marker, with the article: the newest hundred are looked through."""
    marker = marker_of(release)
    for page in range(MOST_PAGES):
        data = api.ask(config, path, {"offset": page * PAGE, "count": PAGE, "no_content": 1})
        entries = data.get("item") or []
        for entry in entries:
            for article in (entry.get("content") or {}).get("news_item") or []:
                if article.get("content_source_url") == marker:
                    yield entry, article
        if len(entries) < PAGE:
            return
