"""How entries are chained: pure rules, worked by hand in tests/audit/test_chain.py."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

START = "0" * 64


def canonical(row: Mapping[str, Any]) -> bytes:
    """The one way a row is written for hashing: sorted keys, no spaces, real characters, UTF-8."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def moment(at: datetime) -> str:
    """A time as it enters the hash: UTC with microseconds, the precision both databases keep."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link(prev_hash: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows `prev_hash` (64 hex characters)."""
    return hashlib.sha256(prev_hash.encode() + canonical(row)).hexdigest()


def seal(key: str, seq: int, last_hash: str) -> str:
    """The head's seal: HMAC-SHA256 over its length and last hash, so that cutting the tail off shows."""
    return hmac.new(key.encode(), f"{seq}:{last_hash}".encode(), hashlib.sha256).hexdigest()
