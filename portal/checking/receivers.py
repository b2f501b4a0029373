"""What happens below the checks of this floor. Connected by `PortalConfig.ready`."""

from typing import Any

from django.dispatch import receiver

from accounts.models import Customer
from integrations.checks.base import CheckContext
from integrations.models import CheckRun, Connection
from integrations.signals import (
    check_context_wanted,
    check_run_ended,
    connection_established,
)
from jobchanges.gates import org_gate
from jobchanges.models import EnvironmentSettings
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
    """What is chosen decides what is asked: fields, owner, campaign, values.

    What holds in both orgs was taken for the other one, too: its own choices are to be looked at
    again (`settings_save`).
    """
    other = EnvironmentSettings.objects.filter(customer=customer, validated_at=None)
    places = {environment, *other.values_list("environment", flat=True)}
    for place in sorted(places):
        org_check_start(customer, place, reason=CheckRun.Reason.SETTINGS)


@receiver(check_run_ended, dispatch_uid="checking_check_run_ended")
def round_ended(*, run: CheckRun, **_kwargs: Any) -> None:
    """A round that began before new settings were saved is followed by one that knows them."""
    if run.is_outdated:
        connection = run.epoch.connection
        org_check_start(
            connection.customer, connection.environment, reason=CheckRun.Reason.SETTINGS
        )
