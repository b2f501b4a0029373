"""The cipher for what must not be readable in the database (libraries.md, section 5)."""

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver


@cache
def token_cipher() -> MultiFernet:
    """The cipher over `TOKEN_ENCRYPTION_KEYS`: the first key encrypts, every key decrypts.

    Raises ImproperlyConfigured when there is no key or one is not a Fernet key.
    """
    keys = settings.TOKEN_ENCRYPTION_KEYS
    if not keys:
        raise ImproperlyConfigured("TOKEN_ENCRYPTION_KEYS is empty: set at least one Fernet key.")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "TOKEN_ENCRYPTION_KEYS holds a value that is no Fernet key (32 bytes, url-safe base64)."
        ) from error


@receiver(setting_changed)
def _cipher_forget(*, setting: str, **_kwargs: Any) -> None:
    if setting == "TOKEN_ENCRYPTION_KEYS":
        token_cipher.cache_clear()
