"""UserGems' own notifications about job changes: off until somebody switches them on."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment, User
from accounts.services import event_record
from jobchanges.models import Side
from jobchanges.selectors.schedules import live_org
from jobchanges.services.batch_rights import speaks_for
from jobchanges.services.errors import BatchError


def notifications_switch(*, customer: Customer, on: bool, by: User, side: str) -> bool:
    """Switch them on or off; returns whether anything changed. Switched twice says it once.

    By the customer's admins and approvers, or by staff who manage the customer. On only after
    go-live: what is written before must alert nobody. Raises BatchError in a sentence.
    """
    speaks_for(customer, side, by)
    if on and live_org(customer) is None:
        raise BatchError(
            _("Notifications can be switched on only when the first batch is through.")
        )
    with transaction.atomic():
        rows = Customer.objects.filter(pk=customer.pk, notifications_on_at__isnull=on)
        if not rows.update(notifications_on_at=timezone.now() if on else None):
            return False
        event_record(
            customer=customer,
            action="notifications.switched",
            by=by,
            side="vendor" if side == Side.VENDOR else "customer",
            environment=Environment.PRODUCTION,
            data={"on": on},
        )
    return True
