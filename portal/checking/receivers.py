"""What happens below the checks of this floor. Connected by `PortalConfig.ready`."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Customer
from integrations.checks.base import CheckContext
from integrations.models import CheckRun, Connection
from integrations.signals import check_context_wanted, connection_established
from jobchanges.gates import org_gate
from jobchanges.signals import settings_saved
from portal.checking.context import check_context
from portal.checking.gates import check_reason_asking
from portal.checking.starting import org_check_start


@receiver(check_context_wanted, dispatch_uid="checking_context")
def context_wanted(*, connection: Connection, **_kwargs: Any) -> CheckContext:
    """The settings and the waiting job changes, as plain data."""
    return check_context(connection)


@receiver(org_gate, dispatch_uid="checking_org_gate")
def org_is_checked(*, customer: Customer, environment: str, **_kwargs: Any) -> str:
    """Nothing is sent or allowed before the org has answered for itself."""
    return check_reason_asking(customer, environment)


@receiver(connection_established, dispatch_uid="checking_connection_established")
def connected(*, connection: Connection, **_kwargs: Any) -> None:
    """An org that was just connected is asked everything, and how it is set up."""
    org_check_start(connection.customer, connection.environment, reason=CheckRun.Reason.CONNECTED)


@receiver(settings_saved, dispatch_uid="checking_settings_saved")
def settings_changed(*, customer: Customer, environment: str, **_kwargs: Any) -> None:
    """What is chosen decides what is asked: fields, owner, campaign, values."""
    org_check_start(customer, environment, reason=CheckRun.Reason.SETTINGS)
