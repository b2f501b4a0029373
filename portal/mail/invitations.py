"""The invitation: a sign-up link for one person."""

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Environment, SignupLink
from portal.mail.messages import mail_build, site_url


def signup_link_url(token: str) -> str:
    """The address that opens the link. Whoever has it may try to prove their work e-mail."""
    return site_url(reverse("signup", args=[token]))


def signup_link_mail(*, link: SignupLink, token: str) -> EmailMultiAlternatives:
    """Invite the person to connect the sandbox, or production."""
    customer = link.customer
    sandbox = link.environment == Environment.SANDBOX
    subject = (
        _("%(customer)s: connect your Salesforce sandbox to UserGems")
        if sandbox
        else _("%(customer)s: connect your Salesforce production org to UserGems")
    )
    return mail_build(
        template="invitation",
        to=link.email,
        subject=subject % {"customer": customer.name},
        manager=customer.implementation_manager,
        action_url=signup_link_url(token),
        action_label=_("Connect the sandbox") if sandbox else _("Connect production"),
        account_email=link.email,
        link=link,
        customer=customer,
        sandbox=sandbox,
    )
