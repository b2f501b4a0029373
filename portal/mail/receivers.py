"""Listens to the floors below and mails people. Connected by `PortalConfig.ready`."""

import functools
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from jobchanges.models import TestRun
from jobchanges.signals import test_run_approved, test_run_ready
from portal.mail.test_runs import test_run_approved_send, test_run_ready_send


@receiver(test_run_ready, dispatch_uid="mail_test_run_ready")
def ready(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Once it is committed, ask for the review."""
    transaction.on_commit(functools.partial(test_run_ready_send, test_run=test_run))


@receiver(test_run_approved, dispatch_uid="mail_test_run_approved")
def approved(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Once it is committed, tell everyone."""
    transaction.on_commit(functools.partial(test_run_approved_send, test_run=test_run))
