"""What a person does to sign in: asks for a code, reads the mail, types it."""

import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import PASSWORD

CODE = re.compile(r"^\s+([A-Z0-9]+-[A-Z0-9]+)\s*$", re.MULTILINE)


def codes_mailed(email: str) -> list[str]:
    """The codes that went to this address, oldest first."""
    return [
        match.group(1)
        for message in mail.outbox
        if message.to == [email] and (match := CODE.search(message.body))
    ]


def code_request(client: Client, email: str, next_url: str = ""):
    """Ask for a code on the sign-in page; answers the page that follows."""
    data = {"email": email} | ({"next": next_url} if next_url else {})
    return client.post(reverse("account_request_login_code"), data, follow=True)


def code_type(client: Client, code: str, next_url: str = ""):
    """Type a code; answers the redirect, or the page with the error."""
    data = {"code": code} | ({"next": next_url} if next_url else {})
    return client.post(reverse("account_confirm_login_code"), data)


def authenticator_give(user: User) -> str:
    """Give a member of staff an authenticator app; returns its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def totp_code(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or so many steps of 30 seconds later."""
    code: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))
    return code


def password_type(client: Client, user: User, next_url: str = ""):
    """A member of staff types their password: the first half of signing in."""
    data = {"login": user.email, "password": PASSWORD} | ({"next": next_url} if next_url else {})
    return client.post(reverse("account_login"), data)


def factor_type(client: Client, code: str):
    """The second half: a code of the app, or a recovery code."""
    return client.post(reverse("mfa_authenticate"), {"code": code})


def recovery_codes_of(user: User) -> list[str]:
    """The recovery codes that the person has not used yet."""
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


class Browser(Client):
    """A browser that can be signed in without the pages; staff with their second factor."""

    def force_login(self, user: User, backend: str | None = None, *, fresh: bool = True) -> None:
        """Sign in. Staff have proven their second factor just now, or long ago unless `fresh`."""
        super().force_login(user, backend)
        if user.is_staff:
            self.prove(user, "mfa", at=time.time() - (0 if fresh else 60 * 60), type="totp")

    def prove(self, user: User, method: str, *, at: float | None = None, **more: str) -> None:
        """Note in the session, as allauth does, that the person proved themselves this way."""
        session = self.session
        record = {"method": method, "at": time.time() if at is None else at, **more}
        session["account_authentication_methods"] = [
            *session.get("account_authentication_methods", []),
            record,
        ]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
