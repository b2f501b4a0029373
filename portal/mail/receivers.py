"""Listens to the floors below and mails people. Connected by `PortalConfig.ready`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from integrations.models import ConnectAttempt, Connection
from integrations.signals import (
    attempt_failed_on_us,
    connection_idle,
    connection_lost,
    connection_refused,
    org_contested,
)
from jobchanges.models import Allowance, Batch, SendingSchedule, TestRun
from jobchanges.signals import (
    batch_ended,
    batch_halted,
    batch_released,
    schedule_held,
    schedule_stopped,
    test_run_allowance_withdrawn,
    test_run_allowed,
    test_run_approved,
    test_run_offered,
    test_run_ready,
)
from portal.mail import allow, connections, go_live, sending, signing_up
from portal.mail.test_runs import test_run_approved_send, test_run_ready_send
from portal.models import Signature, Summary
from portal.signoff.signals import summary_ready, summary_signed, summary_voided


def _once_committed(send: Callable[..., None], **about: Any) -> None:
    """Send it after the commit. What goes wrong with a mail is logged: the change stands, the
    person's click has counted, and whatever else waits for the commit still happens.
    """

    def mail_send() -> None:
        send(**about)

    transaction.on_commit(mail_send, robust=True)


@receiver(test_run_ready, dispatch_uid="mail_test_run_ready")
def ready(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Once it is committed, ask for the review."""
    _once_committed(test_run_ready_send, test_run=test_run)


@receiver(test_run_approved, dispatch_uid="mail_test_run_approved")
def approved(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Once it is committed, tell everyone."""
    _once_committed(test_run_approved_send, test_run=test_run)


@receiver(test_run_offered, dispatch_uid="mail_test_run_offered")
def offered(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Once it is committed, ask the customer to allow the production test."""
    _once_committed(allow.test_run_offered_send, test_run=test_run)


@receiver(test_run_allowed, dispatch_uid="mail_test_run_allowed")
def allowed(*, allowance: Allowance, **_kwargs: Any) -> None:
    """Once it is committed, tell who sends it."""
    _once_committed(allow.test_run_allowed_send, allowance=allowance)


@receiver(test_run_allowance_withdrawn, dispatch_uid="mail_test_run_allowance_withdrawn")
def allowance_withdrawn(*, allowance: Allowance, **_kwargs: Any) -> None:
    """Once it is committed, tell who wanted to send it."""
    _once_committed(allow.test_run_allowance_withdrawn_send, allowance=allowance)


@receiver(summary_ready, dispatch_uid="mail_summary_ready")
def frozen(*, summary: Summary, **_kwargs: Any) -> None:
    """Once it is committed, ask both sides to read and sign."""
    _once_committed(go_live.summary_ready_send, summary=summary)


@receiver(summary_signed, dispatch_uid="mail_summary_signed")
def signed(*, signature: Signature, **_kwargs: Any) -> None:
    """Once it is committed, tell the other side; after the second one, both."""
    _once_committed(go_live.summary_signed_send, signature=signature)


@receiver(summary_voided, dispatch_uid="mail_summary_voided")
def voided(*, summary: Summary, **_kwargs: Any) -> None:
    """Once it is committed, say what changed."""
    _once_committed(go_live.summary_voided_send, summary=summary)


@receiver(batch_released, dispatch_uid="mail_batch_released")
def released(*, batch: Batch, **_kwargs: Any) -> None:
    """Once it is committed, tell everyone that sending began."""
    _once_committed(go_live.batch_released_send, batch=batch)


@receiver(batch_halted, dispatch_uid="mail_batch_halted")
def halted(*, batch: Batch, **_kwargs: Any) -> None:
    """Once it is committed, tell both sides why it stands still."""
    _once_committed(go_live.batch_halted_send, batch=batch)


@receiver(batch_ended, dispatch_uid="mail_batch_ended")
def ended(*, batch: Batch, **_kwargs: Any) -> None:
    """Once it is committed, tell everyone that the customer is live."""
    _once_committed(go_live.batch_ended_send, batch=batch)


@receiver(schedule_held, dispatch_uid="mail_schedule_held")
def waits(*, schedule: SendingSchedule, **_kwargs: Any) -> None:
    """Once it is committed, tell whoever acts."""
    _once_committed(sending.schedule_held_send, schedule=schedule)


@receiver(schedule_stopped, dispatch_uid="mail_schedule_stopped")
def schedule_stands(*, schedule: SendingSchedule, **_kwargs: Any) -> None:
    """Once it is committed, tell both sides why nothing more goes by itself."""
    _once_committed(sending.schedule_stopped_send, schedule=schedule)


@receiver(connection_lost, dispatch_uid="mail_connection_lost")
def lost(*, connection: Connection, **_kwargs: Any) -> None:
    """Once it is committed, say who connects again."""
    _once_committed(connections.connection_lost_send, connection=connection)


@receiver(connection_idle, dispatch_uid="mail_connection_idle")
def idle(*, connection: Connection, ends_at: datetime, **_kwargs: Any) -> None:
    """Once it is committed, warn before the access ends."""
    _once_committed(connections.connection_idle_send, connection=connection, ends_at=ends_at)


@receiver(connection_refused, dispatch_uid="mail_connection_refused")
def refused(*, connection: Connection, code: str, **_kwargs: Any) -> None:
    """Once it is committed, tell those of us who can mend it."""
    _once_committed(connections.connection_refused_send, connection=connection, code=code)


@receiver(org_contested, dispatch_uid="mail_org_contested")
def contested(*, attempt: ConnectAttempt, holder: Connection, **_kwargs: Any) -> None:
    """Once it is committed, tell the managers of both customers."""
    _once_committed(signing_up.org_contested_send, attempt=attempt, holder=holder)


@receiver(attempt_failed_on_us, dispatch_uid="mail_attempt_failed_on_us")
def failed_on_us(*, attempt: ConnectAttempt, **_kwargs: Any) -> None:
    """Once it is committed, tell those of us who can mend it."""
    _once_committed(signing_up.attempt_failed_on_us_send, attempt=attempt)
