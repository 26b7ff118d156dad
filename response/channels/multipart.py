"""A form with a file in it, as bytes to send."""

from collections.abc import Mapping

import httpx

Files = Mapping[str, tuple[str, bytes, str]]  # field: file name, content, type


def encoded(fields: Mapping[str, str], files: Files) -> tuple[bytes, str]:
    """The body and its Content-Type."""
    request = httpx.Request("POST", "https://nowhere.invalid", data=dict(fields), files=dict(files))
    return request.read(), request.headers["Content-Type"]
