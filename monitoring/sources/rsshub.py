"""The RSSHub of our own: which address a source of it is fetched at, and how its key stays where it belongs.

The key is added when the address is fetched and taken out of what comes back; `Source.url` never holds it, so no page,
log or poll can show it.
"""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings

from accounts.secrets import decrypt
from monitoring.fetching.fetch import Fetched
from opinion.models import Source

KEY = "key"  # as RSSHub calls it


def fetch_address(source: Source) -> str:
    """The address to fetch a source at: its own, with the access key it needs, if it needs one."""
    key = _key(source)
    if not key:
        return source.url
    scheme, host, path, query, _fragment = urlsplit(source.url)
    return urlunsplit((scheme, host, path, f"{query}&{urlencode({KEY: key})}".lstrip("&"), ""))


def without_key(source: Source, fetched: Fetched) -> Fetched:
    """What a source answered, without its key in the addresses: redirects repeat it, and a move is shown to people."""
    if not (key := _key(source)):
        return fetched
    return replace(fetched, url=_stripped(fetched.url, key), permanent_url=_stripped(fetched.permanent_url, key))


def is_ours(url: str) -> bool:
    """Whether an address is one of the desk's own RSSHub: same scheme and host, below its path."""
    base = settings.RSSHUB_URL.rstrip("/")
    return bool(base) and url.startswith(f"{base}/")


def same_host(one: str, other: str) -> bool:
    """Whether a key that was given to one address may be told to the other."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def _key(source: Source) -> str:
    """The source's own key where it has one; the desk's for the desk's own RSSHub, and for nobody else."""
    if source.access:
        return decrypt(bytes(source.access))
    return settings.RSSHUB_KEY if is_ours(source.url) else ""


def _stripped(url: str, key: str) -> str:
    scheme, host, path, query, fragment = urlsplit(url)
    if key not in (value for _name, value in parse_qsl(query)):
        return url
    kept = [(name, value) for name, value in parse_qsl(query, True) if value != key]
    return urlunsplit((scheme, host, path, urlencode(kept), fragment))
