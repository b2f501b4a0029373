"""Changing the key that encrypts tokens and staff's second factors."""

from accounts.services import authenticator_keys_rotate
from integrations.fields import UnreadableText
from integrations.models import ConnectAttempt, Connection


class TokensUnreadable(Exception):
    """No key of the list opens these rows; all others were written. `rows` names them."""

    def __init__(self, rows: list[str]) -> None:
        self.rows = rows
        super().__init__(", ".join(rows))


def token_keys_rotate() -> int:
    """Encrypt every stored token and second factor anew with the first of `TOKEN_ENCRYPTION_KEYS`.

    Returns how many rows were written. Safe beside running work and to be repeated: a row whose
    tokens change meanwhile is written by that change, with the first key as well. Afterwards the
    old keys can be taken off the list. Raises TokensUnreadable, after all others were written,
    when a row opens with no key: then no key may be taken off yet.
    """
    written = 0
    unreadable: list[str] = []
    for connection in Connection.objects.exclude(refresh_token="").iterator():
        if isinstance(connection.refresh_token, UnreadableText):
            unreadable.append(f"connection {connection.pk}")
            continue
        written += Connection.objects.filter(
            pk=connection.pk, token_generation=connection.token_generation
        ).update(access_token=connection.access_token, refresh_token=connection.refresh_token)
    for attempt in ConnectAttempt.objects.exclude(sealed_token="").iterator():
        if isinstance(attempt.sealed_token, UnreadableText):
            unreadable.append(f"connect attempt {attempt.pk}")
            continue
        written += (
            ConnectAttempt.objects.filter(pk=attempt.pk, state=attempt.state)
            .exclude(sealed_token="")
            .update(sealed_token=attempt.sealed_token)
        )
    factors_written, factors_unreadable = authenticator_keys_rotate()
    written += factors_written
    unreadable += factors_unreadable
    if unreadable:
        raise TokensUnreadable(unreadable)
    return written
