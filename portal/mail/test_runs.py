"""Mails about a test run: ready to review, approved. To the customer's people and the manager."""

import smtplib
from collections.abc import Iterator

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import people_of
from jobchanges.models import TestRun
from portal.mail.messages import mail_build, site_url

logger = structlog.get_logger(__name__)


def test_run_ready_mail(*, test_run: TestRun, to: User) -> EmailMultiAlternatives:
    """The job changes are in the org: look at each and say whether it is right."""
    return _about(
        test_run=test_run,
        to=to,
        template="test_run_ready",
        subject=_("%(customer)s: %(environment)s test %(number)d is ready to review"),
        action_label=_("Review the job changes"),
    )


def test_run_approved_mail(*, test_run: TestRun, to: User) -> EmailMultiAlternatives:
    """Both sides approved the run."""
    return _about(
        test_run=test_run,
        to=to,
        template="test_run_approved",
        subject=_("%(customer)s: %(environment)s test %(number)d is approved"),
        action_label=_("Open the test"),
    )


def _about(
    *, test_run: TestRun, to: User, template: str, subject: str, action_label: str
) -> EmailMultiAlternatives:
    customer = test_run.customer
    environment = test_run.get_environment_display().lower()
    return mail_build(
        template=template,
        to=to.email,
        subject=subject
        % {"customer": customer.name, "environment": environment, "number": test_run.number},
        manager=customer.implementation_manager,
        action_url=site_url(reverse("test_run", args=[test_run.pk])),
        action_label=action_label,
        account_email="" if to.is_staff else to.email,
        test_run=test_run,
        customer=customer,
        environment=environment,
        count=test_run.deliveries.count(),
        org=test_run.epoch.name,
        person=to,
    )


def _readers(test_run: TestRun) -> Iterator[User]:
    yield from people_of(test_run.customer).order_by("pk")
    manager = test_run.customer.implementation_manager
    if manager is not None and manager.is_active:
        yield manager


def test_run_ready_send(*, test_run: TestRun) -> None:
    """Mail everyone concerned that the run is ready to review."""
    _send([test_run_ready_mail(test_run=test_run, to=each) for each in _readers(test_run)])


def test_run_approved_send(*, test_run: TestRun) -> None:
    """Mail everyone concerned that the run is approved."""
    _send([test_run_approved_mail(test_run=test_run, to=each) for each in _readers(test_run)])


def _send(messages: list[EmailMultiAlternatives]) -> None:
    """Send over one connection. A mail server that fails never stops the work it tells about."""
    try:
        get_connection().send_messages(messages)
    except (smtplib.SMTPException, OSError):
        logger.exception("test_run.mail_failed", messages=len(messages))
