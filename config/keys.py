"""Keys the desk makes for itself: on first use under `var/keys`, or printed for a live desk's environment."""

import os
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

NAMES = ("SECRET_KEY", "SECRETS_KEYS", "AUDIT_KEY")


def fresh_key() -> str:
    """32 random bytes, URL-safe base64: good as Django's SECRET_KEY, as a Fernet key and for HMAC."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def key_made_once(folder: Path, name: str, make: Callable[[], str] = fresh_key) -> str:
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
    for key_name in NAMES:
        print(f"{key_name}={fresh_key()}")
