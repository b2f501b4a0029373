"""Who releases, pauses, stops and goes on with a batch, and what each is told."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from accounts.models import Event, Membership, Role
from jobchanges import signals
from jobchanges.access import batch_for
from jobchanges.exports import records_csv
from jobchanges.models import Batch, Delivery, TestRun
from jobchanges.selectors import batch_current, batch_progress
from jobchanges.services import (
    BatchError,
    batch_go_on,
    batch_pause,
    batch_release,
    batch_send_again,
    batch_stop,
)
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    MembershipFactory,
    OrgEpochFactory,
    RecordWriteFactory,
    TestRunFactory,
)

State = Batch.State


@pytest.fixture
def release(customer, approver, manager):
    """Releases a batch; three job changes wait for it."""
    ConnectionFactory(customer=customer, environment="production")
    JobChangeFactory.create_batch(3, customer=customer)

    def call(**chosen):
        values = {
            "customer": customer,
            "cut_off": timezone.now(),
            "signed_hash": "a" * 64,
            "customer_signer": approver,
            "vendor_signer": manager,
            "by": manager,
        } | chosen
        return batch_release(**values)

    return call


@pytest.fixture
def heard():
    """What a signal says from now on, until the end of the test."""
    connected = []

    def listen(signal):
        got = []

        def receiver(batch, **_kwargs):
            got.append(batch.state)

        signal.connect(receiver)
        connected.append((signal, receiver))
        return got

    yield listen
    for signal, receiver in connected:
        signal.disconnect(receiver)


def events(action):
    return Event.objects.filter(action=action).count()


def test_a_second_click_on_release_finds_the_batch_there(release):
    batch = release()
    with pytest.raises(BatchError, match="released already"):
        release()
    assert Batch.objects.get() == batch
    assert events("batch.released") == 1


def test_one_signature_releases_one_batch_also_after_its_end(release):
    release()
    Batch.objects.update(state=State.ENDED)
    with pytest.raises(BatchError, match="released already"):
        release()


def test_a_second_batch_waits_for_the_first(release):
    release()
    with pytest.raises(BatchError, match="Another batch is still being sent"):
        release(signed_hash="b" * 64)


def test_the_two_signers_are_two_people(release, manager):
    with pytest.raises(BatchError, match="two different people"):
        release(customer_signer=manager)
    with pytest.raises(BatchError, match="two different people"):
        release(signed_hash="")
    assert not Batch.objects.exists()


def test_only_the_customers_manager_releases(release, other_manager, approver):
    for person in (other_manager, approver):
        with pytest.raises(BatchError, match="implementation manager"):
            release(by=person)


@pytest.mark.parametrize("limit", [0, 101])
def test_the_limit_is_per_cent(release, limit):
    with pytest.raises(BatchError, match="between 1 and 100"):
        release(failure_limit=limit)


def test_an_open_production_test_is_finished_first(release, customer):
    epoch = customer.connections.get().epoch
    TestRunFactory(customer=customer, environment="production", epoch=epoch)
    with pytest.raises(BatchError, match="production test is still open"):
        release()
    TestRun.objects.update(state=TestRun.State.CLOSED)
    assert release().is_open


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"health": "needs_reconnecting"}, "is down"),
        ({"epoch": None}, "not connected yet"),
    ],
    ids=["lost", "none"],
)
def test_nothing_is_released_to_an_org_that_is_not_there(release, customer, change, sentence):
    customer.connections.update(**change)
    with pytest.raises(BatchError, match=sentence):
        release()


def test_nothing_is_released_to_an_org_without_the_package(release, customer):
    epoch = customer.connections.get().epoch
    epoch.package_installed = False
    epoch.save(update_fields=["package_installed"])
    with pytest.raises(BatchError, match="package was not found"):
        release()


@pytest.mark.parametrize("who", ["admin_person", "approver"])
def test_the_customers_admins_and_approvers_pause_and_go_on(release, heard, request, who):
    person = request.getfixturevalue(who)
    batch = release()
    halted, resumed = heard(signals.batch_halted), heard(signals.batch_resumed)
    for _click in range(2):
        batch_pause(batch=batch, side="customer", by=person, reason="Lunch.")
    assert (batch.state, batch.halted_by, batch.halt_reason) == (State.PAUSED, person, "Lunch.")
    for _click in range(2):
        batch = batch_go_on(batch=batch, side="customer", by=person)
    assert (batch.state, batch.halted_by, batch.halt_reason) == (State.SENDING, None, "")
    assert (events("batch.paused"), events("batch.resumed")) == (1, 1)
    assert (halted, resumed) == (["paused"], ["sending"])


@pytest.mark.parametrize("who", ["reviewer", "stranger", "other_manager", "manager"])
def test_nobody_else_speaks_for_the_customer(release, request, who):
    person = request.getfixturevalue(who)
    batch = release()
    for change in (batch_pause, batch_stop, batch_go_on):
        reason = {} if change is batch_go_on else {"reason": "No."}
        with pytest.raises(BatchError, match="admin or approver"):
            change(batch=batch, side="customer", by=person, **reason)
    assert Batch.objects.get().state == State.SENDING


@pytest.mark.parametrize("who", ["who left", "staff with a membership"])
def test_a_membership_of_the_past_or_of_staff_speaks_for_nobody(
    release, customer, approver, manager, who
):
    batch = release()
    person = approver if who == "who left" else manager
    if who == "who left":
        Membership.objects.filter(user=approver).update(left_at=timezone.now())
    else:
        MembershipFactory(customer=customer, user=manager, role=Role.ADMIN)
    with pytest.raises(BatchError, match="admin or approver"):
        batch_pause(batch=batch, side="customer", by=person)
    assert Batch.objects.get().state == State.SENDING


def test_nothing_is_sent_again_to_an_org_that_took_the_place_of_the_other(release, manager):
    batch = release()
    delivery = batch.deliveries.select_related("batch__customer").first()
    Delivery.objects.filter(pk=delivery.pk).update(state="refused")
    connection = batch.epoch.connection
    connection.epoch = OrgEpochFactory(
        connection=connection, number=2, kind=batch.epoch.kind, package_manifest="usergem-1"
    )
    connection.save(update_fields=["epoch"])
    with pytest.raises(BatchError, match="The org was replaced"):
        batch_send_again(delivery=delivery, by=manager)
    assert Delivery.objects.get(pk=delivery.pk).state == "refused"


def test_a_person_does_not_speak_for_the_portal(release, approver):
    batch = release()
    with pytest.raises(BatchError):
        batch_pause(batch=batch, side="system", by=approver)
    batch_pause(batch=batch, side="system", by=None, reason="What was signed has changed.")
    assert Batch.objects.get().halted_side == "system"


def test_a_stop_says_why_and_replaces_a_pause(release, manager, approver):
    batch = release()
    with pytest.raises(BatchError, match="Write why sending stops"):
        batch_stop(batch=batch, side="customer", by=approver, reason="  ")
    batch_pause(batch=batch, side="vendor", by=manager)
    batch_stop(batch=batch, side="customer", by=approver, reason="Quarter end.")
    batch_pause(batch=batch, side="vendor", by=manager)
    assert (batch.state, batch.halted_side) == (State.STOPPED, "customer")


def test_what_has_ended_is_neither_paused_nor_stopped(release, approver):
    batch = release()
    Batch.objects.update(state=State.ENDED)
    for change in (batch_pause, batch_stop):
        with pytest.raises(BatchError, match="nothing to stop"):
            change(batch=batch, side="customer", by=approver, reason="Wait.")


def test_going_on_counts_failures_anew(release, manager):
    batch = release()
    Batch.objects.update(counted_answers=30, counted_failures=30)
    batch_pause(batch=batch, side="system", by=None, reason="Too many.")
    batch = batch_go_on(batch=batch, side="vendor", by=manager)
    assert (batch.counted_answers, batch.counted_failures) == (0, 0)
    assert batch.counted_from > batch.released_at


def test_the_look_after_the_first_part_is_not_skipped_by_a_customers_pause(
    release, manager, approver
):
    batch = release(wait_after_first=True)
    batch_pause(batch=batch, side="customer", by=approver)
    # The group that was being written was the last of the first part.
    Batch.objects.update(first_done_at=timezone.now(), counted_answers=20)
    batch = batch_go_on(batch=batch, side="customer", by=approver)
    assert (batch.state, batch.halted_side) == (State.PAUSED, "system")
    batch = batch_go_on(batch=batch, side="vendor", by=manager)
    assert batch.state == State.SENDING


def test_a_stopped_batch_of_which_everything_is_answered_ends_when_its_side_goes_on(
    release, heard, approver
):
    batch = release()
    batch_stop(batch=batch, side="customer", by=approver, reason="Wait.")
    Delivery.objects.update(state="delivered")
    ended = heard(signals.batch_ended)
    batch = batch_go_on(batch=batch, side="customer", by=approver)
    assert (batch.state, ended) == (State.ENDED, ["ended"])


def test_only_the_manager_sends_again_and_only_to_the_same_org(release, manager, approver):
    batch = release()
    delivery = batch.deliveries.first()
    Delivery.objects.filter(pk=delivery.pk).update(state="held", held_code="our_fault")
    delivery.refresh_from_db()
    with pytest.raises(BatchError, match="implementation manager"):
        batch_send_again(delivery=delivery, by=approver)
    assert batch_send_again(delivery=delivery, by=manager).state == "waiting"
    assert Delivery.objects.get(pk=delivery.pk).held_code == ""


def test_a_delivery_of_no_batch_is_not_sent_again_by_one(manager, customer):
    run = TestRunFactory(customer=customer)
    with pytest.raises(BatchError, match="belongs to no batch"):
        batch_send_again(delivery=DeliveryFactory(test_run=run), by=manager)


def test_the_latest_batch_is_the_current_one(release, customer):
    assert batch_current(customer) is None
    first = release()
    assert batch_current(customer) == first
    Batch.objects.update(state=State.ENDED)
    Delivery.objects.update(state="delivered")
    second = release(signed_hash="b" * 64)
    assert batch_current(customer) == second


def test_the_remaining_time_is_not_guessed_before_anything_moved(release):
    batch = release()
    shown = batch_progress(batch)
    assert (shown.total, shown.left, shown.answered) == (3, 3, 0)
    assert (shown.pace_per_minute, shown.remaining) == (None, None)


# --- access and download ----------------------------------------------------------------------


def test_a_batch_is_found_by_its_own_people_only(
    release, admin_person, reviewer, manager, stranger, other_manager
):
    batch = release()
    for person in (admin_person, reviewer, manager):
        assert batch_for(person, batch.pk) == batch
    for person in (stranger, other_manager):
        with pytest.raises(Http404):
            batch_for(person, batch.pk)
    with pytest.raises(PermissionDenied):
        batch_for(reviewer, batch.pk, roles={"admin", "approver"})
    with pytest.raises(Http404):
        batch_for(admin_person, batch.pk + 1)


@pytest.fixture
def written(customer):
    """A record that was written to production, with its ledger row."""

    def make(**values):
        epoch = ConnectionFactory(customer=customer, environment="production").epoch
        delivery = DeliveryFactory(
            test_run=None,
            epoch=epoch,
            job_change=JobChangeFactory(customer=customer, key="=jc-1"),
        )
        return RecordWriteFactory(attempt=AttemptFactory(delivery=delivery), **values)

    return make


def test_the_download_names_every_field_before_and_after(customer, written):
    write = written(
        operation="update",
        before={"Phone": None, "Title": ""},
        sent={"Phone": "+1 555 0100", "Title": "=cmd|' /C calc'!A0", "HasLeft": True},
        stored={"Phone": "+1 555 0100", "Title": "=cmd|", "HasLeft": True},
    )
    org_id = write.attempt.delivery.org_id
    text = "".join(records_csv(customer, org_id))
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert header[:4] == ["Job change", "Role", "Object", "Record ID"]
    found = {row[7]: row for row in rows}
    assert list(found) == ["HasLeft", "Phone", "Title"]
    assert found["Phone"][8:12] == ["", "'+1 555 0100", "'+1 555 0100", ""]
    assert found["HasLeft"][8:12] == ["", "true", "true", ""]
    assert found["Title"][9] == "'=cmd|' /C calc'!A0"
    assert found["Title"][0] == "'=jc-1"
    assert found["Title"][4].endswith(f"/{write.record_id}")
    assert found["Title"][5] == "Updated"


def test_rule_7_the_download_holds_one_customers_records(customer, other_customer, written):
    write = written(before={"Phone": "+44 20 7946 0000"}, sent={})
    org_id = write.attempt.delivery.org_id
    assert "".join(records_csv(other_customer, org_id)).count("\r\n") == 1
    # What was read and not written is shown, too.
    assert "+44 20 7946 0000" in "".join(records_csv(customer, org_id))


def test_the_download_streams_and_holds_one_org(customer, written, django_assert_max_num_queries):
    write = written()
    RecordWriteFactory.create_batch(20, attempt=write.attempt)
    org_id = write.attempt.delivery.org_id
    with django_assert_max_num_queries(1):
        assert "".join(records_csv(customer, org_id)).count("\r\n") == 22
    assert "".join(records_csv(customer, "00D000000000009AAA")).count("\r\n") == 1


def test_the_download_goes_out_in_pieces_of_many_lines(customer, written):
    write = written()
    RecordWriteFactory.create_batch(30, attempt=write.attempt, sent={"Description": "x" * 9_000})
    pieces = list(records_csv(customer, write.attempt.delivery.org_id))
    assert 2 <= len(pieces) <= 10
    assert all(piece.endswith("\r\n") for piece in pieces)


def test_a_customers_stop_does_not_lift_a_pause_that_waits_for_the_vendors_look(
    release, manager, approver
):
    batch = release()
    Batch.objects.update(counted_answers=30, counted_failures=30)
    batch_pause(batch=batch, side="system", by=None, reason="30 of 30 job changes failed.")
    for _round in range(2):
        batch_stop(batch=batch, side="customer", by=approver, reason="What is this?")
        batch = batch_go_on(batch=batch, side="customer", by=approver)
        assert (batch.state, batch.halted_side) == (State.PAUSED, "system")
    assert batch_go_on(batch=batch, side="vendor", by=manager).state == State.SENDING


def test_a_customers_stop_does_not_skip_the_look_after_the_first_part(release, manager, approver):
    batch = release(wait_after_first=True)
    Batch.objects.update(first_done_at=timezone.now(), counted_answers=20)
    batch_pause(batch=batch, side="system", by=None, reason="The first part is in production.")
    for _round in range(2):
        batch_stop(batch=batch, side="customer", by=approver, reason="One moment.")
        batch = batch_go_on(batch=batch, side="customer", by=approver)
        assert (batch.state, batch.halted_side) == (State.PAUSED, "system")
    assert batch_go_on(batch=batch, side="vendor", by=manager).state == State.SENDING
