"""Releasing the first batch under two signatures, and going on after a change voided them."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Customer, Environment
from integrations.models import Connection, OrgEpoch
from jobchanges.gates import batch_gate, gate_reason, sandbox_gate
from jobchanges.models import Batch, Delivery, OrgLease, OutputSettings
from jobchanges.services.batches import batch_stop
from portal.models import Summary
from portal.signoff import services
from portal.signoff.errors import SignOffError
from portal.signoff.selectors import sign_off_view
from portal.signoff.types import SignOffState
from tests.factories import BatchFactory, JobChangeFactory, TestRunFactory
from tests.portal.signing import PRODUCTION, frozen, production_done, sign, signed

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    for _each in range(3):
        JobChangeFactory(customer=customer)
    # Nothing answers there: the org rests, so that a release wakes nobody who would ask it.
    org_id = OrgEpoch.objects.get(connection__environment=PRODUCTION).org_id
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    OrgLease.objects.create(org_id=org_id, paused_until=tomorrow, pause_reason="A rest.")
    return customer


@pytest.fixture
def release(manager, django_capture_on_commit_callbacks):
    """Release a summary as Maya Rao, with everything that follows the commit."""

    def do(summary: Summary, **values) -> Batch:
        with django_capture_on_commit_callbacks(execute=True):
            return services.launch_release(summary=summary, by=values.pop("by", manager), **values)

    return do


@pytest.fixture
def change(django_capture_on_commit_callbacks):
    """Change the lead source, and let the portal find it."""

    def do(customer: Customer, source: str = "Gems") -> None:
        OutputSettings.objects.filter(customer=customer).update(lead_source=source)
        with django_capture_on_commit_callbacks(execute=True):
            services.summary_check(customer)

    return do


def test_signed_by_both_it_is_released_with_everything_that_waits(northwind, admin_person, release):
    summary = signed(northwind, admin_person)

    batch = release(summary, wait_after_first=True, failure_limit=35)

    summary.refresh_from_db()
    assert summary.batch == batch
    assert (batch.signed_hash, batch.cut_off) == (summary.signed_hash, summary.frozen_at)
    assert {batch.customer_signer, batch.vendor_signer} == {
        admin_person,
        northwind.implementation_manager,
    }
    assert (batch.wait_after_first, batch.failure_limit) == (True, 35)
    # Three new ones and the five of the sandbox test; what the production test brought is there.
    assert batch.deliveries.count() == 8
    assert northwind.events.get(action="launch.released").data == {
        "summary": summary.pk,
        "signed_hash": summary.signed_hash,
        "batch": batch.pk,
    }
    assert sign_off_view(northwind, person=admin_person).state == SignOffState.RELEASED


@pytest.mark.parametrize("sides", [(), ("customer",), ("vendor",)])
def test_rule_1_everything_else_only_after_both_signatures(
    northwind, admin_person, manager, release, sides
):
    summary = frozen(northwind, admin_person)
    for side in sides:
        sign(summary, side, {"customer": admin_person, "vendor": manager}[side])

    with pytest.raises(SignOffError, match="Both sides sign the summary first"):
        release(summary)
    assert not Batch.objects.exists()


def test_rule_1_nothing_is_released_after_what_was_signed_changed(northwind, admin_person, release):
    summary = signed(northwind, admin_person)
    OutputSettings.objects.update(lead_source="Gems")

    with pytest.raises(SignOffError, match="This summary ended"):
        release(summary)
    assert not Batch.objects.exists()
    assert not Delivery.objects.exclude(batch=None).exists()


def test_rule_1_a_change_in_the_moment_of_the_release_takes_it_back(
    northwind, admin_person, release, monkeypatch
):
    """Somebody saves settings while the batch is being filled."""
    from portal.signoff import release as module

    summary = signed(northwind, admin_person)
    fill = module.batch_release

    def fill_meanwhile(**values):
        batch = fill(**values)
        OutputSettings.objects.update(lead_source="Gems")
        return batch

    monkeypatch.setattr(module, "batch_release", fill_meanwhile)

    with pytest.raises(SignOffError, match="changed this moment"):
        release(summary)
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (HOUR, 5 * HOUR, "lets the first batch start from"),
        (-5 * HOUR, -HOUR, "The start window that Northwind Traders chose"),
        (-HOUR, HOUR, ""),
    ],
)
def test_it_starts_inside_the_customers_window(
    northwind, admin_person, release, start, end, sentence
):
    now = timezone.now()
    summary = signed(northwind, admin_person)
    summary.signatures.filter(side="customer").update(starts_at=now + start, ends_at=now + end)

    if sentence:
        with pytest.raises(SignOffError, match=sentence):
            release(summary)
        view = sign_off_view(northwind, person=northwind.implementation_manager)
        assert not view.release.may
        assert sentence in view.release.why_not
    else:
        assert sign_off_view(northwind, person=northwind.implementation_manager).release.may
        assert release(summary).state == Batch.State.SENDING


@pytest.mark.parametrize(
    ("start", "end", "starts"),
    [(0 * HOUR, HOUR, True), (-HOUR, 0 * HOUR, False)],
    ids=["its first moment is inside", "its last moment is outside"],
)
def test_the_window_begins_with_its_first_moment_and_is_over_at_its_last(
    northwind, admin_person, release, time_machine, start, end, starts
):
    now = timezone.now()
    summary = signed(northwind, admin_person)
    summary.signatures.filter(side="customer").update(starts_at=now + start, ends_at=now + end)
    time_machine.move_to(now, tick=False)

    if starts:
        assert release(summary).state == Batch.State.SENDING
    else:
        with pytest.raises(SignOffError, match="The start window that Northwind Traders chose"):
            release(summary)


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        (lambda c: Customer.objects.update(hold_reason="No contract yet."), "on hold: No contract"),
        (lambda c: Connection.objects.update(health="disconnected"), "needs reconnecting"),
        (
            lambda c: TestRunFactory(
                customer=c,
                environment=PRODUCTION,
                epoch=c.connections.get(environment=PRODUCTION).epoch,
                number=2,
            ),
            "Test 2 in production is still open",
        ),
    ],
)
def test_what_stands_in_the_way_is_said(northwind, admin_person, release, obstacle, sentence):
    summary = signed(northwind, admin_person)
    obstacle(northwind)

    with pytest.raises(SignOffError, match=sentence):
        release(summary)


@pytest.mark.parametrize("who", ["admin_person", "approver", "other_manager", "stranger"])
def test_only_the_vendor_releases(northwind, admin_person, release, request, who):
    summary = signed(northwind, admin_person)

    with pytest.raises(SignOffError, match="Only the customer’s implementation manager"):
        release(summary, by=request.getfixturevalue(who))


@pytest.mark.parametrize("limit", [0, 101])
def test_the_limit_of_failures_is_a_percentage(northwind, admin_person, release, limit):
    with pytest.raises(SignOffError, match="percentage from 1 to 100"):
        release(signed(northwind, admin_person), failure_limit=limit)


def test_a_second_click_finds_the_batch_of_the_first(northwind, admin_person, release):
    summary = signed(northwind, admin_person)

    assert release(summary) == release(summary)
    assert northwind.events.filter(action="launch.released").count() == 1


def test_a_released_summary_is_neither_signed_nor_taken_back(
    northwind, admin_person, release, manager
):
    summary = signed(northwind, admin_person)
    release(summary)

    with pytest.raises(SignOffError, match="was released"):
        services.summary_withdraw(summary=summary, by=manager)
    with pytest.raises(SignOffError, match="on its way"):
        services.summary_freeze(customer=northwind, by=manager)


def test_rule_1_a_change_pauses_the_batch_and_says_what_changed(
    northwind, admin_person, release, change
):
    batch = release(signed(northwind, admin_person))

    change(northwind)

    batch.refresh_from_db()
    assert (batch.state, batch.halted_side) == (Batch.State.PAUSED, "system")
    assert batch.halt_reason == (
        "What was signed has changed. Lead source: before “UserGems”, now “Gems”. "
        "Both sides sign the new summary."
    )
    assert gate_reason(batch_gate, batch=batch).startswith("What was signed has changed")
    view = sign_off_view(northwind, person=admin_person)
    assert (view.state, view.halted_batch) == (SignOffState.CAN_FREEZE, batch)
    assert "the same batch goes on" in view.sentence


def test_the_same_batch_goes_on_under_the_new_signatures(northwind, admin_person, release, change):
    first = signed(northwind, admin_person)
    batch = release(first)
    members = set(batch.deliveries.values_list("pk", flat=True))
    change(northwind)
    JobChangeFactory(customer=northwind)

    second = signed(northwind, admin_person)
    assert second.cut_off == first.frozen_at
    assert gate_reason(batch_gate, batch=batch).startswith("Both sides sign the new summary")
    again = release(second, failure_limit=50)

    assert again == batch
    assert Batch.objects.count() == 1
    assert set(again.deliveries.values_list("pk", flat=True)) == members
    assert (again.state, again.signed_hash) == (Batch.State.SENDING, second.signed_hash)
    assert again.failure_limit == 50
    assert gate_reason(batch_gate, batch=again) == ""
    event = northwind.events.get(action="launch.continued")
    assert event.data["before_hash"] == first.signed_hash
    assert event.data["signed_hash"] == second.signed_hash
    assert release(second) == batch
    assert northwind.events.filter(action="launch.continued").count() == 1


def test_rule_9_the_batch_names_those_who_signed_last(
    northwind, admin_person, approver, manager, release, change
):
    batch = release(signed(northwind, admin_person))
    change(northwind)
    second = frozen(northwind, admin_person)
    sign(second, "customer", approver)
    sign(second, "vendor", manager)

    release(second)

    batch.refresh_from_db()
    assert (batch.customer_signer, batch.vendor_signer) == (approver, manager)


def test_what_the_customer_stopped_stays_stopped_under_new_signatures(
    northwind, admin_person, release, change
):
    batch = release(signed(northwind, admin_person))
    batch_stop(batch=batch, side="customer", by=admin_person, reason="Wrong owners.")
    change(northwind)

    again = release(signed(northwind, admin_person))

    assert (again.pk, again.state) == (batch.pk, Batch.State.STOPPED)


def test_a_batch_without_signatures_is_let_through_by_no_gate(northwind, admin_person):
    epoch = northwind.connections.get(environment=PRODUCTION).epoch
    batch = BatchFactory(customer=northwind, epoch=epoch)

    assert gate_reason(batch_gate, batch=batch)


def test_after_its_end_what_was_signed_is_history(northwind, admin_person, release, change):
    summary = signed(northwind, admin_person)
    batch = release(summary)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED, ended_at=timezone.now())
    batch.refresh_from_db()

    view = sign_off_view(northwind, person=admin_person)
    assert (view.state, view.batch) == (SignOffState.RELEASED, batch)
    with pytest.raises(SignOffError, match="nothing is left to sign"):
        services.summary_freeze(customer=northwind, by=admin_person)

    change(northwind)

    assert services.summary_check(northwind) == summary
    assert gate_reason(batch_gate, batch=batch) == ""
    assert gate_reason(sandbox_gate, customer=northwind) == ""


def test_the_sandbox_is_closed_from_the_first_signature_to_the_end(
    northwind, admin_person, manager, release, change
):
    def closed() -> bool:
        return bool(gate_reason(sandbox_gate, customer=northwind))

    summary = frozen(northwind, admin_person)
    assert not closed()
    sign(summary, "vendor", manager)
    assert closed()
    services.summary_withdraw(summary=summary, by=manager)
    assert not closed()
    batch = release(signed(northwind, admin_person))
    assert closed()
    change(northwind)
    assert closed(), "the batch is halted, not ended"
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED)
    assert not closed()


def test_a_refreshed_sandbox_does_not_disturb_the_batch(northwind, admin_person, release):
    batch = release(signed(northwind, admin_person))
    OrgEpoch.objects.filter(connection__environment=Environment.SANDBOX).update(
        ended_at=timezone.now()
    )

    assert gate_reason(batch_gate, batch=batch) == ""


def test_a_customer_on_hold_pauses_the_batch_until_the_hold_is_lifted(
    northwind, admin_person, release
):
    batch = release(signed(northwind, admin_person))
    Customer.objects.filter(pk=northwind.pk).update(hold_reason="Their security team asks first.")
    assert gate_reason(batch_gate, batch=batch) == (
        "The setup is on hold: Their security team asks first."
    )
    Customer.objects.filter(pk=northwind.pk).update(hold_reason="")
    assert gate_reason(batch_gate, batch=batch) == ""
