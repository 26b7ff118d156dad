"""Encryption of what must be readable again: TOTP secrets, tokens, unmasked originals. Keys: settings.SECRETS_KEYS."""

import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> bytes:
    """Encrypt with the newest key."""
    return _box(tuple(settings.SECRETS_KEYS)).encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Decrypt with whichever key fits. Raises cryptography.fernet.InvalidToken when none does."""
    return _box(tuple(settings.SECRETS_KEYS)).decrypt(bytes(token)).decode()


def fingerprints(text: str) -> list[str]:
    """What stands for a text that is not to be readable again, 64 hex digits: by the oldest key, then by newer ones.

    Write the first; a key put in front does not change it. Compare with all: the oldest key may be dropped one day.
    """
    return [hmac.digest(key.encode(), text.encode(), "sha256").hex() for key in reversed(settings.SECRETS_KEYS)]
