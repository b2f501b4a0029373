"""What is past its time goes, one day after the limit and not one before; events still verify."""

import datetime
from io import StringIO

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Event, SignupLink, User
from accounts.selectors import events_verify
from integrations.models import (
    CheckResult,
    CheckRun,
    ConnectAttempt,
    Connection,
    Health,
    ReportListing,
)
from jobchanges.models import (
    Attempt,
    Batch,
    Comment,
    Delivery,
    ImportRow,
    ImportRun,
    JobChange,
    RecordWrite,
    RunApproval,
)
from portal.retention import expired_remove
from portal.tasks import expired_purge
from tests.factories import (
    AttemptFactory,
    CommentFactory,
    ConnectAttemptFactory,
    ConnectionFactory,
    CustomerFactory,
    DeliveryFactory,
    EventFactory,
    ImportRowFactory,
    ImportRunFactory,
    JobChangeFactory,
    RecordWriteFactory,
    RunApprovalFactory,
    SignupLinkFactory,
    TestRunFactory,
)

START = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
PLAN = {
    "writes": [
        {
            "role": "person",
            "object_name": "Contact",
            "operation": "update",
            "record_id": "003000000000001AAA",
            "fields": {"Title": "VP Sales"},
            "before": {"Title": "Director"},
        }
    ],
    "outcome": "enriched",
}


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def removed(clock):
    """What goes on a day, counted from the start."""

    def on_day(day, **options):
        clock.move_to(START + datetime.timedelta(days=day))
        return {kind: count for kind, count in expired_remove(**options).items() if count}

    return on_day


@pytest.mark.parametrize(
    "ends",
    [
        {"used_at": START},
        {"revoked_at": START},
        {"expires_at": START},
    ],
)
def test_a_sign_up_link_goes_30_days_after_its_end(clock, customer, removed, ends):
    SignupLinkFactory(customer=customer, **ends)
    assert removed(29) == {}
    assert removed(30) == {"sign-up links": 1}
    assert removed(30) == {}
    assert events_verify(customer) == []


def test_a_replaced_link_goes_with_the_one_that_replaced_it(clock, customer, removed):
    new = SignupLinkFactory(customer=customer, used_at=START)
    SignupLinkFactory(customer=customer, replaced_by=new)
    removed(30)
    assert not SignupLink.objects.exists()


def test_a_link_that_can_be_used_stays(clock, customer, removed):
    SignupLinkFactory(customer=customer, expires_at=START + datetime.timedelta(days=500))
    removed(60)
    assert SignupLink.objects.count() == 1


def test_an_attempt_to_connect_goes_30_days_after_its_end(clock, customer, removed):
    ConnectAttemptFactory(
        customer=customer, link=None, ended_at=START, state=ConnectAttempt.State.CONFIRMED
    )
    assert removed(29) == {}
    assert removed(30) == {"attempts to connect": 1}
    assert removed(31) == {}


def test_tokens_that_nobody_confirmed_go_within_a_day(clock, customer, removed, monkeypatch):
    handed_back = []
    monkeypatch.setattr(
        "integrations.services.attempts.calls.token_revoke_quietly",
        lambda **said: handed_back.append(said["token"]),
    )
    attempt = ConnectAttemptFactory(
        customer=customer,
        link=None,
        state=ConnectAttempt.State.RETURNED,
        sealed_token='{"refresh_token": "r-1"}',
    )
    assert removed(0.9) == {}
    assert removed(1) == {"sealed tokens": 1}
    attempt.refresh_from_db()
    assert (attempt.sealed_token, attempt.state) == ("", ConnectAttempt.State.ABANDONED)
    assert handed_back == ["r-1"]


def test_the_report_of_an_import_goes_after_30_days_and_its_totals_stay(clock, customer, removed):
    run = ImportRunFactory(customer=customer, created_at=START, rows_total=2, notes=["Columns: x"])
    ImportRowFactory.create_batch(2, run=run, outcome=ImportRow.Outcome.REJECTED, reasons=["why"])
    assert removed(29) == {}
    assert removed(30) == {"rows of import reports": 2}
    assert removed(30) == {}
    run = ImportRun.objects.get()
    assert (run.rows_total, run.notes) == (2, [])


def live(customer, manager, signer, **batch):
    """A customer whose first batch ended at the start, with one delivery and its ledger."""
    connection = ConnectionFactory(customer=customer, environment="production")
    values = {"state": Batch.State.ENDED, "ended_at": START} | batch
    made = Batch.objects.create(
        customer=customer,
        epoch=connection.epoch,
        cut_off=START,
        signed_hash="f" * 64,
        customer_signer=signer,
        vendor_signer=manager,
        released_by=manager,
        **values,
    )
    return sent(customer, connection.epoch, made)


def sent(customer, epoch, batch):
    delivery = DeliveryFactory(
        test_run=None,
        epoch=epoch,
        batch=batch,
        state=Delivery.State.DELIVERED,
        job_change=JobChangeFactory(customer=customer),
        plan=PLAN,
        plan_hash="p" * 64,
    )
    attempt = AttemptFactory(delivery=delivery, plan=PLAN, plan_hash="p" * 64)
    return RecordWriteFactory(
        attempt=attempt,
        operation=RecordWrite.Operation.UPDATE,
        before={"Title": "Director"},
        settled={"Title": "VP Sales"},
        settled_at=timezone.now(),
        names={"005": "Olga Owner"},
        changed_by="Olga Owner",
    )


def test_before_images_and_stored_values_go_180_days_after_go_live(
    clock, customer, manager, approver, removed
):
    write = live(customer, manager, approver)
    assert removed(179) == {}
    write.refresh_from_db()
    assert write.before == {"Title": "Director"}
    assert removed(180) == {"records' before-images and stored values": 1}
    assert removed(181) == {}
    write.refresh_from_db()
    assert (write.before, write.stored, write.settled, write.names) == ({}, None, None, {})
    assert write.changed_by == ""
    assert (write.object_name, write.operation, write.sent) == (
        "Contact",
        "update",
        {"LastName": "Whitfield"},
    )
    for row in (Attempt.objects.get(), Delivery.objects.get()):
        assert row.plan["writes"][0]["before"] == {}
        assert row.plan["writes"][0]["fields"] == {"Title": "VP Sales"}
        assert row.plan_hash == "p" * 64
    assert events_verify(customer) == []
    assert Event.objects.filter(action="ledger.values_removed").count() == 1


def test_what_was_sent_later_keeps_its_values_as_long(clock, customer, manager, approver, removed):
    first = live(customer, manager, approver)
    clock.move_to(START + datetime.timedelta(days=100))
    epoch = first.attempt.delivery.epoch
    later = sent(customer, epoch, first.attempt.delivery.batch)
    removed(180)
    later.refresh_from_db()
    assert later.before == {"Title": "Director"}
    assert removed(279) == {}
    assert removed(280) == {"records' before-images and stored values": 1}
    later.refresh_from_db()
    assert later.before == {}


@pytest.mark.parametrize("state", ["claimed", "unknown"])
def test_what_is_in_the_air_keeps_its_values_until_it_has_an_answer(
    clock, customer, manager, approver, removed, state
):
    write = live(customer, manager, approver)
    clock.move_to(START + datetime.timedelta(seconds=1))
    other = sent(customer, write.attempt.delivery.epoch, write.attempt.delivery.batch)
    Delivery.objects.filter(pk=write.attempt.delivery_id).update(state=state)
    kind = "records' before-images and stored values"
    assert removed(180.1) == {kind: 1}
    write.refresh_from_db()
    other.refresh_from_db()
    assert (write.before, other.before) == ({"Title": "Director"}, {})
    assert removed(181) == {}
    Delivery.objects.update(state=Delivery.State.DELIVERED)
    assert removed(182) == {kind: 1}
    write.refresh_from_db()
    assert write.before == {}
    assert removed(183) == {}


def test_a_dry_run_leaves_the_values_and_removed_ones_are_not_read_again(
    clock, customer, manager, approver, removed
):
    write = live(customer, manager, approver)
    RecordWrite.objects.update(settled_at=None, settle_due_at=START)
    removed(180, dry_run=True)
    write.refresh_from_db()
    assert write.before == {"Title": "Director"}
    assert not Event.objects.filter(action="ledger.values_removed").exists()
    removed(180)
    write.refresh_from_db()
    assert (write.before, write.settle_due_at) == ({}, None)
    assert write.settled_at is not None


def test_while_the_batch_runs_nothing_goes(clock, customer, manager, approver, removed):
    live(customer, manager, approver, state=Batch.State.PAUSED, ended_at=None)
    assert "records' before-images and stored values" not in removed(300)


def test_an_approval_keeps_its_hash_and_loses_the_values(
    clock, customer, manager, approver, removed
):
    live(customer, manager, approver)
    run = TestRunFactory(customer=customer, state="approved")
    record = {"id": "003000000000001AAA", "before": {"Title": "D"}, "stored": {"Title": "V"}}
    RunApprovalFactory(
        test_run=run,
        by=approver,
        content={"deliveries": [{"key": "jc-1:00D", "attempts": [{"records": [record]}]}]},
        content_hash="h" * 64,
    )
    removed(180)
    approval = RunApproval.objects.get()
    (found,) = approval.content["deliveries"][0]["attempts"][0]["records"]
    assert found == {"id": "003000000000001AAA", "before": {}, "stored": None}
    assert approval.content["blanked"] is True
    assert approval.content_hash == "h" * 64


def test_sessions_that_ran_out_go(clock, admin_person, signed_in, removed):
    signed_in(admin_person)
    assert removed(0.4) == {}
    assert removed(0.6) == {"sessions": 1}
    assert not Session.objects.exists()


# --- customers that never went live ---------------------------------------------------------------


@pytest.fixture
def silent(clock, customer, admin_person, manager):
    """Everything a customer has before it goes live; the last thing happened at the start."""
    SignupLinkFactory(customer=customer)
    connection = ConnectionFactory(customer=customer, refresh_token="")
    run = TestRunFactory(customer=customer, epoch=connection.epoch, state="closed")
    job_change = JobChangeFactory(customer=customer, last_name="Whitfield")
    attempt = AttemptFactory(
        delivery=DeliveryFactory(test_run=run, job_change=job_change, plan=PLAN), plan=PLAN
    )
    RecordWriteFactory(attempt=attempt)
    CommentFactory(delivery=attempt.delivery, text="Who is she?")
    ImportRowFactory(run=ImportRunFactory(customer=customer), job_change=job_change)
    ConnectAttemptFactory(customer=customer, link=None, user=admin_person, ended_at=START)
    customer.created_at = START
    customer.save()
    EventFactory(customer=customer, by=admin_person, side="customer")
    return customer


def test_the_manager_is_warned_30_days_before_once(silent, removed):
    assert "warnings before that, mailed" not in removed(334)
    assert mail.outbox == []
    assert removed(335)["warnings before that, mailed"] == 1
    (message,) = mail.outbox
    assert message.to == ["maya.rao@usergems.example"]
    assert "On 2 March 2027 the portal removes its job changes" in message.body
    assert "warnings before that, mailed" not in removed(336)


def test_the_data_go_after_365_days_and_events_stay(silent, removed, admin_person):
    removed(335)
    assert "customers that never went live" not in removed(364)
    events = Event.objects.filter(customer=silent).count()
    assert removed(365)["customers that never went live"] == 1
    job_change = JobChange.objects.get()
    assert (job_change.last_name, job_change.past_email, job_change.new_title) == ("", "", "")
    assert job_change.key
    assert RecordWrite.objects.get().sent == {}
    assert not SignupLink.objects.exists()
    assert not ConnectAttempt.objects.exists()
    connection = Connection.objects.get()
    assert (connection.health, connection.refresh_token) == (Health.DISCONNECTED, "")
    assert connection.epoch.username == ""
    admin_person.refresh_from_db()
    assert admin_person.email == f"erased-{admin_person.pk}@erased.invalid"
    assert (admin_person.full_name, admin_person.is_active) == ("Erased", False)
    assert not silent.memberships.filter(left_at=None).exists()
    assert Comment.objects.get().text == "[erased]"
    assert Event.objects.filter(customer=silent).count() == events + 2
    assert events_verify(silent) == []
    assert removed(366) == {}


def test_without_a_warning_nothing_goes(silent, removed):
    assert "customers that never went live" not in removed(365)
    assert JobChange.objects.get().last_name == "Whitfield"
    assert "customers that never went live" not in removed(394)
    assert removed(395)["customers that never went live"] == 1


def test_a_warning_that_could_not_be_mailed_does_not_count(silent, removed, monkeypatch):
    def fails(*_args, **_kwargs):
        raise OSError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr("portal.unfinished.get_connection", fails)
        assert "warnings before that, mailed" not in removed(335)
    assert removed(336)["warnings before that, mailed"] == 1


def test_activity_after_the_warning_keeps_everything(silent, removed, clock, admin_person):
    removed(335)
    clock.move_to(START + datetime.timedelta(days=350))
    User.objects.filter(pk=admin_person.pk).update(last_login=timezone.now())
    assert "customers that never went live" not in removed(365)
    assert "customers that never went live" not in removed(350 + 334)
    assert removed(350 + 335)["warnings before that, mailed"] == 1


def test_one_customer_that_cannot_be_removed_now_keeps_nobody_else_back(silent, removed, clock):
    removed(335)
    Delivery.objects.update(state=Delivery.State.CLAIMED, claimed_by="worker")
    clock.move_to(START + datetime.timedelta(days=365))
    CustomerFactory(created_at=START, implementation_manager=silent.implementation_manager)
    counts = expired_remove()
    assert counts["customers that never went live"] == 0
    assert counts["warnings before that, mailed"] == 1
    assert JobChange.objects.get().last_name == "Whitfield"


def test_a_person_of_another_customer_too_is_kept(silent, removed, admin_person, other_customer):
    other_customer.memberships.create(user=admin_person, role="reviewer")
    other_customer.created_at = START + datetime.timedelta(days=300)
    other_customer.save()
    removed(335)
    removed(365)
    admin_person.refresh_from_db()
    assert admin_person.email == "priya.shah@northwind.example"
    assert admin_person.is_active


def test_a_customer_that_is_live_is_never_forgotten(clock, customer, manager, approver, removed):
    live(customer, manager, approver)
    customer.created_at = START
    customer.save()
    assert "warnings before that, mailed" not in removed(400)


def test_a_customer_whose_first_batch_was_stopped_keeps_what_production_got(
    clock, customer, manager, approver, removed
):
    live(customer, manager, approver)
    Batch.objects.filter(customer=customer).update(state=Batch.State.STOPPED, ended_at=None)
    customer.created_at = START
    customer.save()
    assert "warnings before that, mailed" not in removed(400)


# --- the command and the nightly task -------------------------------------------------------------


def test_the_command_says_how_much_of_each_kind_and_a_dry_run_removes_nothing(clock, customer):
    SignupLinkFactory(customer=customer, used_at=START)
    clock.move_to(START + datetime.timedelta(days=31))
    out = StringIO()
    call_command("purge_expired", "--dry-run", stdout=out)
    assert "1 sign-up links" in out.getvalue()
    assert "Nothing was removed" in out.getvalue()
    assert SignupLink.objects.count() == 1
    out = StringIO()
    call_command("purge_expired", stdout=out)
    assert "1 sign-up links" in out.getvalue()
    assert not SignupLink.objects.exists()


def test_a_dry_run_counts_all_that_a_run_removes(silent, removed, manager, approver):
    assert removed(335, dry_run=True) == removed(335)
    assert removed(365, dry_run=True).keys() == removed(365).keys()


def test_the_scheduler_does_it_every_night(clock, customer, settings):
    tasks = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert "portal.tasks.expired_purge" in tasks
    SignupLinkFactory(customer=customer, used_at=START - datetime.timedelta(days=31))
    expired_purge.delay()
    assert not SignupLink.objects.exists()


@pytest.mark.django_db
def test_old_rounds_of_checks_go_and_what_they_found_stays():
    epoch = ConnectionFactory().epoch
    with time_machine.travel(START, tick=False):
        old = CheckRun.objects.create(epoch=epoch, reason="asked", ended_at=timezone.now())
        CheckResult.objects.create(epoch=epoch, name="package", outcome="pass", run=old)
        ReportListing.objects.create(epoch=epoch)
    with time_machine.travel(START + datetime.timedelta(days=31), tick=False):
        CheckRun.objects.create(epoch=epoch, reason="asked", ended_at=timezone.now())
        removed = expired_remove()
    assert removed["rounds of checks and lists of reports"] == 2
    assert CheckRun.objects.count() == 1
    assert CheckResult.objects.get().run is None
    assert not ReportListing.objects.exists()
