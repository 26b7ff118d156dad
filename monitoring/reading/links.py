"""Links as identities: the same page under one address, whatever it was decorated with on its way."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# Where a click came from.
TRACKING = re.compile(r"utm_\w+|spm|scm|at_medium|at_campaign", re.IGNORECASE)
# What hot lists add besides: the place and the hour an item was listed at, which change at every poll.
PLACING = re.compile(
    r"band_?rank|rank|pos|position|realpos|extparam|stream_entry_id|luicode|lfid|isnewpage|launchid|refer|hot_?from|"
    r"share_\w+|_t|ts|timestamp",
    re.IGNORECASE,
)


def canonical(link: str, *, placed: bool = False) -> str:
    """The same page under one address: no scheme, no fragment, no tracking.

    placed  the link stands in a hot list: what names its place in it goes too, and the order of the rest is settled
    """
    parts = urlsplit(link)
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if not TRACKING.fullmatch(name)]
    if placed:
        query = sorted((name, value) for name, value in query if not PLACING.fullmatch(name))
    return urlunsplit(("", parts.netloc.lower(), parts.path or "/", urlencode(query), ""))
