"""Mails about who may come in: an invitation by a colleague, and another role."""

import smtplib

import structlog
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from portal.colleagues import ROLE_WORDS
from portal.mail.messages import mail_build, site_url
from portal.wording import ROLES

logger = structlog.get_logger(__name__)


def colleague_invited_mail(*, membership: Membership, by: User) -> EmailMultiAlternatives:
    """Somebody of the company, or of UserGems, gave this person access."""
    return _about(
        membership,
        by,
        template="colleague_invited",
        subject=_("%(customer)s: %(sender)s invites you to set up UserGems together")
        % {"customer": membership.customer.name, "sender": by},
    )


def colleague_role_mail(*, membership: Membership, by: User) -> EmailMultiAlternatives:
    """What this person may do has changed."""
    return _about(
        membership,
        by,
        template="colleague_role",
        subject=_("%(customer)s: you are %(role)s now")
        % {
            "customer": membership.customer.name,
            "role": ROLES.get(membership.role, ""),
        },
    )


def mail_went_out(mail: EmailMultiAlternatives, *, membership: Membership) -> bool:
    """Send it; a mail server that fails loses nothing but the mail, and the caller says so."""
    try:
        mail.send()
    except (smtplib.SMTPException, OSError):
        logger.exception("colleague.mail_failed", membership=membership.pk)
        return False
    return True


def _about(
    membership: Membership, by: User, *, template: str, subject: str
) -> EmailMultiAlternatives:
    customer, person = membership.customer, membership.user
    return mail_build(
        template=template,
        to=person.email,
        subject=subject,
        manager=customer.implementation_manager,
        action_url=site_url(reverse("setup")),
        action_label=_("Open the setup"),
        account_email=person.email,
        customer=customer,
        person=person,
        sender=by,
        role=membership.get_role_display(),
        a_role=ROLES.get(membership.role, ""),
        role_words=str(ROLE_WORDS.get(membership.role, "")),
    )
