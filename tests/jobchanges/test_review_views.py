"""What pages are given of a run: words, differences explained, a constant number of queries."""

import datetime

import pytest
from django.utils import timezone

from jobchanges.models import Attempt, Delivery, Side, TestRun
from jobchanges.selectors import test_run_deliveries as run_deliveries
from tests.factories import (
    AttemptFactory,
    CommentFactory,
    ConnectionFactory,
    DeliveryFactory,
    RecordWriteFactory,
    ReviewFactory,
    TestRunFactory,
    UserFactory,
)

State = Delivery.State
OWNER, QUEUE = "0057z000000001cAAA", "00G7z000000001cEAA"


@pytest.fixture
def run(customer):
    connection = ConnectionFactory(customer=customer)
    return TestRunFactory(customer=customer, epoch=connection.epoch, state=TestRun.State.REVIEW)


@pytest.fixture
def delivered(run):
    """Makes a delivered job change with one record."""

    def make(**write):
        delivery = DeliveryFactory(
            test_run=run, state=State.DELIVERED, attempts_made=1, released_at=timezone.now()
        )
        attempt = AttemptFactory(
            delivery=delivery, display={"labels": {"Lead": {"OwnerId": "Owner ID"}}}
        )
        RecordWriteFactory(
            attempt=attempt,
            **{"object_name": "Lead", "record_id": "00Q7z0000010000EAA"} | write,
        )
        return delivery

    return make


def row_of(run, name):
    (view,) = run_deliveries(run)
    (tab,) = view.tabs
    return next(row for row in tab.rows if row.name == name)


def test_ids_read_as_names_and_a_later_change_says_by_whom(run, delivered):
    saved = timezone.now()
    delivered(
        sent={"OwnerId": OWNER},
        stored={"OwnerId": OWNER},
        settled={"OwnerId": QUEUE},
        names={OWNER: "Dana Cole", QUEUE: "Web Queue"},
        stored_at=saved,
        settled_at=saved,
        changed_by="Automated Process",
        changed_at=saved + datetime.timedelta(seconds=40),
    )
    row = row_of(run, "OwnerId")
    assert (row.label, row.sent, row.stored, row.settled) == (
        "Owner",
        "Dana Cole",
        "Dana Cole",
        "Web Queue",
    )
    assert row.changed
    assert row.why == (
        "Dana Cole when saved. Changed 40 s later by Automated Process, likely an assignment "
        "rule or flow."
    )


@pytest.mark.parametrize(
    ("sent", "stored", "changed", "words"),
    [
        ("VP Sales", "VP Sales", False, ""),
        ("VP Revenue Operations", "VP Revenue", True, "cut it"),
        ("VP Sales", None, True, "stored nothing"),
        ("VP Sales", "Director", True, "likely by a flow"),
        ("Dana@Newco.example", "dana@newco.example", False, "spelling"),
        (3, 3.0, False, ""),
        ("2026-04-01T18:39:00Z", "2026-04-01T18:39:00.000+0000", False, ""),
        ("", None, False, ""),
        (True, False, True, "likely by a flow"),
    ],
)
def test_differences_are_explained(run, delivered, sent, stored, changed, words):
    delivered(sent={"Title": sent}, stored={"Title": stored})
    row = row_of(run, "Title")
    assert row.changed is changed
    assert words in row.why


def test_what_the_org_filled_in_by_itself_is_shown_as_such(run, delivered):
    delivered(sent={"LastName": "Cole"}, stored={"LastName": "Cole", "Status": "Open"})
    row = row_of(run, "Status")
    assert (row.sent, row.stored, row.changed) == ("", "Open", False)
    assert "org filled in" in row.why


def test_a_record_is_named_and_linked(run, delivered):
    delivered()
    (view,) = run_deliveries(run)
    (tab,) = view.tabs
    assert tab.label == "New lead"
    assert tab.url == f"{run.epoch.instance_url}/00Q7z0000010000EAA"


def test_a_refusal_keeps_salesforces_words_and_ours(run):
    delivery = DeliveryFactory(
        test_run=run, state=State.REFUSED, attempts_made=1, released_at=timezone.now()
    )
    AttemptFactory(
        delivery=delivery,
        outcome=Attempt.Outcome.REFUSED,
        errors=[
            {
                "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                "message": "Industry is required on new accounts.",
                "sentence": "A validation rule of the org refused it.",
                "who": "Your administrator",
                "where": "Setup → Object Manager",
                "fields": [],
                "role": "account",
                "object_name": "Account",
                "operation": "create",
            }
        ],
    )
    (view,) = run_deliveries(run)
    assert (view.chip.word, view.chip.tint) == ("Salesforce refused it", "bad")
    (error,) = view.errors
    assert error.message == "Industry is required on new accounts."
    assert error.record == "New account"
    assert view.may_send_again
    assert view.reviewable
    assert not view.may_be_right


def test_each_side_reads_whose_turn_it_is(run, delivered):
    delivery = delivered()
    (view,) = run_deliveries(run)
    assert view.chip_customer.word == view.chip_vendor.word == "Your turn"
    maya = UserFactory(full_name="Maya Rao", email="maya@usergems.example")
    ReviewFactory(attempt=delivery.attempts.get(), side=Side.VENDOR, by=maya)
    (view,) = run_deliveries(run)
    assert view.chip_customer.word == "Your turn"
    assert view.chip_vendor.word == "Looks right to you, waiting for the customer"
    ReviewFactory(attempt=delivery.attempts.get(), side=Side.CUSTOMER)
    (view,) = run_deliveries(run)
    assert view.chip_customer.word == "You and Maya agree"
    assert view.agreed


def test_the_preview_shows_what_will_be_written_and_what_is_there(run):
    TestRun.objects.update(state=TestRun.State.DRAFT)
    DeliveryFactory(
        test_run=run,
        plan={
            "writes": [
                {
                    "role": "past_person",
                    "object_name": "Contact",
                    "operation": "update",
                    "record_id": "0037z00000002DBAAY",
                    "fields": {"UserGem__NoLongerAtCompany__c": True},
                    "before": {"UserGem__NoLongerAtCompany__c": False},
                },
                {
                    "role": "campaign_member",
                    "object_name": "CampaignMember",
                    "operation": "create",
                    "record_id": None,
                    "fields": {"ContactId": {"ref": "person"}},
                    "before": {},
                },
            ],
            "outcome": "created",
            "explanations": ["Same e-mail."],
            "branches": ["past_contact"],
        },
    )
    run.refresh_from_db()
    (view,) = run_deliveries(run)
    past, member = view.planned
    assert past.label == "Past contact"
    assert (past.rows[0].sent, past.rows[0].before) == ("Yes", "No")
    assert member.rows[0].sent == view.person_name
    assert view.chip.word == "Not sent yet"
    assert view.explanations == ["Same e-mail."]


def test_a_run_costs_the_same_queries_however_many_it_has(
    run, delivered, django_assert_num_queries
):
    for _ in range(2):
        delivery = delivered()
        ReviewFactory(attempt=delivery.attempts.get())
        CommentFactory(delivery=delivery)
    with django_assert_num_queries(5):
        run_deliveries(run)
    for _ in range(6):
        delivery = delivered()
        ReviewFactory(attempt=delivery.attempts.get())
        CommentFactory(delivery=delivery)
    with django_assert_num_queries(5):
        run_deliveries(run)
