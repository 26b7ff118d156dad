"""Whether something is here already: asked while a person types it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from accounts.models import User
from opinion import reposts
from opinion.models import Post, PostBand
from opinion.text import clean, fold

SHOWN = 5
COMPARED = 200  # posts that share a band


@dataclass(frozen=True, slots=True)
class Alike:
    """A post that is here. why: address, words (the same once folded), or likeness (a repost, with how much is shared).

    likeness  0 to 1
    """

    post: Post
    why: str
    likeness: float


def posts_like(user: User, *, text: str = "", url: str = "") -> list[Alike]:
    """Posts at this address, then those with these words, then those that a repost of them would be folded with.

    The address is known however old its post; words are compared with what was said in the last days (retention of
    the bands). Three queries at most.
    """
    posts = Post.objects.visible_to(user).select_related("source", "original")
    found = {}
    if url:
        for post in posts.at_address(*_spellings(url)).order_by("pk")[:SHOWN]:
            found[post.pk] = Alike(post, "address", 1.0)
    folded = fold(clean(text, len(text) + 1)).text.strip()
    grams = reposts.grams(folded)
    if len(grams):
        bands = reposts.bands([grams])[0].tolist()
        keys = set(PostBand.objects.filter(band__in=bands).values_list("post", flat=True)[:COMPARED])
        for post in posts.filter(pk__in=keys - found.keys()):
            theirs = fold(post.words).text
            if theirs.strip() == folded:
                found[post.pk] = Alike(post, "words", 1.0)
            elif reposts.is_repost(grams, other := reposts.grams(theirs)):
                found[post.pk] = Alike(post, "likeness", max(reposts.likeness(grams, other)))
    order: Sequence[str] = ("address", "words", "likeness")
    return sorted(found.values(), key=lambda one: (order.index(one.why), -one.likeness, one.post.pk))[:SHOWN]


def _spellings(url: str) -> set[str]:
    """The same address as people copy it: with and without a last slash, http and https, without a fragment."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return {url} | {
        urlunsplit((scheme, parts.netloc, path + slash, parts.query, ""))
        for scheme in ("http", "https")
        for slash in ("", "/")
    }
