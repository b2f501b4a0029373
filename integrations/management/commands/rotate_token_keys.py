"""`manage.py rotate_token_keys`: encrypt all stored tokens with the newest key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.services.keys import TokensUnreadable, token_keys_rotate


class Command(BaseCommand):
    """Run after a new key was put first in TOKEN_ENCRYPTION_KEYS and every process restarted."""

    help = "Encrypt all stored tokens with the first key of TOKEN_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say how many rows were written."""
        try:
            written = token_keys_rotate()
        except TokensUnreadable as error:
            raise CommandError(
                f"No key of TOKEN_ENCRYPTION_KEYS opens: {error}. Put the key they were written "
                "with back at the end of the list and repeat; all other rows are written. Is that "
                "key lost, let those customers connect again."
            ) from error
        self.stdout.write(
            f"{written} rows encrypted with the first key. The other keys can be taken off the "
            "list now."
        )
