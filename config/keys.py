"""Keys the desk makes for itself: on first use under `var/keys`, or printed for a live desk's environment."""

import os
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

# How many random bytes each is made of: a Fernet key has 32, and Django wants a SECRET_KEY of 50 characters or more.
BYTES = {"SECRET_KEY": 48, "SECRETS_KEYS": 32, "AUDIT_KEY": 32}


def fresh_key(name: str) -> str:
    """A new key for this purpose: random bytes, URL-safe base64."""
    return urlsafe_b64encode(secrets.token_bytes(BYTES[name])).decode()


def key_made_once(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Read the key kept in `folder/name`, made first if it is not there; safe when several processes start at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass
    for _attempt in range(50):
        value = path.read_text().strip()
        if value:
            return value
        time.sleep(0.02)  # another process has just created the file and is about to write it
    raise RuntimeError(f"The key file {path} is empty. Delete it if the desk has no data yet, or restore it.")


if __name__ == "__main__":
    for key_name in BYTES:
        print(f"{key_name}={fresh_key(key_name)}")
