"""What happens below the sign-off. Connected by `PortalConfig.ready`.

Two gates are asked before something is written, and every change that may void a summary looks
at it at once, in the transaction of the change. What nobody tells is found by the check that
pages, signing, releasing, each group of a batch and the clock make.
"""

from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.models import Customer, Environment
from integrations.models import CheckRun, Connection, OrgEpoch
from integrations.signals import check_run_ended, connection_established, epoch_ended
from jobchanges.gates import NotNow, batch_gate, regular_gate, sandbox_gate
from jobchanges.models import Batch, TestRun
from jobchanges.services.schedules import schedule_look
from jobchanges.signals import batch_released, settings_saved, test_run_approved
from portal.checking.regular import regular_checked
from portal.models import Signature
from portal.signoff.covering import covering_batch, covering_reason, is_regular
from portal.signoff.standing import first_batch_ended, first_batch_open, summary_check


@receiver(sandbox_gate, dispatch_uid="signoff_sandbox_gate")
def sandbox_is_closed(*, customer: Customer, **_kwargs: Any) -> str:
    """Nothing goes to the sandbox between the first signature and the end of the first batch."""
    if first_batch_ended(customer):
        return ""
    signed = Signature.objects.filter(summary__customer=customer, summary__voided_at=None).exists()
    if not signed and first_batch_open(customer) is None:
        return ""
    return _(
        "Go-live is being signed or the first batch is being sent. Until it is through, nothing "
        "is sent to the sandbox."
    )


@receiver(batch_gate, dispatch_uid="signoff_batch_gate")
def batch_is_signed(*, batch: Batch, **_kwargs: Any) -> str:
    """Nothing more of a batch while the customer is on hold or what was signed is no longer so."""
    # As it is now: the batch may have been read a while ago.
    customer = Customer.objects.get(pk=batch.customer_id)
    if customer.hold_reason:
        return _("The setup is on hold: %(reason)s") % {"reason": customer.hold_reason}
    if batch.state == Batch.State.ENDED:
        return ""
    if is_regular(batch):
        return covering_reason(batch)
    summary = summary_check(customer)
    if summary is not None and summary.batch_id == batch.pk:
        return ""
    if summary is None:
        return _("What was signed has changed: both sides sign a new summary first.")
    return _("Both sides sign the new summary, and UserGems releases it, before it goes on.")


@receiver(regular_gate, dispatch_uid="signoff_regular_gate")
def regular_is_covered(*, customer: Customer, checks: bool, **_kwargs: Any) -> NotNow | None:
    """No regular batch while the customer is on hold, what was signed is no longer so, or
    production does not answer well for itself."""
    customer = Customer.objects.get(pk=customer.pk)
    if customer.hold_reason:
        return NotNow(_("The setup is on hold: %(reason)s") % {"reason": customer.hold_reason})
    if reason := covering_reason(covering_batch(customer)):
        return NotNow(reason, "both")
    return regular_checked(customer) if checks else None


@receiver(settings_saved, dispatch_uid="signoff_settings_saved")
def settings_changed(*, customer: Customer, **_kwargs: Any) -> None:
    """Where job changes go is signed."""
    summary_check(customer)
    _schedule_look(customer)


@receiver(batch_released, dispatch_uid="signoff_batch_released")
def batch_covers(*, batch: Batch, **_kwargs: Any) -> None:
    """What both sides signed anew for a live customer frees its schedule at once."""
    _schedule_look(batch.customer)


@receiver(connection_established, dispatch_uid="signoff_connection_established")
def connection_changed(*, connection: Connection, **_kwargs: Any) -> None:
    """Another production org or user is a change; the same one connected again is none."""
    if connection.environment == Environment.PRODUCTION:
        summary_check(connection.customer)
        _schedule_look(connection.customer)


@receiver(epoch_ended, dispatch_uid="signoff_epoch_ended")
def org_changed(*, epoch: OrgEpoch, **_kwargs: Any) -> None:
    """Another production org took its place."""
    if epoch.connection.environment == Environment.PRODUCTION:
        summary_check(epoch.connection.customer)


@receiver(test_run_approved, dispatch_uid="signoff_test_run_approved")
def test_approved(*, test_run: TestRun, **_kwargs: Any) -> None:
    """A test approved later is not the one that was signed for."""
    summary_check(test_run.customer)


@receiver(check_run_ended, dispatch_uid="signoff_check_run_ended")
def org_checked(*, run: CheckRun, **_kwargs: Any) -> None:
    """What production says of itself is signed."""
    connection = run.epoch.connection
    if connection.environment == Environment.PRODUCTION:
        summary_check(connection.customer)


def _schedule_look(customer: Customer) -> None:
    """Say on the schedule what the change means for it, once it is committed: whoever releases a
    regular batch locks the schedule before the customer, and the change holds the customer."""
    # Not a partial: Django names the function when it reports that it failed.
    transaction.on_commit(lambda: schedule_look(customer=customer), robust=True)
