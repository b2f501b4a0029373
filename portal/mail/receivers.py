"""Listens to the floors below and mails people. Connected by `PortalConfig.ready`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from allauth.account.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import Customer, User
from integrations.models import ConnectAttempt, Connection
from integrations.signals import (
    attempt_failed_on_us,
    connection_established,
    connection_idle,
    connection_lost,
    connection_refused,
    org_contested,
)
from jobchanges.models import Allowance, Batch, Comment, SendingSchedule, TestRun
from jobchanges.signals import (
    batch_ended,
    batch_halted,
    batch_released,
    comment_added,
    schedule_held,
    schedule_stopped,
    test_run_allowance_withdrawn,
    test_run_allowed,
    test_run_approved,
    test_run_offered,
    test_run_ready,
)
from portal.mail import allow, connections, go_live, sending, signing_up
from portal.mail.browser_zones import browser_zone_note
from portal.mail.comments import comment_mails_put
from portal.mail.test_runs import test_run_approved_send, test_run_ready_send
from portal.mail.turns import turn_mails_put
from portal.models import Signature, Summary
from portal.signoff.signals import summary_ready, summary_signed, summary_voided
from portal.standing import TurnFacts, turn_changed

log = structlog.get_logger(__name__)


def _told(send: Callable[..., object], **about: Any) -> None:
    """Put the mails on their way in the transaction of the change: both stand, or neither.

    They go out after the commit. What goes wrong with their words is logged: the change stands,
    the person's click has counted, and whatever else belongs to it still happens.
    """
    try:
        with transaction.atomic():
            send(**about)
    except Exception:
        # Whatever it is, it must not undo the change that the mail tells of.
        log.exception("mail.not_put", mail=getattr(send, "__name__", ""))


@receiver(test_run_ready, dispatch_uid="mail_test_run_ready")
def ready(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Ask for the review."""
    _told(test_run_ready_send, test_run=test_run)


@receiver(test_run_approved, dispatch_uid="mail_test_run_approved")
def approved(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Tell everyone."""
    _told(test_run_approved_send, test_run=test_run)


@receiver(test_run_offered, dispatch_uid="mail_test_run_offered")
def offered(*, test_run: TestRun, **_kwargs: Any) -> None:
    """Ask the customer to allow the production test."""
    _told(allow.test_run_offered_send, test_run=test_run)


@receiver(test_run_allowed, dispatch_uid="mail_test_run_allowed")
def allowed(*, allowance: Allowance, **_kwargs: Any) -> None:
    """Tell who sends it."""
    _told(allow.test_run_allowed_send, allowance=allowance)


@receiver(test_run_allowance_withdrawn, dispatch_uid="mail_test_run_allowance_withdrawn")
def allowance_withdrawn(*, allowance: Allowance, **_kwargs: Any) -> None:
    """Tell who wanted to send it."""
    _told(allow.test_run_allowance_withdrawn_send, allowance=allowance)


@receiver(summary_ready, dispatch_uid="mail_summary_ready")
def frozen(*, summary: Summary, **_kwargs: Any) -> None:
    """Ask both sides to read and sign."""
    _told(go_live.summary_ready_send, summary=summary)


@receiver(summary_signed, dispatch_uid="mail_summary_signed")
def signed(*, signature: Signature, **_kwargs: Any) -> None:
    """Tell the other side; after the second one, both."""
    _told(go_live.summary_signed_send, signature=signature)


@receiver(summary_voided, dispatch_uid="mail_summary_voided")
def voided(*, summary: Summary, **_kwargs: Any) -> None:
    """Say what changed."""
    _told(go_live.summary_voided_send, summary=summary)


@receiver(batch_released, dispatch_uid="mail_batch_released")
def released(*, batch: Batch, **_kwargs: Any) -> None:
    """Tell everyone that sending began."""
    _told(go_live.batch_released_send, batch=batch)


@receiver(batch_halted, dispatch_uid="mail_batch_halted")
def halted(*, batch: Batch, **_kwargs: Any) -> None:
    """Tell both sides why it stands still."""
    _told(go_live.batch_halted_send, batch=batch)


@receiver(batch_ended, dispatch_uid="mail_batch_ended")
def ended(*, batch: Batch, **_kwargs: Any) -> None:
    """Tell everyone that the customer is live."""
    _told(go_live.batch_ended_send, batch=batch)


@receiver(schedule_held, dispatch_uid="mail_schedule_held")
def waits(*, schedule: SendingSchedule, **_kwargs: Any) -> None:
    """Tell whoever acts."""
    _told(sending.schedule_held_send, schedule=schedule)


@receiver(schedule_stopped, dispatch_uid="mail_schedule_stopped")
def schedule_stands(*, schedule: SendingSchedule, **_kwargs: Any) -> None:
    """Tell both sides why nothing more goes by itself."""
    _told(sending.schedule_stopped_send, schedule=schedule)


@receiver(connection_established, dispatch_uid="mail_connection_established")
def connected(*, connection: Connection, **_kwargs: Any) -> None:
    """Tell those who did not do it themselves."""
    _told(connections.connection_established_send, connection=connection)


@receiver(connection_lost, dispatch_uid="mail_connection_lost")
def lost(*, connection: Connection, **_kwargs: Any) -> None:
    """Say who connects again."""
    _told(connections.connection_lost_send, connection=connection)


@receiver(connection_idle, dispatch_uid="mail_connection_idle")
def idle(*, connection: Connection, ends_at: datetime, **_kwargs: Any) -> None:
    """Warn before the access ends."""
    _told(connections.connection_idle_send, connection=connection, ends_at=ends_at)


@receiver(connection_refused, dispatch_uid="mail_connection_refused")
def refused(*, connection: Connection, code: str, **_kwargs: Any) -> None:
    """Tell those of us who can mend it."""
    _told(connections.connection_refused_send, connection=connection, code=code)


@receiver(org_contested, dispatch_uid="mail_org_contested")
def contested(*, attempt: ConnectAttempt, holder: Connection, **_kwargs: Any) -> None:
    """Tell the managers of both customers."""
    _told(signing_up.org_contested_send, attempt=attempt, holder=holder)


@receiver(attempt_failed_on_us, dispatch_uid="mail_attempt_failed_on_us")
def failed_on_us(*, attempt: ConnectAttempt, **_kwargs: Any) -> None:
    """Tell those of us who can mend it."""
    _told(signing_up.attempt_failed_on_us_send, attempt=attempt)


@receiver(comment_added, dispatch_uid="mail_comment_added")
def commented(*, comment: Comment, **_kwargs: Any) -> None:
    """Tell the other side; what comes together goes out together."""
    _told(comment_mails_put, comment=comment)


@receiver(turn_changed, dispatch_uid="mail_turn_changed")
def turned(*, customer_id: int, before: TurnFacts | None, after: TurnFacts, **_kwargs: Any) -> None:
    """Tell the side whose turn has begun, a little later, if it still is."""
    customer = (
        Customer.objects.select_related("implementation_manager").filter(pk=customer_id).first()
    )
    if customer is not None:
        _told(turn_mails_put, customer=customer, before=before, after=after)


@receiver(user_logged_in, dispatch_uid="mail_browser_zone")
def signed_in(*, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Remember in which zone the person's morning is."""
    browser_zone_note(request, user)
