"""Which of a claimed group come too late: one question for all, the same answer as one by one."""

import datetime
import importlib

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobchanges.delivery.conflicts import person_keys
from jobchanges.delivery.overtaken import overtaken_of
from jobchanges.models import Delivery, JobChange, PersonKey, TestRun
from jobchanges.person_keys import person_hashes
from jobchanges.services import imports_read
from tests.factories import DeliveryFactory, JobChangeFactory, TestRunFactory
from tests.jobchanges.import_files import csv_file, row

State = Delivery.State
DAY = datetime.timedelta(days=1)


def reference(delivery, others):
    """The rule in plain words: the latest later one that shares a key and is in the org."""
    keys = person_keys(delivery.job_change)
    later = [
        other.job_change
        for other in others
        if other.state == State.DELIVERED
        and other.org_id == delivery.org_id
        and other.job_change.customer_id == delivery.job_change.customer_id
        and other.job_change.detected_at > delivery.job_change.detected_at
        and not keys.isdisjoint(person_keys(other.job_change))
    ]
    return max(((one.detected_at, one.pk, one.key) for one in later), default=None)


people = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(["Ana", "ANA", "Àna", "José", ""]),
        "last_name": st.sampled_from(["Costa", "costa", "Nuñez", "Ana"]),
        "past_email": st.sampled_from(["", "ana@one.example", "Ana@One.example"]),
        "new_email": st.sampled_from(["", "ana@one.example", "ana@two.example"]),
        "past_company_name": st.sampled_from(["One", "One, Inc.", "Two"]),
        "new_company_name": st.sampled_from(["", "One Ltd", "The Two", "Three"]),
        "linkedin_url": st.sampled_from(
            ["", "https://www.linkedin.com/in/ana", "linkedin.com/in/ana/?x=1", "/in/other"]
        ),
        "state": st.sampled_from([State.CLAIMED, State.DELIVERED, State.HELD]),
        "day": st.integers(0, 4),
        "other_org": st.booleans(),
    }
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(people, min_size=2, max_size=8))
def test_the_answer_for_a_group_is_that_of_the_rule_for_each(customer, rows):
    now = timezone.now()
    with transaction.atomic():
        run = TestRunFactory(customer=customer, state=TestRun.State.SENDING)
        deliveries = [
            DeliveryFactory(
                test_run=run,
                state=values["state"],
                org_id="00D000000000777MAA" if values["other_org"] else run.epoch.org_id,
                job_change=JobChangeFactory(
                    customer=customer,
                    detected_at=now - DAY * values["day"],
                    **{
                        name: value
                        for name, value in values.items()
                        if name not in ("state", "day", "other_org")
                    },
                ),
            )
            for values in rows
        ]
        late = overtaken_of(deliveries)
        expected = {item.pk: reference(item, deliveries) for item in deliveries}
        transaction.set_rollback(True)
    assert set(late) == {pk for pk, latest in expected.items() if latest}
    for pk, sentence in late.items():
        assert expected[pk][2] in sentence


def test_another_customers_job_change_overtakes_nothing(customer, other_customer):
    run = TestRunFactory(customer=customer)
    early = DeliveryFactory(
        test_run=run, job_change=JobChangeFactory(customer=customer, new_email="a@b.example")
    )
    DeliveryFactory(
        test_run=run,
        state=State.DELIVERED,
        job_change=JobChangeFactory(customer=other_customer, new_email="a@b.example"),
    )
    assert overtaken_of([early]) == {}


def test_no_deliveries_ask_nothing():
    assert overtaken_of([]) == {}


@pytest.mark.parametrize("size", [1, 40])
def test_a_group_of_any_size_is_one_query(customer, size, django_assert_num_queries):
    run = TestRunFactory(customer=customer)
    for _ in range(size):
        DeliveryFactory(test_run=run)
    group = list(Delivery.objects.select_related("job_change"))
    with django_assert_num_queries(1):
        overtaken_of(group)


def test_the_question_is_answered_from_the_index(customer):
    keys = PersonKey.objects.filter(customer=customer, key__in=["a" * 64])
    if connection.vendor == "sqlite":
        assert "person_key_of_customer" in keys.order_by().explain()
    assert "person_key_of_customer" in [index.name for index in PersonKey._meta.indexes]


def test_an_import_stores_the_keys_of_what_it_adds_once(customer, manager):
    content = csv_file(row("jc-1"), row("jc-2", last_name="Other")).encode()
    for _ in range(2):
        imports_read(customer=customer, file_name="a.csv", content=content, by=manager)
    assert JobChange.objects.count() == 2
    for job_change in JobChange.objects.all():
        stored = {item.key for item in job_change.person_keys.all()}
        assert stored == person_hashes(job_change)
        assert {item.customer_id for item in job_change.person_keys.all()} == {customer.pk}


def test_a_key_longer_than_any_column_is_stored(customer):
    job_change = JobChangeFactory(
        customer=customer, last_name="ﷺ" * 100, past_company_name="ﷺ" * 255
    )
    assert job_change.person_keys.count() == len(person_hashes(job_change)) > 0


def test_the_migration_gives_earlier_job_changes_their_keys(customer):
    job_changes = [JobChangeFactory(customer=customer) for _ in range(3)]
    PersonKey.objects.all().delete()
    importlib.import_module("jobchanges.migrations.0003_person_keys_fill").keys_fill(apps, None)
    for job_change in job_changes:
        stored = {item.key for item in job_change.person_keys.all()}
        assert stored == person_hashes(job_change)
