"""What the checks of an org left open, mailed to a colleague whom somebody named."""

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, Environment, User
from integrations.models import OrgEpoch
from portal.mail.messages import mail_build, site_url
from portal.pages.check_list import SharedPoint

# A mail is read on a phone: what is more stands on the page it links to.
POINTS_MAILED = 40


def open_points_mail(
    *,
    customer: Customer,
    epoch: OrgEpoch,
    environment: str,
    points: Sequence[SharedPoint],
    to: User,
    by: User,
    is_new: bool,
) -> EmailMultiAlternatives:
    """The open points with links into the org's Setup, and one link to the page of the checks.

    `is_new`: the person got access to the portal by this mail.
    """
    sandbox = environment == Environment.SANDBOX
    subject = ngettext(
        "%(customer)s: %(count)d point to look at in the Salesforce %(org)s",
        "%(customer)s: %(count)d points to look at in the Salesforce %(org)s",
        len(points),
    ) % {
        "customer": customer.name,
        "count": len(points),
        "org": _("sandbox") if sandbox else _("production org"),
    }
    return mail_build(
        template="open_points",
        to=to.email,
        subject=subject,
        manager=customer.implementation_manager,
        action_url=site_url(reverse("org_checks", args=[environment])),
        action_label=_("Open the checks"),
        account_email=to.email,
        customer=customer,
        org=epoch.name,
        sandbox=sandbox,
        points=points[:POINTS_MAILED],
        more=max(0, len(points) - POINTS_MAILED),
        count=len(points),
        person=to,
        sender=by,
        is_new=is_new,
    )
