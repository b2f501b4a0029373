"""Changing the key that encrypts tokens."""

from integrations.models import ConnectAttempt, Connection


def token_keys_rotate() -> int:
    """Encrypt every stored token anew with the first of `TOKEN_ENCRYPTION_KEYS`.

    Returns how many rows were written. Safe beside running work and to be repeated: a row whose
    tokens change meanwhile is written by that change, with the first key as well. Afterwards the
    old keys can be taken off the list. Raises InvalidToken when a key is missing from it.
    """
    written = 0
    for connection in Connection.objects.exclude(refresh_token="").iterator():
        written += Connection.objects.filter(
            pk=connection.pk, token_generation=connection.token_generation
        ).update(access_token=connection.access_token, refresh_token=connection.refresh_token)
    for attempt in ConnectAttempt.objects.exclude(sealed_token="").iterator():
        written += (
            ConnectAttempt.objects.filter(pk=attempt.pk, state=attempt.state)
            .exclude(sealed_token="")
            .update(sealed_token=attempt.sealed_token)
        )
    return written
