"""allauth's hooks: who may sign in how, and what the mails and messages are."""

import smtplib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
)
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.codes import CodeError, link_prove_pending
from accounts.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Customers' people sign in by e-mailed code, staff with a password; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "No member of staff has this address and password. Check both; customers’ people "
            "sign in by a code sent to their work e-mail."
        ),
        "incorrect_code": _(
            "This is not the code we mailed. Check the newest mail: an older code no longer works."
        ),
        "too_many_login_attempts": _(
            "Too many tries in a short time. Wait a few minutes, then ask for a new code."
        ),
        "rate_limited": _("Too many tries in a short time. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: people come by a sign-up link or an invitation only."""
        return False

    def format_email_subject(self, subject: str) -> str:
        """Subjects say what they are about; no prefix."""
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's mails; tell staff who asked for a code how they sign in.

        The page is the same for every address, so nobody learns from it who has an account.
        Raises CodeError when the mail server does not take the mail.
        """
        if template_prefix == "account/email/unknown_account":
            staff = User.objects.filter(email=email.lower(), is_staff=True, is_active=True)
            if staff.exists():
                template_prefix = "mail/staff_sign_in"
                # Never from the request: its host is whatever the sender wrote there.
                action_url = f"{settings.SITE_URL}{reverse('account_login')}"
                context = context | {"action_url": action_url, "action_label": _("Sign in")}
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError) as error:
            # Without the text: mail servers repeat the address in it.
            log.error("sign_in_mail_failed", problem=type(error).__name__)
            raise CodeError(
                _("The mail could not be sent. It is on us: try again in a few minutes.")
            ) from error

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Whoever has a second factor proves that: the password alone is not enough."""
        methods = super().get_reauthentication_methods(user)
        return [each for each in methods if each["id"] != "reauthenticate"] or methods

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse the way in that is not this person's: staff by code alone, others by password.

        The forms offer neither; this holds should another form ever do.
        """
        records = get_authentication_records(request, user)
        method = records[-1]["method"] if records else ""
        if method != ("password" if user.is_staff else "code"):
            clear_authentication_records(request)
            raise PermissionDenied
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Finish what the code was asked for: a person who came by a sign-up link becomes admin."""
        link_prove_pending(request, user)
        return super().post_login(request, user, **kwargs)
