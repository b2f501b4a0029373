"""How a mail is put together: text and HTML, one link, the account to sign in with."""

import re
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User
from portal.mail.choices import REASONS, unsubscribe_headers


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
    person: User | None = None,
    kind: str = "",
    **context: Any,
) -> EmailMultiAlternatives:
    """One mail from `templates/mail/<template>.txt` and `.html`, not sent yet.

    Answers of the customer's people go to the implementation manager. `account_email` names the
    account that signs in by code; `person`, where the reader has one, says it for staff and others
    alike. A `kind` that can be switched off says so at the end, and to mail programs in headers.
    """
    staff_email = person.email if person is not None and person.is_staff else ""
    if person is not None and not person.is_staff:
        account_email = person.email
    reason = REASONS.get(kind, "")
    context |= {
        "action_url": action_url,
        "action_label": action_label,
        "account_email": account_email,
        "staff_email": staff_email,
        "manager": manager,
        "manager_name": str(manager) if manager else "",
        "reason": reason,
        "person": person,
    }
    # Nobody answers a program's mail by a program (RFC 3834).
    headers = {"Auto-Submitted": "auto-generated"}
    if person is not None and reason:
        headers |= unsubscribe_headers(person, kind)
    with translation.override(settings.LANGUAGE_CODE):
        message = EmailMultiAlternatives(
            subject=" ".join(str(subject).split()),
            body=_text(render_to_string(f"mail/{template}.txt", context)),
            to=[to],
            reply_to=[manager.email] if manager and not staff_email else [],
            headers=headers,
        )
        message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return message


def whole(sentence: str) -> str:
    """A line of a page as a sentence of a letter: it ends."""
    return sentence if not sentence or sentence[-1] in ".?!…:”" else f"{sentence}."


def _text(rendered: str) -> str:
    """Parts that are left out leave no holes."""
    return re.sub(r"\n{3,}", "\n\n", rendered.strip()) + "\n"
