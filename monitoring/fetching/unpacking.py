"""A body as it arrives: unpacked piece by piece, so that neither a long answer nor a bomb is ever held whole."""

import zlib
from collections.abc import Iterable
from typing import Any, Protocol

import brotli
from django.utils.translation import gettext as _

from monitoring.health.words import FetchError
from opinion.models import SourceHealth

MOST_BYTES = 10 * 1024 * 1024  # compressed, and decompressed


class Unpacker(Protocol):
    def unpack(self, piece: bytes, most: int) -> bytes: ...
    def is_whole(self) -> bool: ...


class Plain:
    def unpack(self, piece: bytes, most: int) -> bytes:
        return piece

    def is_whole(self) -> bool:
        return True


class Zlib:
    """gzip and deflate, the latter with or without the header it should have."""

    def __init__(self) -> None:
        self.engine: Any = None

    def unpack(self, piece: bytes, most: int) -> bytes:
        if self.engine is None:
            headed = piece[0] == 0x1F or piece[0] & 15 == 8
            self.engine = zlib.decompressobj(47 if headed else -15)
        return self.engine.decompress(piece, most) if not self.engine.eof else b""

    def is_whole(self) -> bool:
        return self.engine is None or self.engine.eof


class Brotli:
    def __init__(self) -> None:
        self.engine = brotli.Decompressor()

    def unpack(self, piece: bytes, most: int) -> bytes:
        return self.engine.process(piece, output_buffer_limit=most) if not self.engine.is_finished() else b""

    def is_whole(self) -> bool:
        return self.engine.is_finished()


UNPACKERS: dict[str, type[Unpacker]] = {
    **{"": Plain, "identity": Plain},
    **{"gzip": Zlib, "x-gzip": Zlib, "deflate": Zlib, "br": Brotli},
}


def unpacked(pieces: Iterable[bytes], *, length: str, packing: str) -> bytes:
    """The whole body.

    length, packing  the headers Content-Length and Content-Encoding, as they came
    Raises FetchError: too_large past 10 MB, packed or unpacked; unreadable where it cannot be unpacked or breaks off.
    """
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise _too_large()
    unpacker, arrived, body = _unpacker(packing), 0, bytearray()
    try:
        for piece in pieces:
            arrived += len(piece)
            body += unpacker.unpack(piece, MOST_BYTES - len(body) + 1)
            if arrived > MOST_BYTES or len(body) > MOST_BYTES:
                raise _too_large()
    except (zlib.error, brotli.error):
        raise FetchError(SourceHealth.UNREADABLE, _("What it sent cannot be unpacked.")) from None
    if not unpacker.is_whole():
        raise FetchError(SourceHealth.UNREADABLE, _("What it sent breaks off in the middle."))
    return bytes(body)


def beginning(pieces: Iterable[bytes], *, packing: str, most: int) -> bytes:
    """The first bytes of a body of which nothing is expected; b"" where they cannot be unpacked."""
    body = bytearray()
    try:
        unpacker = _unpacker(packing)
        for piece in pieces:
            body += unpacker.unpack(piece, most)
            if len(body) >= most:
                break
    except (FetchError, zlib.error, brotli.error):
        return b""
    return bytes(body[:most])


def _unpacker(packing: str) -> Unpacker:
    packing = packing.strip().lower()
    if packing not in UNPACKERS:
        words = _("It is packed in a way we do not know (%(packing)s).") % {"packing": packing[:40]}
        raise FetchError(SourceHealth.UNREADABLE, words)
    return UNPACKERS[packing]()


def _too_large() -> FetchError:
    words = _("It is larger than %(limit)s MB.") % {"limit": MOST_BYTES // 1024 // 1024}
    return FetchError(SourceHealth.TOO_LARGE, words)
