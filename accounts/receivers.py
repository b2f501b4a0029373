"""Listens to allauth's signals. Connected by `AccountsConfig.ready`."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.notices import Change, second_factor_notice_send
from accounts.sessions import session_track


@receiver(user_logged_in, dispatch_uid="session_track")
def tracked(*, request: HttpRequest, **_kwargs: Any) -> None:
    """From now on this session says when it was last seen."""
    session_track(request)


@receiver(authenticator_used, dispatch_uid="recovery_code_used")
def recovery_code_used(*, user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """A recovery code in use is news to whoever holds the codes."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        second_factor_notice_send(user=user, change=Change.CODE_USED)
