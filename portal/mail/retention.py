"""Mail before a customer's data go because nothing happens: to whoever may still change that."""

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.groups import LEADS
from accounts.models import Customer, User
from portal.mail.messages import mail_build, site_url


def retention_readers(customer: Customer) -> list[User]:
    """The implementation manager; the leads where there is none who works here."""
    manager = customer.implementation_manager
    if manager is not None and manager.is_active:
        return [manager]
    return list(User.objects.filter(groups__name=LEADS, is_active=True).order_by("pk"))


def retention_warning_mail(
    *, customer: Customer, to: User, last_activity: datetime, removed_on: datetime
) -> EmailMultiAlternatives:
    """Say what goes and when, and what keeps it."""
    return mail_build(
        template="retention_warning",
        to=to.email,
        subject=_("%(customer)s: its data will be removed") % {"customer": customer.name},
        manager=None,
        action_url=site_url(reverse("admin:accounts_customer_change", args=[customer.pk])),
        action_label=_("Open the customer"),
        customer=customer,
        last_activity=last_activity,
        removed_on=removed_on,
    )
