"""Which posts of ours people mean by the addresses they typed."""

import re
from collections.abc import Iterable

from accounts.requests import as_uuid
from incidents.models import Incident
from opinion.models import Post

OUR_PAGE = re.compile(r"/posts/([0-9a-fA-F-]{36})(?:/|$)")  # a post's page on this desk


def posts_at(incident: Incident, addresses: Iterable[str]) -> tuple[list[Post], list[str]]:
    """The originals behind addresses, and the addresses at which nothing was heard. Two queries, however many.

    addresses  where a post was published, or its page on this desk
    A repost stands for its original, which counts it.
    """
    wanted = list(dict.fromkeys(address.strip() for address in addresses if address.strip()))
    uuids = {address: as_uuid(match[1]) for address in wanted if (match := OUR_PAGE.search(address))}
    heard = Post.everywhere.filter(exercise=incident.exercise).standing()
    found: dict[str, Post] = {}
    by_address = {post.url: post for post in heard.at_address(*wanted).select_related("original__source", "source")}
    ours = [uuid for uuid in uuids.values() if uuid]
    by_uuid = {post.uuid: post for post in heard.filter(uuid__in=ours).select_related("original__source", "source")}
    for address in wanted:
        post = by_address.get(address) or by_uuid.get(uuids.get(address))  # type: ignore[arg-type]
        if post is not None:
            found[address] = post.original or post
    unknown = [address for address in wanted if address not in found]
    return list({post.pk: post for post in found.values()}.values()), unknown
