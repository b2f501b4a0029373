"""What happens below the mirror. Connected by `PortalConfig.ready`."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from integrations.models import CheckRun
from integrations.signals import check_run_ended
from jobchanges.models import TestRun
from jobchanges.signals import test_run_approved
from portal.mirror.asking import baseline_ask
from portal.mirror.comparing import comparison_make


@receiver(test_run_approved, dispatch_uid="mirror_test_run_approved")
def approved(*, test_run: TestRun, **_kwargs: Any) -> None:
    """What was tested is kept as it is now: production is compared with it."""
    baseline_ask(test_run)


@receiver(check_run_ended, dispatch_uid="mirror_check_run_ended")
def asked(*, run: CheckRun, **_kwargs: Any) -> None:
    """A snapshot came: compare, once it is committed. What goes wrong then, the sweep does again,
    and the run has ended all the same.
    """
    if run.snapshot == CheckRun.Snapshot.NONE or run.state != CheckRun.State.ENDED:
        return
    customer = run.epoch.connection.customer

    def compare_now() -> None:
        comparison_make(customer=customer)

    transaction.on_commit(compare_now, robust=True)
