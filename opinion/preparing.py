"""A post made fit to be kept: cleaned, masked, folded. Pure, so that a reader can do it in its own process."""

import re
from dataclasses import replace

from opinion import text
from opinion.masking import mask
from opinion.raw import Kept, RawPost

_DIGEST = re.compile("[0-9a-f]{40,64}")  # by chance one in 300 holds eleven digits in a row


def prepare(raw: RawPost) -> RawPost:
    """The post with its words as they are kept, and what they were before beside them. One that is so already stays."""
    if raw.kept is not None:
        return raw
    said = {
        "title": text.clean(raw.title, text.TITLE_CAP),
        "text": text.clean(raw.text, text.TEXT_CAP),
        "author": text.clean(raw.author, text.AUTHOR_CAP),
    }
    kept = {name: mask(value) for name, value in said.items()}
    url = raw.url if raw.url.startswith(("http://", "https://")) and len(raw.url) <= text.URL_CAP else ""
    if mask(url) != url:  # a link with stars in it leads nowhere
        said["url"], url = url, ""
    return replace(
        raw,
        title=kept["title"],
        text=kept["text"],
        author=kept["author"],
        url=url,
        platform=mask(text.clean(raw.platform, text.PLATFORM_CAP)),
        region=mask(text.clean(raw.region, text.REGION_CAP)),
        kept=Kept(
            unmasked=said if kept != said else {},
            folded=text.fold(f"{kept['title']}\n{kept['text']}".strip()).text,
            is_plain=bool(raw.external_id) and is_plain(raw.external_id),
        ),
    )


def is_plain(external_id: str) -> bool:
    """Whether an id fits its column, shows all its characters and tells no private number."""
    is_clean = len(external_id) <= text.ID_CAP and text.clean(external_id, text.ID_CAP) == external_id
    return is_clean and (_DIGEST.fullmatch(external_id) is not None or mask(external_id) == external_id)
