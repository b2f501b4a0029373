"""A text column that is ciphertext at rest, under keys of its own (libraries.md, section 5)."""

from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from django.db import models
from django.views.decorators.debug import sensitive_variables

from accounts.cipher import token_cipher

log = structlog.get_logger(__name__)


class UnreadableText(str):
    """Ciphertext that no key opens. Reads as empty text; saved again, it stays what it was.

    One customer's damaged token, or a key taken off the list too early, must not take the pages
    of all the others down, and putting the key back must bring everything back.
    """

    ciphertext: str

    def __new__(cls, ciphertext: str) -> "UnreadableText":
        """Empty to every reader; the ciphertext stays beside."""
        made = super().__new__(cls)
        made.ciphertext = ciphertext
        return made


class EncryptedTextField(models.TextField):
    """Stores text encrypted; reads it decrypted. Empty text stays empty."""

    # Error reports leave it out (accounts/reporting.py).
    hidden_in_reports = True

    @sensitive_variables()
    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database."""
        if isinstance(value, UnreadableText):
            return value.ciphertext
        value = super().get_prep_value(value)
        return token_cipher().encrypt(value.encode()).decode() if value else value

    @sensitive_variables()
    def from_db_value(self, value: str | None, *_args: Any) -> str | None:
        """Decrypt on the way out; UnreadableText, and an error in the log, when no key fits."""
        if not value:
            return value
        try:
            return token_cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            log.error(
                "token_unreadable",
                column=f"{self.model._meta.db_table}.{self.column}",
                hint="Its key is no longer listed in TOKEN_ENCRYPTION_KEYS: put the old key back "
                "at the end of the list.",
            )
            return UnreadableText(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Leave the value out of serialised data: no export holds a token (rule 8)."""
        return ""
