"""Taking an offered or allowed production test back, by either side, before it is sent.

Whatever cannot be done raises TestRunError with a sentence.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Environment, User
from jobchanges.delivery.allowed import allowance_end, run_event
from jobchanges.models import Allowance, TestRun
from jobchanges.selectors.allowances import allowance_content, unsent_of
from jobchanges.services.allowances import allowance_of, signing_membership
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import vendor_only
from jobchanges.services.run_rows import run_locked
from jobchanges.signals import test_run_allowance_withdrawn


def test_run_offer_withdraw(*, test_run: TestRun, by: User, reason: str) -> TestRun:
    """Take an offer back before anything is sent by it; an allowance given for it ends."""
    vendor_only(by, test_run.customer)
    if not reason.strip():
        raise TestRunError(_("Write why the offer is taken back; the customer reads it."))
    with transaction.atomic():
        run = run_locked(test_run)
        unsent = unsent_of(run)
        if run.offered_at is None or not unsent:
            raise TestRunError(_("Nothing is offered to the customer, so nothing is taken back."))
        run_event(
            run,
            "test_run.offer_withdrawn",
            by,
            "vendor",
            content_hash=content_hash(allowance_content(run)),
        )
        allowance_end(run, why=reason.strip(), by=by, side="vendor")
    run.refresh_from_db()
    return run


def test_run_allowance_withdraw(*, test_run: TestRun, by: User, reason: str = "") -> Allowance:
    """Take back what was allowed, before it is sent; the test is offered anew after that.

    Any admin or approver of the customer. Sending holds the run's row, too: of a click at the
    same moment either the allowance is gone and nothing is sent, or it was sent and stays.
    """
    signing_membership(test_run.customer, by)
    with transaction.atomic():
        run = run_locked(test_run)
        unsent = unsent_of(run)
        if run.environment != Environment.PRODUCTION:
            raise TestRunError(_("A sandbox test needs no allowance, so there is none."))
        if not unsent:
            raise TestRunError(_("The test was sent before you took it back. Nothing has changed."))
        allowance = allowance_of(unsent)
        if allowance is None:
            raise TestRunError(_("Nothing is allowed at the moment, so nothing is taken back."))
        run_event(
            run,
            "test_run.allowance_withdrawn",
            by,
            "customer",
            allowance=allowance.pk,
            content_hash=allowance.content_hash,
        )
        words = {"person": by, "reason": reason.strip().rstrip(".")}
        why = _("%(person)s took it back: “%(reason)s”.") if reason.strip() else ""
        why = (why or _("%(person)s took it back.")) % words
        allowance_end(run, why=why, by=by, side="customer")
        allowance.refresh_from_db()
        test_run_allowance_withdrawn.send(sender=TestRun, allowance=allowance)
    return allowance
