"""Mails to staff about their own account: whoever did not do this themselves learns of it."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User

log = structlog.get_logger(__name__)


class Change(models.TextChoices):
    """What happened to a second factor, as the mail says it."""

    SET_UP = "set_up", _("An authenticator app was set up for your account.")
    REPLACED = (
        "replaced",
        _("Another authenticator app took the place of the one before. Other sessions ended."),
    )
    NEW_CODES = "new_codes", _("New recovery codes were made. The old ones no longer work.")
    CODE_USED = "code_used", _("A recovery code was used in place of your authenticator app.")
    RESET = (
        "reset",
        _(
            "An operator reset your second factor and signed you out everywhere. Sign in with your "
            "password: the portal asks you to set up a new one."
        ),
    )


def second_factor_notice_send(*, user: User, change: Change) -> None:
    """Mail the person what changed. A mail that cannot be sent is logged: the change stands."""
    context = {
        "change": change.label,
        "when": timezone.now(),
        "action_url": f"{settings.SITE_URL}{reverse('mfa_index')}",
        "action_label": _("Look at my second factor"),
    }
    with translation.override(settings.LANGUAGE_CODE):
        message = EmailMultiAlternatives(
            subject=str(_("Your second factor at UserGems onboarding")),
            body=render_to_string("mail/second_factor.txt", context).strip() + "\n",
            to=[user.email],
        )
        html = render_to_string("mail/second_factor.html", context)
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        log.error("second_factor_mail_failed", user=user.pk, problem=type(error).__name__)
