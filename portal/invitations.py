"""Sending sign-up links: make one, mail it, remember that it went out.

Admin and the command line both come here.
"""

import functools
import smtplib

import structlog
from django.db import transaction

from accounts.models import Customer, SignupLink, User
from accounts.services import signup_link_create, signup_link_mark_mailed, signup_link_replace
from portal.mail.invitations import signup_link_mail
from portal.mail.readers import may_be_invited

logger = structlog.get_logger(__name__)


def signup_link_send(
    *, customer: Customer, environment: str, person_name: str, email: str, by: User | None
) -> tuple[SignupLink, str]:
    """Make a sign-up link and mail it once the transaction is committed.

    Raises SignupLinkError when there can be no such link. A mail server that fails loses nothing:
    the link is there, `mailed_at` stays empty, and sending again makes a new one.
    """
    with transaction.atomic():
        link, token = signup_link_create(
            customer=customer, environment=environment, person_name=person_name, email=email, by=by
        )
        transaction.on_commit(functools.partial(_mail, link=link, token=token))
    return link, token


def signup_link_resend(*, link: SignupLink, by: User | None) -> tuple[SignupLink, str]:
    """Send again: a new link for the same person; the old one ends.

    Raises SignupLinkError when the old one was used or sent again already.
    """
    with transaction.atomic():
        new, token = signup_link_replace(link=link, by=by)
        transaction.on_commit(functools.partial(_mail, link=new, token=token))
    return new, token


def _mail(*, link: SignupLink, token: str) -> None:
    if not may_be_invited(link):
        # Revoked or replaced between the click and the commit of something around it.
        logger.warning("signup_link.not_mailed", link=link.pk)
        return
    try:
        signup_link_mail(link=link, token=token).send()
    except (smtplib.SMTPException, OSError):
        logger.exception("signup_link.mail_failed", link=link.pk)
        return
    signup_link_mark_mailed(link=link)
