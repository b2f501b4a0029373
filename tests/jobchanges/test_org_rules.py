"""Assignment and duplicate rules of the org: they do what the customer chose, and nothing else."""

import pytest

from jobchanges.models import Delivery, OutputSettings

AMY = "0057z000000001jAAA"


def owner_of_the_lead(sandbox, delivery):
    write = delivery.attempts.get().writes.get(object_name="Lead", operation="create")
    return sandbox.record(write.record_id, "Lead")["OwnerId"]


@pytest.fixture
def lead_run(sandbox):
    """Five people who become leads, ready to be sent."""
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="always_lead")
    return lambda: sandbox.delivered_run()


def test_new_leads_keep_the_owner_that_was_shown(sandbox, lead_run):
    sandbox.rehearsal.configure(sandbox.org, "assignment-rule")
    deliveries = list(lead_run().deliveries.all())
    owners = {owner_of_the_lead(sandbox, delivery) for delivery in deliveries}
    assert AMY not in owners
    assert len(owners) == 1


def test_the_customers_assignment_rules_run_when_it_says_so(sandbox, lead_run):
    sandbox.rehearsal.configure(sandbox.org, "assignment-rule")
    OutputSettings.objects.filter(customer=sandbox.customer).update(run_assignment_rules=True)
    deliveries = list(lead_run().deliveries.all())
    assert {owner_of_the_lead(sandbox, delivery) for delivery in deliveries} == {AMY}


@pytest.fixture
def alerted(sandbox):
    """A job change whose lead a duplicate rule alerts about: the company has a lead already."""
    sandbox.rehearsal.configure(sandbox.org, "duplicate-alert")
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="always_lead")
    known = next(
        row
        for row in sandbox.records("Lead", fields="Id,Company,IsDeleted,IsConverted")
        if not row["IsConverted"]
    )
    job_change = sandbox.job_change(new_company_name=known["Company"])
    return lambda: sandbox.delivered_run(
        [job_change, *(sandbox.job_change() for _ in range(4))]
    ).deliveries.get(job_change=job_change)


def test_what_a_duplicate_rule_alerts_about_is_refused_with_the_orgs_reason(sandbox, alerted):
    delivery = alerted()
    assert delivery.state == Delivery.State.REFUSED
    assert delivery.attempts.get().errors[0]["code"] == "DUPLICATES_DETECTED"
    keys = sandbox.delivery_keys()
    assert len(keys) == 4
    assert not any(key.startswith(delivery.job_change.key) for key in keys)


def test_it_is_saved_when_the_customer_says_so(sandbox, alerted):
    OutputSettings.objects.filter(customer=sandbox.customer).update(save_past_alerts=True)
    delivery = alerted()
    assert delivery.state == Delivery.State.DELIVERED
