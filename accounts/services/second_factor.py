"""Staff's second factor: set up, replaced, reset, and the keys that encrypt it."""

import functools

import structlog
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.cipher import token_cipher
from accounts.models import User
from accounts.notices import Change, second_factor_notice_send
from accounts.services.sessions import sessions_end

log = structlog.get_logger(__name__)

# Where an authenticator keeps its ciphertext (allauth.mfa: TOTP, RecoveryCodes).
_SEALED = ("secret", "seed")


class SecondFactorError(Exception):
    """Why a second factor was not reset; `sentence` is for the reader."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@transaction.atomic
def app_set(*, user: User, secret: str, keep_session: str | None = None) -> Authenticator:
    """Make this authenticator app the person's, in place of the one before if there was one.

    The first one comes with recovery codes. Replacing ends the person's other sessions.
    """
    # Two forms sent at once take turns.
    User.objects.select_for_update().get(pk=user.pk)
    replaced, _by_type = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.TOTP
    ).delete()
    instance: Authenticator = TOTP.activate(user, secret).instance
    RecoveryCodes.activate(user)
    if replaced:
        sessions_end(user=user, keep=keep_session)
    log.info("second_factor_set", user=user.pk, replaced=bool(replaced))
    _tell(user, Change.REPLACED if replaced else Change.SET_UP)
    return instance


@transaction.atomic
def recovery_codes_renew(*, user: User) -> None:
    """Make new recovery codes; the old ones no longer work."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    log.info("recovery_codes_renewed", user=user.pk)
    _tell(user, Change.NEW_CODES)


@transaction.atomic
def second_factor_reset(*, user: User, by: User | None) -> None:
    """Take a person's second factor away, for a lost device: they set up a new one at sign-in.

    Ends all their sessions and mails them. `by` is an operator, or None for the command line.
    Raises SecondFactorError for oneself (whoever took over a session must not get rid of it this
    way), for people without operators' rights, and when there is nothing to reset.
    """
    if by is not None and not (by.is_active and by.is_superuser):
        raise SecondFactorError(_("Only operators reset a second factor."))
    if by is not None and by.pk == user.pk:
        raise SecondFactorError(
            _(
                "Nobody resets their own second factor. Ask another operator, or use a recovery "
                "code."
            )
        )
    count, _by_type = Authenticator.objects.filter(user=user).delete()
    if not count:
        raise SecondFactorError(
            _("%(name)s has no second factor: the next sign-in asks to set one up.")
            % {"name": user}
        )
    ended = sessions_end(user=user)
    log.warning("second_factor_reset", user=user.pk, by=by.pk if by else None, sessions_ended=ended)
    _tell(user, Change.RESET)


def authenticator_keys_rotate() -> tuple[int, list[str]]:
    """Encrypt every authenticator anew with the first of `TOKEN_ENCRYPTION_KEYS`.

    Returns how many rows were written, and the names of those that no key opens. Safe beside
    people who sign in, and to be repeated.
    """
    written = 0
    unreadable: list[str] = []
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                row.data |= {
                    name: token_cipher().rotate(row.data[name].encode()).decode()
                    for name in _SEALED
                    if name in row.data
                }
            except InvalidToken:
                unreadable.append(f"authenticator {pk}")
                continue
            row.save(update_fields=["data"])
            written += 1
    return written, unreadable


def _tell(user: User, change: Change) -> None:
    transaction.on_commit(functools.partial(second_factor_notice_send, user=user, change=change))
