"""Encryption of what must be readable again: TOTP secrets, tokens, unmasked originals. Keys: settings.SECRETS_KEYS."""

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
