"""Messages from the official account's platform: whose they are, and what they are about.

A message is believed in nothing. One about a publication only makes the desk ask the platform at once, so that a copy,
a late one or one out of order does no harm.
"""

import base64
import binascii
import hmac
import re
import struct
from collections.abc import Mapping
from hashlib import sha1
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MOST_BYTES = 64 * 1024
_FORBIDDEN = re.compile("<!(?:DOCTYPE|ENTITY)", re.I)  # no entity of a stranger is ever expanded


class NotTheirs(Exception):
    """Not signed with our token, or not readable."""


def signature(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode()).hexdigest()


def check(token: str, query: Mapping[str, str], *more: str, name: str = "signature") -> None:
    """Raises NotTheirs."""
    wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), *more)
    if not token or not hmac.compare_digest(wanted.encode(), query.get(name, "").encode()):
        raise NotTheirs


def message(config: Mapping[str, str], query: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The fields of a message, nested ones by their own name. Raises NotTheirs."""
    fields = read(body)
    if query.get("encrypt_type") == "aes":
        sealed = fields.get("Encrypt", "")
        check(config.get("callback_token", ""), query, sealed, name="msg_signature")
        return read(opened(config.get("aes_key", ""), config.get("app_id", ""), sealed))
    check(config.get("callback_token", ""), query)
    if config.get("aes_key"):  # set up to be encrypted: a plain one is not believed
        raise NotTheirs
    return fields


def read(body: bytes) -> dict[str, str]:
    try:
        words = body.decode()  # by us, so that no other encoding hides what is forbidden
        if len(body) > MOST_BYTES or _FORBIDDEN.search(words):
            raise NotTheirs
        root = ElementTree.fromstring(words)
    except (ElementTree.ParseError, ValueError):
        raise NotTheirs from None
    return {each.tag: (each.text or "").strip() for each in root.iter() if not len(each)}


def opened(key: str, app_id: str, sealed: str) -> bytes:
    """The XML inside: AES-256-CBC, 16 random bytes, length, text, app id. Raises NotTheirs."""
    try:
        secret = base64.b64decode(key + "=", validate=True)
        cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
        plain = cipher.update(base64.b64decode(sealed, validate=True)) + cipher.finalize()
        plain = plain[: -plain[-1]]
        (length,) = struct.unpack(">I", plain[16:20])
        text, owner = plain[20 : 20 + length], plain[20 + length :]
    except (ValueError, IndexError, struct.error, binascii.Error):
        raise NotTheirs from None
    if owner.decode("utf-8", "replace") != app_id:
        raise NotTheirs
    return text
