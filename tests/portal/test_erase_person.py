"""A person is erased by e-mail address: values go, keys, ids and hashes stay."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Event
from accounts.selectors import events_verify
from accounts.services import note_add
from jobchanges.models import (
    Comment,
    Delivery,
    ImportRow,
    JobChange,
    PersonKey,
    RecordWrite,
    Review,
    RunApproval,
)
from jobchanges.planning import Matches, plan_make
from jobchanges.planning.types import JobChangeData
from jobchanges.services import imports_read
from jobchanges.services.approvals import run_content
from tests.factories import (
    AttemptFactory,
    CommentFactory,
    DeliveryFactory,
    ImportRowFactory,
    JobChangeFactory,
    RecordWriteFactory,
    ReviewFactory,
    RunApprovalFactory,
    TestRunFactory,
)
from tests.jobchanges import planning_world

SECRETS = ("Dana", "Whitfield", "dana@", "oldco.example", "newco.example", "VP Sales", "+1 555")
VALUES = {"LastName": "Whitfield", "Email": "dana@newco.example", "Title": "VP Sales"}
PLAN = {
    "writes": [
        {
            "role": "person",
            "object_name": "Contact",
            "operation": "create",
            "record_id": None,
            "reference": "person",
            "fields": VALUES,
            "before": {"Title": "VP Sales"},
            "headers": {},
        }
    ],
    "outcome": "created",
    "held_reason": "",
    "explanations": ["No record of Dana Whitfield was found."],
    "branches": ["new_contact"],
}


@pytest.fixture
def dana(customer):
    """Delivered in an approved run, with everything that says her name."""
    job_change = JobChangeFactory(
        customer=customer,
        key="jc-777",
        first_name="Dana",
        last_name="Whitfield",
        past_email="dana@oldco.example",
        new_email="Dana@newco.example",
        phone="+1 555 0100",
    )
    run = TestRunFactory(customer=customer, state="approved", sent_at=timezone.now())
    delivery = DeliveryFactory(
        test_run=run,
        job_change=job_change,
        state=Delivery.State.DELIVERED,
        outcome="created",
        plan=PLAN,
        plan_hash="p" * 64,
        display={"names": {"003": "Dana Whitfield"}},
    )
    error = {"code": "DUPLICATE_VALUE", "message": "dana@newco.example is taken", "sentence": "X"}
    attempt = AttemptFactory(
        delivery=delivery,
        plan=PLAN,
        plan_hash="p" * 64,
        display=delivery.display,
        errors=[error],
        held_reason="Dana stands in two records.",
    )
    RecordWriteFactory(
        attempt=attempt,
        record_id="003000000000001AAA",
        before={"Title": "VP Sales"},
        sent=VALUES,
        stored=VALUES,
        settled=VALUES,
        names={"003000000000001AAA": "Dana Whitfield"},
    )
    CommentFactory(delivery=delivery, text="Is Dana the right one?")
    CommentFactory(delivery=delivery, text="The phone is missing.")
    ReviewFactory(attempt=attempt, comment="Whitfield has left again")
    RunApprovalFactory(test_run=run, content=run_content(run), content_hash="a" * 64)
    ImportRowFactory(run__customer=customer, job_change=job_change, reasons=["kind is “Dana”"])
    return job_change


def erase(email="DANA@newco.example"):
    out = StringIO()
    call_command("erase_person", "--customer", "northwind", "--email", email, stdout=out)
    return out.getvalue()


def everything():
    """Every row of the floors that hold people, as text."""
    rows = []
    for model in apps.get_app_config("jobchanges").get_models():
        rows += [json.dumps(row, default=str) for row in model.objects.values()]
    rows += [json.dumps(row, default=str) for row in Event.objects.values()]
    return "\n".join(rows)


@pytest.mark.parametrize("email", ["DANA@newco.example", "dana@oldco.example"])
def test_nothing_says_the_name_or_the_address_any_more(dana, email):
    assert "Erased from 1 job change(s)" in erase(email)
    text = everything()
    assert [secret for secret in SECRETS if secret.casefold() in text.casefold()] == []
    assert not PersonKey.objects.exists()


def test_keys_ids_and_hashes_stay(dana, customer):
    before = (dana.key, dana.content_hash, dana.detected_at)
    erase()
    dana.refresh_from_db()
    assert (dana.key, dana.content_hash, dana.detected_at) == before
    write = RecordWrite.objects.get()
    assert (write.record_id, write.object_name, write.operation) == (
        "003000000000001AAA",
        "Contact",
        "create",
    )
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.outcome, delivery.plan_hash) == (
        "delivered",
        "created",
        "p" * 64,
    )
    assert RunApproval.objects.get().content_hash == "a" * 64
    assert RunApproval.objects.get().content["deliveries"][0]["key"] == delivery.delivery_key
    assert ImportRow.objects.get().job_change_id == dana.pk
    assert Comment.objects.filter(text="The phone is missing.").exists()
    assert Review.objects.get().verdict == "right"


def test_there_is_one_event_without_personal_data_and_the_chain_holds(dana, customer):
    erase()
    event = Event.objects.get(action="job_changes.erased")
    assert event.data == {"job_changes": ["jc-777"]}
    assert events_verify(customer) == []


def test_erasing_again_changes_and_records_nothing(dana):
    erase()
    assert "No job change of this customer has this address" in erase()
    assert Event.objects.filter(action="job_changes.erased").count() == 1


def test_other_people_and_other_customers_keep_theirs(dana, customer, other_customer):
    other = JobChangeFactory(customer=customer, new_email="other@newco.example")
    theirs = JobChangeFactory(customer=other_customer, new_email="dana@newco.example")
    erase()
    for kept in (other, theirs):
        kept.refresh_from_db()
        assert kept.last_name


def test_who_is_being_sent_this_moment_is_erased_a_little_later(dana):
    Delivery.objects.update(state=Delivery.State.CLAIMED)
    with pytest.raises(CommandError, match="being sent to Salesforce right now") as raised:
        erase()
    assert raised.value.returncode == 2
    assert JobChange.objects.get().last_name == "Whitfield"


def test_records_are_not_read_again_later(dana):
    RecordWrite.objects.update(settled_at=None, settle_due_at=timezone.now())
    erase()
    write = RecordWrite.objects.get()
    assert write.settled_at is not None
    assert write.settle_due_at is None


def test_the_same_file_does_not_bring_the_person_back(customer):
    header = (
        "id,kind,first_name,last_name,past_email,past_company_name,relationship_type,detected_at"
    )
    header += ",new_email,new_company_name"
    row = "jc-1,joined,Dana,Whitfield,dana@oldco.example,Oldco,Customer,2026-04-01T00:00:00Z"
    file = f"{header}\n{row},dana@newco.example,Newco\n".encode()
    imports_read(customer=customer, file_name="x.csv", content=file, by=None)
    erase("dana@oldco.example")
    run = imports_read(customer=customer, file_name="x.csv", content=file, by=None)
    assert (run.rows_added, run.rows_unchanged) == (0, 1)
    assert JobChange.objects.get().last_name == ""


def test_what_still_waits_is_held_with_the_reason_and_counts_as_nobodys_failure(dana):
    erase()
    dana.refresh_from_db()
    plan = plan_make(JobChangeData.of(dana), planning_world.settings(), Matches())
    assert plan.held_reason == ("This person’s data were erased on request, so nothing is written.")
    assert (plan.held_code, plan.writes) == ("", ())


def test_the_pages_of_the_run_still_open(dana, customer, manager, admin_person, signed_in):
    erase()
    run = TestRunFactory._meta.model.objects.get()
    for person, path in (
        (admin_person, f"/test-runs/{run.pk}/"),
        (manager, f"/admin/jobchanges/testrun/{run.pk}/change/"),
    ):
        assert signed_in(person).get(path, follow=True).status_code == 200


def test_an_unknown_customer_is_said(db):
    with pytest.raises(CommandError, match="There is no customer"):
        call_command("erase_person", "--customer", "nobody", "--email", "x@y.example")


def test_internal_notes_name_them_no_more_and_keep_the_rest(dana, customer, manager):
    text = "DANA WHITFIELD (dana@newco.example, +1 555 0100): Danae Fields knows her."
    note = note_add(customer=customer, text=text, by=manager)
    call_command(
        "erase_person", customer=customer.slug, email="dana@oldco.example", stdout=StringIO()
    )
    note.refresh_from_db()
    assert note.text == "[…] ([…], […]): Danae Fields knows her."
