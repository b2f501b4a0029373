"""Offering a production test to the customer, who allows it once (product.md, rule 1).

Whatever cannot be done raises TestRunError with a sentence. Taking it back is in
`withdrawing.py`, what ends an allowance by itself in `delivery/allowed.py`; sending asks
`allowance_check`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Customer, Environment, Membership, User
from jobchanges.delivery.allowed import UNSENT, run_event
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.models import Allowance, Delivery, TestRun
from jobchanges.selectors.allowances import allowance_content, plans_ready, unsent_of
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import (
    apart_check,
    count_check,
    open_org,
    org_check,
    package_check,
    vendor_only,
)
from jobchanges.services.run_rows import run_locked
from jobchanges.signals import test_run_allowed, test_run_offered

# A page may be open for a moment before its "now" is sent.
PAST_SECONDS = 60
MOST_DAYS_AHEAD = 30


def test_run_offer(*, test_run: TestRun, by: User) -> TestRun:
    """Show the customer exactly what will be written, and ask them to allow it."""
    vendor_only(by, test_run.customer)
    epoch = open_org(test_run.customer, test_run.environment)
    package_check(epoch)
    with transaction.atomic():
        run = run_locked(test_run)
        _production_only(run)
        if run.epoch_id != epoch.pk:
            raise TestRunError(_("The org was replaced since this run was put together."))
        unsent = unsent_of(run)
        if not unsent:
            raise TestRunError(_("Everything in this test was sent already."))
        if not plans_ready(run, unsent):
            raise TestRunError(
                _("The preview is not ready yet. Look at what will be written, then offer it.")
            )
        count_check(run.deliveries.count())
        apart_check(run.environment, [item.job_change for item in _everything(run)])
        _records_apart_check(unsent)
        if all(item.plan.get("held_reason") for item in unsent):
            raise TestRunError(
                _("Nothing would be written: every job change is held. Its reason says why.")
            )
        if run.offered_at is not None:
            raise TestRunError(_("This test is offered to the customer already."))
        if any(item.allowance_id for item in unsent):
            raise TestRunError(_("The customer allowed this test already."))
        TestRun.objects.filter(pk=run.pk).update(offered_at=timezone.now(), offered_by=by)
        run_event(
            run,
            "test_run.offered",
            by,
            "vendor",
            content_hash=content_hash(allowance_content(run)),
        )
        run.refresh_from_db()
        test_run_offered.send(sender=TestRun, test_run=run)
    return run


def test_run_allow(
    *,
    test_run: TestRun,
    starts_at: datetime,
    by: User,
    address: str | None = None,
    browser: str = "",
    seen_hash: str,
) -> Allowance:
    """Allow, once and from a time on, exactly what the page with `seen_hash` showed.

    An admin or approver of the customer; that their code is fresh is for the view to ask.
    `starts_at`: not in the past, at most 30 days ahead.
    """
    membership = signing_membership(test_run.customer, by)
    _time_check(starts_at)
    org_check(test_run.customer, test_run.environment)
    with transaction.atomic():
        run = run_locked(test_run)
        _production_only(run)
        unsent = unsent_of(run)
        given = allowance_of(unsent)
        if given is not None:
            raise TestRunError(
                _("%(person)s allowed this test already, from %(time)s on.")
                % {"person": given.by, "time": moment_words(given.starts_at)}
            )
        if run.offered_at is None or not unsent:
            raise TestRunError(
                _("This test is not offered any more: your implementation manager changes it.")
            )
        if not plans_ready(run, unsent):
            raise TestRunError(
                _("What will be written is being worked out again. Open this page in a moment.")
            )
        content = allowance_content(run)
        if content_hash(content) != seen_hash:
            raise TestRunError(
                _(
                    "What will be written has changed since you opened the page. It is shown "
                    "below as it is now; nothing was allowed."
                )
            )
        allowance = Allowance.objects.create(
            test_run=run,
            by=by,
            role=membership.role,
            starts_at=starts_at,
            content=content,
            content_hash=seen_hash,
            meaning=allowance_meaning(run),
            address=address,
            browser=browser[:300],
        )
        for pk, fingerprint in fingerprints(unsent).items():
            Delivery.objects.filter(UNSENT, pk=pk, test_run=run).update(
                allowance=allowance, expected_plan_hash=fingerprint
            )
        run_event(
            run,
            "test_run.allowed",
            by,
            "customer",
            allowance=allowance.pk,
            content_hash=allowance.content_hash,
            starts_at=starts_at.isoformat(),
            role=membership.role,
        )
        test_run_allowed.send(sender=TestRun, allowance=allowance)
    return allowance


def allowance_check(run: TestRun, unsent: Sequence[Delivery]) -> None:
    """Raise unless the customer's allowance covers exactly these plans and has begun."""
    if run.environment != Environment.PRODUCTION:
        return
    allowance = allowance_of(unsent)
    if allowance is None:
        if run.offered_at is None:
            raise TestRunError(
                _(
                    "Nothing is written to production before the customer allowed it. Offer the "
                    "test to the customer first."
                )
            )
        raise TestRunError(
            _("%(customer)s has not allowed this test yet.") % {"customer": run.customer.name}
        )
    prints = fingerprints(unsent)
    if any(item.expected_plan_hash != prints[item.pk] for item in unsent):
        raise TestRunError(_("What will be written is no longer what was allowed. Offer it again."))
    if allowance.starts_at > timezone.now():
        raise TestRunError(
            _("%(person)s allowed it from %(time)s; it can be sent then.")
            % {"person": allowance.by, "time": moment_words(allowance.starts_at)}
        )


def allowance_meaning(run: TestRun) -> str:
    """What allowing means, in one sentence; shown on the page and kept with the allowance."""
    return _(
        "I allow UserGems to write exactly the records shown here to the production org %(org)s "
        "(%(org_id)s), once, from the time I chose on. If anything else would be written, it is "
        "held back and I am asked again."
    ) % {"org": run.epoch.name, "org_id": run.epoch.org_id}


def moment_words(moment: datetime) -> str:
    """A moment in the reader's time zone: "23 Nov, 18:00"."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    return date_format(local, "j M, H:i" if this_year else "j M Y, H:i")


def allowance_of(unsent: Sequence[Delivery]) -> Allowance | None:
    """The one allowance that covers all of these; None when any is not covered."""
    ids = {item.allowance_id or 0 for item in unsent}
    if len(ids) != 1:
        return None
    return Allowance.objects.select_related("by").filter(pk=ids.pop(), withdrawn_at=None).first()


def signing_membership(customer: Customer, by: User) -> Membership:
    """The membership of an admin or approver; TestRunError for everybody else."""
    membership = Membership.objects.filter(customer=customer, user=by, left_at=None).first()
    if by.is_staff or membership is None or not membership.may_sign:
        raise TestRunError(_("An admin or approver of your company allows the test."))
    return membership


def _time_check(starts_at: datetime) -> None:
    now = timezone.now()
    if starts_at < now - timedelta(seconds=PAST_SECONDS):
        raise TestRunError(_("This time has passed. Choose now or a later time."))
    if starts_at > now + timedelta(days=MOST_DAYS_AHEAD):
        raise TestRunError(
            _("Choose a time in the next %(days)d days.") % {"days": MOST_DAYS_AHEAD}
        )


def _production_only(run: TestRun) -> None:
    if run.environment != Environment.PRODUCTION:
        raise TestRunError(_("A sandbox test needs no allowance: send it."))


def _everything(run: TestRun) -> QuerySet[Delivery]:
    return run.deliveries.select_related("job_change")


def _records_apart_check(unsent: Sequence[Delivery]) -> None:
    """No two plans update one record: which of them came first would decide what stays."""
    first: dict[str, Delivery] = {}
    for delivery in unsent:
        for write in delivery.plan.get("writes", ()):
            record_id = write.get("record_id") or ""
            other = first.setdefault(record_id, delivery) if record_id else delivery
            if other.pk != delivery.pk:
                raise TestRunError(
                    _(
                        "%(one)s and %(other)s would write to the same record of the org. Take "
                        "one of them out; it goes with the next batch."
                    )
                    % {
                        "one": other.job_change.person_name,
                        "other": delivery.job_change.person_name,
                    }
                )
