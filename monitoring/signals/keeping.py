"""What a signal was raised by, kept as it stood, and the print that shows whether it still stands so. Pure."""

import json
from hashlib import sha256
from typing import Any


def fingerprint(kept: dict[str, Any]) -> str:
    """sha256, in hex, of what is kept as canonical JSON: keys sorted, no spaces, UTF-8."""
    written = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


def fits(kept: dict[str, Any], kept_hash: str) -> bool:
    """Whether what is kept is still what was kept. False where nothing was, as in signals older than this."""
    return bool(kept) and fingerprint(kept) == kept_hash
