"""How a mail is put together: text and HTML, one link, the account to sign in with."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User


def site_url(path: str) -> str:
    """The whole address of a page of the portal."""
    return f"{settings.SITE_URL}{path}"


def mail_build(
    *,
    template: str,
    to: str,
    subject: str | Promise,
    manager: User | None,
    action_url: str,
    action_label: str | Promise,
    account_email: str = "",
    **context: Any,
) -> EmailMultiAlternatives:
    """One mail from `templates/mail/<template>.txt` and `.html`, not sent yet.

    Answers go to the implementation manager. `account_email` names the account that signs in by
    code; leave it empty for staff.
    """
    context |= {
        "action_url": action_url,
        "action_label": action_label,
        "account_email": account_email,
        "manager": manager,
        "manager_name": str(manager) if manager else "",
    }
    with translation.override(settings.LANGUAGE_CODE):
        message = EmailMultiAlternatives(
            subject=" ".join(str(subject).split()),
            body=render_to_string(f"mail/{template}.txt", context).strip() + "\n",
            to=[to],
            reply_to=[manager.email] if manager else [],
        )
        message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return message
