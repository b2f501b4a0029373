"""Cleaning up a sandbox test: asked for, read, confirmed, repeated, ended by a person.

looking → found → removing → done, or listed → removing … (what somebody deletes by hand);
looking, found, listed → withdrawn. Whatever cannot be done raises TestRunError with a sentence.
The work itself, without a person, is in `cleaning_work.py`.
"""

from functools import partial
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, Membership, Role, User
from accounts.waking import task_wake
from jobchanges import tasks
from jobchanges.delivery.allowed import run_event
from jobchanges.delivery.cleanup import cleanable, is_sandbox
from jobchanges.delivery.states import ENDED
from jobchanges.models import CleanUp, CleanUpItem, Delivery, TestRun, WriteRole
from jobchanges.services.approvals import approvals_withdraw
from jobchanges.services.errors import TestRunError
from jobchanges.services.run_checks import open_org, sandbox_check

State = CleanUp.State
Action = CleanUpItem.Action
Outcome = CleanUpItem.Outcome


def clean_up_ask(*, test_run: TestRun, only_key: str = "", by: User) -> CleanUp:
    """Have the org asked what became of a test's records, or of one job change's. Removes nothing.

    One clean-up of a run at a time.
    """
    side = _side(test_run.customer, by)
    _org_check(test_run)
    try:
        with transaction.atomic():
            run = _run_held(test_run)
            clean_up = CleanUp(test_run=run, only_key=only_key, asked_by=by)
            if not cleanable(clean_up).exists():
                raise TestRunError(_("Nothing of it is in the sandbox, so nothing is removed."))
            clean_up.save()
            run_event(run, "test_run.clean_up_asked", by, side, clean_up=clean_up.pk, key=only_key)
            transaction.on_commit(partial(task_wake, tasks.clean_up_run, clean_up.pk))
    except IntegrityError as error:
        raise TestRunError(
            _("Another clean-up of this test is under way. End it first, or wait for it.")
        ) from error
    return clean_up


def clean_up_confirm(*, clean_up: CleanUp, seen: str, edited_too: bool, by: User) -> CleanUp:
    """Let exactly that be removed which the person has read: `seen` is `clean_up_mark` of it.

    What somebody edited since is deleted only with `edited_too`; otherwise it stays.
    """
    side = _side(clean_up.test_run.customer, by)
    _org_check(clean_up.test_run)
    with transaction.atomic():
        run = _run_held(clean_up.test_run)
        current = CleanUp.objects.select_for_update(of=("self",)).get(pk=clean_up.pk)
        if current.state != State.FOUND or seen != clean_up_mark(current):
            raise TestRunError(_("The page showed an older state. Read it again, then confirm."))
        current.test_run = run
        if not edited_too:
            current.items.filter(edited=True, action=Action.DELETE).filter(
                Q(outcome="") | Q(outcome=Outcome.REFUSED)
            ).update(
                action=Action.LEAVE,
                outcome=Outcome.LEFT,
                reason=_("It was edited since, so it stays."),
                errors=[],
            )
        # Whether it still has to wait is seen when it is its turn.
        current.items.filter(write__role=WriteRole.PACKAGE, outcome=Outcome.REFUSED).update(
            outcome="", errors=[]
        )
        CleanUp.objects.filter(pk=current.pk).update(
            state=State.REMOVING, confirmed_by=by, confirmed_at=timezone.now(), error=""
        )
        approvals_withdraw(run, by=by, unless_same=False)
        run_event(
            run,
            "test_run.clean_up_confirmed",
            by,
            side,
            clean_up=current.pk,
            edited_too=edited_too,
            records=[
                {"object": item.write.object_name, "id": item.write.record_id, "do": item.action}
                for item in current.items.select_related("write")
            ],
        )
        transaction.on_commit(partial(task_wake, tasks.clean_up_run, current.pk))
    clean_up.refresh_from_db()
    return clean_up


def clean_up_again(*, clean_up: CleanUp, leave_rest: bool = False, by: User) -> CleanUp:
    """After somebody deleted by hand what Salesforce refused us: look, and finish what is left.

    With `leave_rest` what is still there stays, and the clean-up ends.
    """
    side = _side(clean_up.test_run.customer, by)
    _org_check(clean_up.test_run)
    with transaction.atomic():
        run = _run_held(clean_up.test_run)
        if not CleanUp.objects.filter(pk=clean_up.pk, state=State.LISTED).update(
            state=State.REMOVING, error="", ended_at=None
        ):
            raise TestRunError(_("The page showed an older state. Read it again."))
        refused = CleanUpItem.objects.filter(clean_up=clean_up, outcome=Outcome.REFUSED)
        if leave_rest:
            # The package's record goes when nothing else is left to do; then it is tried, too.
            _leave(refused.exclude(write__role=WriteRole.PACKAGE))
        refused.update(outcome="", errors=[])
        run_event(
            run,
            "test_run.clean_up_continued",
            by,
            side,
            clean_up=clean_up.pk,
            leave_rest=leave_rest,
        )
        transaction.on_commit(partial(task_wake, tasks.clean_up_run, clean_up.pk))
    clean_up.refresh_from_db()
    return clean_up


def clean_up_withdraw(*, clean_up: CleanUp, by: User) -> CleanUp:
    """End a clean-up without going on. What was removed already stays removed.

    Not while a worker is at it. What is left can be cleaned up by another one.
    """
    side = _side(clean_up.test_run.customer, by)
    with transaction.atomic():
        run = _run_held(clean_up.test_run, at_rest=False)
        now = timezone.now()
        ended = CleanUp.objects.filter(
            Q(lease_until=None) | Q(lease_until__lte=now),
            pk=clean_up.pk,
            state__in=CleanUp.OPEN_STATES,
        ).update(state=State.WITHDRAWN, ended_at=now, lease_until=None)
        if not ended:
            raise TestRunError(_("It is being worked on right now. Wait a moment, then try again."))
        run_event(run, "test_run.clean_up_withdrawn", by, side, clean_up=clean_up.pk)
    clean_up.refresh_from_db()
    return clean_up


def clean_up_mark(clean_up: CleanUp) -> str:
    """Stands for what was found: a page shows it, and confirming names it."""
    return clean_up.looked_at.isoformat() if clean_up.looked_at else ""


def may_clean_up(customer: Customer, person: User) -> bool:
    """Whether the person may: an admin of the customer, or staff who manage it."""
    try:
        _side(customer, person)
    except TestRunError:
        return False
    return True


def clean_up_problem(test_run: TestRun) -> str:
    """Why nothing can be removed now, as a sentence; "" when it can. For pages."""
    if test_run.state == TestRun.State.VOID:
        return _("This test is void: the sandbox was refreshed.")
    try:
        _org_check(test_run)
    except TestRunError as problem:
        return str(problem)
    if in_flight(test_run).exists():
        return _("Something of this test is still being sent. Wait for Salesforce’s answer.")
    return ""


def _leave(items: QuerySet[CleanUpItem]) -> None:
    items.update(
        outcome=Outcome.LEFT,
        reason=_("It could not be deleted, and it was decided to leave it."),
        errors=[],
    )


def _side(customer: Customer, by: User) -> Literal["customer", "vendor"]:
    """For which side the person acts. Raises TestRunError for everybody else."""
    if customers_managed_by(by).filter(pk=customer.pk).exists():
        return "vendor"
    admin = Membership.objects.filter(
        customer=customer, user=by, left_at=None, role=Role.ADMIN
    ).exists()
    if by.is_staff or not admin:
        raise TestRunError(
            _("An admin of your company or the implementation manager cleans up a sandbox test.")
        )
    return "customer"


def _org_check(test_run: TestRun) -> None:
    """It is the connected sandbox in which the test was made, and open for us. No transaction."""
    if not is_sandbox(test_run.environment, test_run.epoch):
        raise TestRunError(
            _("Only a sandbox test is cleaned up. In production nothing is deleted.")
        )
    sandbox_check(test_run.customer, test_run.environment)
    epoch = open_org(test_run.customer, test_run.environment)
    if epoch.pk != test_run.epoch_id or epoch.ended_at is not None:
        raise TestRunError(
            _(
                "The sandbox was refreshed since. The records of this test are gone with the old "
                "one."
            )
        )


def _run_held(test_run: TestRun, *, at_rest: bool = True) -> TestRun:
    """The run, its row held until the end of the transaction; `at_rest`: nothing is under way."""
    run = (
        TestRun.objects.select_for_update(of=("self",))
        .select_related("customer", "epoch__connection")
        .get(pk=test_run.pk)
    )
    if run.state == TestRun.State.VOID:
        raise TestRunError(_("This test is void: the sandbox was refreshed."))
    if at_rest and in_flight(run).exists():
        raise TestRunError(
            _("Something of this test is still being sent. Wait for Salesforce’s answer.")
        )
    return run


def in_flight(run: TestRun) -> QuerySet[Delivery]:
    """What of the run was released and has no answer yet, corrections included."""
    return Delivery.objects.filter(test_run=run, released_at__isnull=False).filter(
        ~Q(state__in=ENDED) | Q(correction_asked_at__isnull=False)
    )
