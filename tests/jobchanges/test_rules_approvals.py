"""Rule 9: an approval is of exactly what was seen; whatever of it changes takes it back."""

import pytest
from django.utils import timezone

from jobchanges.models import (
    Attempt,
    Delivery,
    EnvironmentSettings,
    JobChange,
    OutputSettings,
    RecordWrite,
    Review,
    RunApproval,
    TestRun,
)
from jobchanges.services import test_run_approve as run_approve
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
    RecordWriteFactory,
    ReviewFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db

CHANGES = [
    (JobChange, {"content_hash": "0" * 64}),
    (Delivery, {"outcome": "enriched"}),
    (Attempt, {"plan_hash": "0" * 64}),
    (Attempt, {"errors": [{"code": "X"}]}),
    (RecordWrite, {"record_id": "003000000000999AAA"}),
    (RecordWrite, {"operation": "update"}),
    (RecordWrite, {"before": {"LastName": "Before"}}),
    (RecordWrite, {"sent": {"LastName": "Other"}}),
    (RecordWrite, {"stored": {"LastName": "Other"}}),
    (Review, {"comment": "Other words."}),
    (Review, {"category": "owner"}),
    (OutputSettings, {"record_mode": "always_lead"}),
    (OutputSettings, {"lead_source": "Other"}),
    (OutputSettings, {"contact_owner_rule": "default_owner"}),
    (OutputSettings, {"run_assignment_rules": True}),
    (OutputSettings, {"save_past_alerts": True}),
    (OutputSettings, {"lead_owner_rule": "round_robin"}),
    (OutputSettings, {"contact_owner_field": "SDR__c"}),
    (OutputSettings, {"lead_account_field": "Matched__c"}),
    (OutputSettings, {"update_past_record": False}),
    (OutputSettings, {"field_mapping": [{"target": "new_lead", "field": "Rating"}]}),
    (EnvironmentSettings, {"default_owner_id": "005000000000999AAA"}),
    (EnvironmentSettings, {"campaign_id": "701000000000999AAA"}),
    (EnvironmentSettings, {"campaign_status": "Responded"}),
]


@pytest.fixture
def approved_by_us(customer, manager):
    """Five job changes that both sides find right; our side has approved."""
    OutputSettingsFactory(customer=customer, contact_owner_rule="account_owner")
    EnvironmentSettingsFactory(customer=customer)
    run = TestRunFactory(
        customer=customer,
        epoch=ConnectionFactory(customer=customer).epoch,
        state=TestRun.State.REVIEW,
    )
    for _ in range(5):
        attempt = AttemptFactory(
            delivery=DeliveryFactory(
                test_run=run,
                state=Delivery.State.DELIVERED,
                outcome="created",
                attempts_made=1,
                released_at=timezone.now(),
            )
        )
        RecordWriteFactory(attempt=attempt)
        for side in ("customer", "vendor"):
            ReviewFactory(attempt=attempt, side=side)
    run_approve(test_run=run, side="vendor", by=manager)
    return run


def test_rule_9_the_second_approval_of_the_same_ends_the_run(approved_by_us, admin_person):
    run_approve(test_run=approved_by_us, side="customer", by=admin_person)
    approved_by_us.refresh_from_db()
    assert approved_by_us.state == TestRun.State.APPROVED


@pytest.mark.parametrize(
    ("model", "change"),
    CHANGES,
    ids=[f"{model.__name__}.{next(iter(change))}" for model, change in CHANGES],
)
def test_rule_9_an_approval_does_not_outlive_what_it_was_given_to(
    approved_by_us, admin_person, model, change
):
    model.objects.filter(pk=model.objects.first().pk).update(**change)
    run_approve(test_run=approved_by_us, side="customer", by=admin_person)
    approved_by_us.refresh_from_db()
    assert approved_by_us.state == TestRun.State.REVIEW
    assert [item.side for item in RunApproval.objects.all()] == ["customer"]


def test_rule_9_nor_the_person_who_found_it_right(approved_by_us, admin_person, reviewer):
    Review.objects.filter(pk=Review.objects.first().pk).update(by=reviewer)
    run_approve(test_run=approved_by_us, side="customer", by=admin_person)
    approved_by_us.refresh_from_db()
    assert approved_by_us.state == TestRun.State.REVIEW
