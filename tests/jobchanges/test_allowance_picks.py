"""Who may be in a production test; and what a batch makes of a test that has ended."""

import pytest
from django.utils import timezone

from accounts.hashing import content_hash
from jobchanges import gates
from jobchanges.delivery.fingerprint import fingerprints
from jobchanges.models import Batch, Delivery, JobChange, TestRun
from jobchanges.selectors import candidates, run_standing
from jobchanges.selectors import test_run_deliveries as run_deliveries
from jobchanges.selectors.candidates import tried_in_sandbox, tried_may_fill
from jobchanges.selectors.owners import owners_of
from jobchanges.services import TestRunError as RunError
from jobchanges.services import delivery_send_again as send_again
from jobchanges.services import test_run_create as run_create
from jobchanges.services import test_run_offer as run_offer
from jobchanges.services import test_run_picks_change as picks_change
from jobchanges.services import test_run_send as run_send
from jobchanges.services.approvals import approvals_withdraw, run_content
from tests.factories import (
    AllowanceFactory,
    AttemptFactory,
    BatchFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    ReviewFactory,
    RunApprovalFactory,
    TestRunFactory,
)

State = Delivery.State
pytestmark = pytest.mark.django_db


def person(customer, number: int, **values) -> JobChange:
    """Somebody of their own, with companies of their own."""
    words = {
        "first_name": f"Ada{chr(65 + number)}",
        "last_name": f"Lovelace{chr(65 + number)}",
        "past_company_name": f"Past Works {chr(65 + number) * 3}",
        "new_company_name": f"New Works {chr(65 + number) * 3}",
        "new_company_domain": f"new{number}.example",
        "new_company_website": "",
    }
    return JobChangeFactory(customer=customer, **words | values)


@pytest.fixture
def people(customer):
    return [person(customer, number) for number in range(8)]


@pytest.fixture
def production(customer):
    return ConnectionFactory(customer=customer, environment="production")


def tried(job_change, customer) -> Delivery:
    """It was sent to the sandbox once."""
    run = TestRun.objects.filter(environment="sandbox").first() or TestRunFactory(
        customer=customer, state=TestRun.State.APPROVED
    )
    delivery = DeliveryFactory(job_change=job_change, test_run=run, state=State.DELIVERED)
    AttemptFactory(delivery=delivery)
    return delivery


def create(customer, job_changes, environment="production"):
    return run_create(
        customer=customer,
        environment=environment,
        job_changes=job_changes,
        by=customer.implementation_manager,
    )


def test_rule_4_nobody_tried_in_the_sandbox_is_among_the_candidates(customer, production, people):
    for job_change in people[:3]:
        tried(job_change, customer)
    assert set(candidates(customer, "production")) == set(people[3:])
    assert tried_in_sandbox(item.pk for item in people) == {item.pk for item in people[:3]}
    with pytest.raises(RunError, match="Not free to be tested"):
        create(customer, people[:5])


def test_rule_4_another_job_change_of_somebody_tried_in_the_sandbox_is_no_candidate(
    customer, production, people
):
    tried(people[0], customer)
    again = person(customer, 20, past_email=people[0].new_email.upper())
    assert again not in candidates(customer, "production")
    assert again in candidates(customer, "sandbox")
    assert tried_in_sandbox([again.pk, people[1].pk]) == {again.pk}


def test_somebody_tried_at_another_customer_is_a_candidate(customer, other_customer, production):
    theirs = person(other_customer, 1)
    tried(theirs, other_customer)
    ours = person(customer, 1, past_email=theirs.past_email, new_email=theirs.new_email)
    assert ours in candidates(customer, "production")


def test_an_erased_person_is_no_candidate_and_does_not_count_as_left(customer, production, people):
    erased = people[0]
    JobChange.objects.filter(pk=erased.pk).update(first_name="", last_name="", new_email="")
    assert erased not in candidates(customer, "production")
    JobChange.objects.exclude(pk__in=[one.pk for one in people[:5]]).delete()
    assert tried_may_fill(customer)


def test_picked_for_the_sandbox_and_never_sent_is_not_tried(customer, production, people):
    DeliveryFactory(job_change=people[0], test_run=TestRunFactory(customer=customer))
    assert people[0] in candidates(customer, "production")


def test_what_production_refused_was_not_tried_in_the_sandbox(customer, production, people):
    run = TestRunFactory(
        customer=customer,
        environment="production",
        epoch=production.epoch,
        state=TestRun.State.CLOSED,
    )
    refused = DeliveryFactory(
        job_change=people[0], test_run=run, epoch=production.epoch, state=State.REFUSED
    )
    AttemptFactory(delivery=refused)
    assert people[0] in candidates(customer, "production")
    assert tried_in_sandbox([people[0].pk]) == set()


def test_rule_1_what_was_allowed_in_another_run_is_not_allowed_in_this_one(
    customer, production, people
):
    closed = TestRunFactory(
        customer=customer,
        environment="production",
        epoch=production.epoch,
        state=TestRun.State.CLOSED,
    )
    refused = DeliveryFactory(
        job_change=people[0],
        test_run=closed,
        epoch=production.epoch,
        state=State.REFUSED,
        allowance=AllowanceFactory(test_run=closed),
        expected_plan_hash="b" * 64,
    )
    create(customer, people[:5])
    refused.refresh_from_db()
    assert refused.test_run != closed
    assert (refused.allowance, refused.expected_plan_hash) == (None, "")


def test_fewer_than_five_untried_are_filled_up_with_tried_ones(customer, production, people):
    for job_change in people[:4]:
        tried(job_change, customer)
    assert tried_may_fill(customer)
    assert set(candidates(customer, "production")) == set(people)
    assert create(customer, people[3:])


def test_what_a_draft_holds_counts_as_left(customer, production, people):
    for job_change in people[:3]:
        tried(job_change, customer)
    create(customer, people[3:])
    assert not tried_may_fill(customer)
    assert not candidates(customer, "production").exists()


def test_what_is_in_a_batch_is_no_candidate(customer, production, people):
    batch = BatchFactory(customer=customer, epoch=production.epoch)
    DeliveryFactory(
        job_change=people[0],
        test_run=None,
        epoch=production.epoch,
        batch=batch,
        state=State.REFUSED,
    )
    assert people[0] not in candidates(customer, "production")


@pytest.mark.parametrize(
    "shared",
    [
        {"linkedin_url": "https://www.linkedin.com/in/ada"},
        {"past_email": "ada@analytical.example"},
        {"past_contact_id": "0037z00000002DBAAY"},
        {"past_lead_id": "00Q7z00000002LAEAY"},
    ],
)
def test_two_of_one_person_or_past_record_are_not_in_one_production_test(
    customer, production, people, shared
):
    JobChange.objects.filter(pk__in=[people[0].pk, people[1].pk]).update(**shared)
    picks = list(JobChange.objects.filter(pk__in=[item.pk for item in people[:6]]))
    with pytest.raises(RunError) as refused:
        create(customer, picks)
    assert people[0].person_name in refused.value.sentence
    assert people[1].person_name in refused.value.sentence
    run = create(customer, picks[1:])
    with pytest.raises(RunError, match="same person or the same past record"):
        picks_change(test_run=run, job_changes=picks, by=customer.implementation_manager)


def test_two_who_join_one_company_may_be_in_one_production_test(customer, production, people):
    people[0].new_company_name = people[1].new_company_name = "Globex"
    JobChange.objects.bulk_update(people[:2], ["new_company_name"])
    assert create(customer, people[:5])


def test_two_plans_for_one_record_are_not_offered(customer, production, people):
    run = create(customer, people[:5])
    write = {
        "role": "past_person",
        "object_name": "Contact",
        "operation": "update",
        "record_id": "003000000000001AAA",
        "fields": {"UserGem__NoLongerAtCompany__c": True},
        "before": {},
        "headers": {},
    }
    run.deliveries.update(plan={"writes": [write], "outcome": "past_only"}, plan_hash="a" * 64)
    TestRun.objects.update(planned_at=timezone.now(), plan_requested_at=None)
    with pytest.raises(RunError, match="would write to the same record"):
        run_offer(test_run=run, by=customer.implementation_manager)


@pytest.mark.parametrize("count", [4, 11])
def test_rule_2_a_production_test_has_five_to_ten(customer, production, count):
    people = [person(customer, number) for number in range(12)]
    with pytest.raises(RunError, match="5 to 10"):
        create(customer, people[:count])
    run = TestRunFactory(
        customer=customer,
        environment="production",
        epoch=production.epoch,
        planned_at=timezone.now(),
    )
    for job_change in people[:count]:
        DeliveryFactory(test_run=run, job_change=job_change, plan_hash="a" * 64)
    with pytest.raises(RunError, match="5 to 10"):
        run_offer(test_run=run, by=customer.implementation_manager)
    with pytest.raises(RunError, match="5 to 10"):
        run_send(test_run=run, by=customer.implementation_manager)


def test_rule_2_one_open_production_test(customer, production, people):
    create(customer, people[:5])
    with pytest.raises(RunError, match="Not free to be tested"):
        create(customer, people[:5])
    more = [person(customer, number) for number in range(12, 17)]
    with pytest.raises(RunError, match="already has an open test run"):
        create(customer, more)


@pytest.fixture
def closed_sandbox(monkeypatch):
    """The floor above says no."""
    monkeypatch.setattr(gates.sandbox_gate, "receivers", [])

    def no(customer, **_kwargs):
        return f"{customer} is being signed."

    gates.sandbox_gate.connect(no, weak=False)


def test_nothing_goes_to_the_sandbox_while_the_gate_says_no(customer, closed_sandbox, people):
    ConnectionFactory(customer=customer)
    run = create(customer, people[:5], "sandbox")
    TestRun.objects.update(planned_at=timezone.now())
    run.deliveries.update(plan_hash="a" * 64)
    with pytest.raises(RunError, match="Northwind Traders is being signed"):
        run_send(test_run=run, by=customer.implementation_manager)
    delivery = run.deliveries.first()
    with pytest.raises(RunError, match="Northwind Traders is being signed"):
        send_again(delivery=delivery, by=customer.implementation_manager)


def test_the_sandboxs_gate_does_not_stop_production(customer, production, closed_sandbox, people):
    run = create(customer, people[:5])
    with pytest.raises(RunError, match="preview is not ready"):
        run_send(test_run=run, by=customer.implementation_manager)


def test_owners_are_counted_over_everything_that_is_created():
    def created(object_name, owner):
        return {
            "operation": "create",
            "object_name": object_name,
            "fields": {"OwnerId": owner, "LastName": "X"},
        }

    enriched = {"operation": "update", "object_name": "Lead", "fields": {"Title": "VP"}}
    handed_over = created("Contact", "005C") | {"operation": "update"}
    plans = [
        {"writes": [created("Account", "005B"), created("Contact", "005A"), enriched]},
        {"writes": [created("Lead", "005A"), handed_over]},
        {},
    ]
    lines = owners_of(plans, {"005A": "Olga Owner"})
    assert [(line.name, line.contacts, line.leads, line.accounts) for line in lines] == [
        ("Olga Owner", 1, 1, 0),
        ("005B", 0, 0, 1),
        ("005C", 1, 0, 0),
    ]


# What a batch makes of an approved test ---------------------------------------------------------


@pytest.fixture
def approved(customer, production, people):
    """Five delivered, one refused and set aside; approved by both sides; then a batch sends it."""
    run = TestRunFactory(
        customer=customer,
        environment="production",
        epoch=production.epoch,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
    )
    for number, job_change in enumerate(people[:6]):
        state = State.REFUSED if number == 5 else State.DELIVERED
        delivery = DeliveryFactory(
            test_run=run,
            job_change=job_change,
            state=state,
            released_at=timezone.now(),
            attempts_made=1,
        )
        attempt = AttemptFactory(delivery=delivery, outcome=state)
        verdict = "set_aside" if number == 5 else "right"
        for side in ("customer", "vendor"):
            ReviewFactory(attempt=attempt, side=side, verdict=verdict)
    content = run_content(run)
    RunApprovalFactory(test_run=run, content=content, content_hash=content_hash(content))
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.APPROVED, ended_at=timezone.now())
    run.refresh_from_db()
    return run


@pytest.fixture
def batched(approved, customer):
    """The refused one joined the batch, which is sending it."""
    batch = BatchFactory(customer=customer, epoch=approved.epoch)
    delivery = approved.deliveries.get(state=State.REFUSED)
    Delivery.objects.filter(pk=delivery.pk).update(
        batch=batch, state=State.CLAIMED, attempts_made=2
    )
    AttemptFactory(delivery=delivery, number=2, outcome="")
    delivery.refresh_from_db()
    return delivery


def test_an_approval_stays_when_a_refused_one_joins_the_batch(approved, batched, manager):
    assert approvals_withdraw(approved, by=manager) == 0
    assert approved.approvals.count() == 1


def test_an_approved_test_shows_what_it_was_not_what_the_batch_does(approved, batched):
    view = next(view for view in run_deliveries(approved) if view.pk == batched.pk)
    assert (view.state, view.chip.word, view.in_flight) == (
        "refused",
        "Salesforce refused it",
        False,
    )
    assert view.sentence == "It went on with the first batch, which says what became of it."
    Batch.objects.filter(pk=batched.batch_id).update(number=3)
    view = next(view for view in run_deliveries(approved) if view.pk == batched.pk)
    assert view.sentence == "It went on with batch 3, which says what became of it."
    assert [attempt.number for attempt in view.attempts] == [1]
    assert not view.may_send_again


def test_what_waits_in_an_ended_test_is_in_no_batch_and_says_so(approved):
    """It came back untried when the test was ended; or a clean-up removed it."""
    delivery = approved.deliveries.get(state=State.REFUSED)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.WAITING)
    view = next(view for view in run_deliveries(approved) if view.pk == delivery.pk)
    assert "batch" not in view.sentence


def test_an_approved_test_stays_agreed_on(approved, batched):
    standing = run_standing(approved)
    assert (standing.agreed, standing.right, standing.set_aside) == (6, 5, 1)


def test_an_account_whose_id_is_not_known_stands_for_no_empty_value(customer, production, people):
    run = TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    maker, other = (
        DeliveryFactory(job_change=job_change, test_run=run) for job_change in people[:2]
    )
    write = {
        "role": "person",
        "object_name": "Lead",
        "operation": "create",
        "record_id": None,
        "fields": {"LastName": "Lovelace", "Phone": ""},
        "before": {},
    }
    other.plan = {"writes": [write]}
    before = fingerprints([other])
    RecordWriteFactory(
        attempt=AttemptFactory(delivery=maker),
        role="account",
        object_name="Account",
        record_id="",
    )
    assert fingerprints([other]) == before
