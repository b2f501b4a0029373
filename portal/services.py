"""What people say about steps: confirmed, withdrawn, waived, chosen. Each with its event."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import side_of
from accounts.hashing import content_hash
from accounts.models import Customer, Environment, User
from accounts.services import event_record
from integrations.models import OrgEpoch
from jobchanges.models import Attempt
from portal.checking.waiving import point_accept, point_waive, point_withdraw
from portal.errors import StepError
from portal.models import Confirmation, PeopleSource, Waiver
from portal.steps import Facts, Step, StepStatus, facts_load, journey_for, step_find
from portal.steps.checked import CheckedStep, checked

__all__ = [
    "PEOPLE",
    "StepError",
    "path_fixed_reason",
    "people_source_choose",
    "point_accept",
    "point_waive",
    "point_withdraw",
    "step_confirm",
    "step_confirmation_withdraw",
    "step_waive",
    "step_waiver_withdraw",
]

PEOPLE = "production.people"


def step_confirm(*, customer: Customer, step: str, by: User) -> Confirmation:
    """Record that a person vouches for a step, for the org connected now.

    Confirming twice keeps the first confirmation. Raises StepError where the step cannot be
    confirmed by hand: it does not exist on the path, the org answers for it, or it waits for
    another one.
    """
    found = _step_of(customer, step)
    if not found.confirmable:
        raise StepError(_("This step follows from what your org says; nobody confirms it by hand."))
    with transaction.atomic():
        epoch = _epoch_now(customer, found)
        if epoch is None and found.needs_org and found.requires:
            raise StepError(_("This step opens after the org is connected."))
        if found.requires and _is_locked(customer, step):
            raise StepError(_("This step is not open yet."))
        if found.name == "package" and epoch is not None and epoch.package_installed is not None:
            raise StepError(_("Your org has already said which package it has."))
        if isinstance(found, CheckedStep):
            _by_hand_check(facts_load([customer])[customer.pk], found)
        try:
            with transaction.atomic():
                confirmation = Confirmation.objects.create(
                    customer=customer, step=step, epoch=epoch, statement=found.statement(), by=by
                )
        except IntegrityError:
            return Confirmation.objects.get(
                customer=customer, step=step, epoch=epoch, withdrawn_at=None
            )
        _event(customer, "step.confirmed", found, by, epoch, confirmation)
    return confirmation


def step_confirmation_withdraw(*, customer: Customer, step: str, by: User) -> bool:
    """Take a confirmation back; the step is the customer's turn again.

    Returns whether there was one standing. Raises StepError for a step the path does not have.
    """
    found = _step_of(customer, step)
    with transaction.atomic():
        standing = facts_load([customer])[customer.pk].confirmation(step, found.environment)
        if standing is None:
            return False
        changed = Confirmation.objects.filter(pk=standing.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by
        )
        if changed:
            _event(customer, "step.confirmation_withdrawn", found, by, standing.epoch, standing)
    return bool(changed)


def step_waive(*, customer: Customer, step: str, reason: str, by: User) -> Waiver:
    """Set a step aside with a reason, until the org changes. Staff only.

    Raises StepError without a reason, for a step that may not be waived, or by anyone else.
    """
    found = _step_of(customer, step)
    if side_of(by, customer) != "vendor":
        raise StepError(_("The implementation manager waives steps."))
    if not found.waivable:
        raise StepError(_("This step may not be waived."))
    if not reason.strip():
        raise StepError(_("Say why the step is waived."))
    with transaction.atomic():
        epoch = _epoch_now(customer, found)
        try:
            with transaction.atomic():
                waiver = Waiver.objects.create(
                    customer=customer, step=step, epoch=epoch, reason=reason.strip(), by=by
                )
        except IntegrityError:
            return Waiver.objects.get(
                customer=customer, step=step, subject="", epoch=epoch, withdrawn_at=None
            )
        _event(customer, "step.waived", found, by, epoch, waiver)
    return waiver


def step_waiver_withdraw(*, customer: Customer, step: str, by: User) -> bool:
    """Take a waiver back. Returns whether there was one standing. Staff only (StepError)."""
    found = _step_of(customer, step)
    if side_of(by, customer) != "vendor":
        raise StepError(_("The implementation manager waives steps."))
    with transaction.atomic():
        standing = facts_load([customer])[customer.pk].waiver(step, found.environment)
        if standing is None:
            return False
        changed = Waiver.objects.filter(pk=standing.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by
        )
        if changed:
            _event(customer, "step.waiver_withdrawn", found, by, standing.epoch, standing)
    return bool(changed)


def people_source_choose(*, customer: Customer, kind: str, by: User) -> PeopleSource:
    """Say where the customer's list of people comes from. An admin of the customer, at any time.

    Choosing the same again changes nothing. Reports are read from production only, from a sandbox
    never (rule 5): without a production org there is nothing to choose. Raises
    StepError with why not.
    """
    if kind not in PeopleSource.Kind.values:
        raise StepError(_("Choose where the list of people comes from."))
    if side_of(by, customer) != "customer":
        raise StepError(_("An admin of the customer chooses where its list comes from."))
    step = _step_of(customer, PEOPLE)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        standing = PeopleSource.objects.filter(customer=customer).first()
        if standing is not None and standing.kind == kind:
            return standing
        if standing is None and _is_locked(customer, PEOPLE):
            raise StepError(_("This step opens after the production org is connected."))
        source, _created = PeopleSource.objects.update_or_create(
            customer=customer,
            defaults={"kind": kind, "chosen_by": by, "chosen_at": timezone.now()},
        )
        epoch = _epoch_now(customer, step)
        event_record(
            customer=customer,
            action="people_source.chosen",
            by=by,
            side="customer",
            environment=Environment.PRODUCTION.value,
            org_id=epoch.org_id if epoch else "",
            data={"kind": kind, "before": standing.kind if standing else ""},
        )
    return source


def path_fixed_reason(customer: Customer) -> str:
    """Why the customer's path cannot change any more, as a sentence; empty while it can.

    It can change until the first production write (product.md, section 2). An attempt counts: its
    answer may have been lost.
    """
    written = Attempt.objects.filter(
        delivery__job_change__customer=customer,
        delivery__environment=Environment.PRODUCTION,
    )
    if not written.exists():
        return ""
    return _("Job changes were written to production, so the path stays as it is.")


def _by_hand_check(facts: Facts, step: Step) -> None:
    """Only what the org cannot be asked is confirmed by a person. Raises StepError."""
    found = checked(facts, step)
    if found.cannot or not found.listed:
        return
    if not found.answered:
        raise StepError(
            _("Have your org asked first: you confirm only what it cannot be asked about.")
        )
    raise StepError(_("This step follows from what your org says; nobody confirms it by hand."))


def _is_locked(customer: Customer, key: str) -> bool:
    """Whether the step waits for another one."""
    found = journey_for(customer).step(key)
    return found is None or found.status == StepStatus.LOCKED


def _step_of(customer: Customer, key: str) -> Step:
    """The step of the customer's path. Raises StepError."""
    step = step_find(customer.path, key)
    if step is None:
        raise StepError(_("This step is not part of your setup."))
    return step


def _epoch_now(customer: Customer, step: Step) -> OrgEpoch | None:
    """The org connected now, read inside the transaction of the change."""
    return OrgEpoch.objects.filter(
        connection__customer=customer,
        connection__environment=step.environment,
        connection__epoch__isnull=False,
        ended_at=None,
    ).first()


def _event(
    customer: Customer,
    action: str,
    step: Step,
    by: User,
    epoch: OrgEpoch | None,
    said: Confirmation | Waiver,
) -> None:
    """Log what was said, by its hash. The words stay in the row: events hold no free text."""
    words = said.reason if isinstance(said, Waiver) else said.statement
    event_record(
        customer=customer,
        action=action,
        by=by,
        side=side_of(by, customer),
        environment=step.environment.value,
        org_id=epoch.org_id if epoch else "",
        data={"step": step.key, "id": said.pk, "content_hash": content_hash(words)},
    )
