"""The proof as both sides see it: what existing records held before us, and the verdict."""

import pytest
from django.urls import reverse

from jobchanges.models import Delivery, RecordWrite
from tests.factories import (
    AttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(signed_in, manager):
    """The manager, signed in with a second factor."""
    return signed_in(manager)


@pytest.fixture
def wrote(customer):
    epoch = ConnectionFactory(customer=customer, epoch__package_manifest="usergem-1").epoch

    def make(number=0, **values):
        delivery = DeliveryFactory(
            test_run=None,
            epoch=epoch,
            state=Delivery.State.DELIVERED,
            job_change=JobChangeFactory(customer=customer),
        )
        return RecordWriteFactory(
            attempt=AttemptFactory(delivery=delivery),
            **{
                "record_id": f"0037z{number:010d}AAA",
                "operation": RecordWrite.Operation.UPDATE,
                "before": {"Title": None},
                "sent": {"Title": "VP"},
                "stored": {"Title": "VP"},
            }
            | values,
        )

    return make


def proof(client, customer, **query):
    answer = client.get(reverse("admin:accounts_customer_overwrites", args=[customer.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_desk_says_that_nothing_was_overwritten(desk, customer, wrote):
    wrote()
    html = proof(desk, customer)
    assert "Nothing was overwritten." in html
    assert "1 existing record was written to" in html
    assert "Was empty" in html


def test_a_violation_stands_on_top_with_its_record(desk, customer, wrote):
    wrote()
    wrote(9, before={"Title": "<b>CEO</b>"})
    html = proof(desk, customer)
    assert "Fields were overwritten that should not have been." in html
    assert "What should not have been written" in html
    assert "0037z0000000009AAA" in html
    assert "&lt;b&gt;CEO&lt;/b&gt;" in html
    assert "<b>CEO</b>" not in html


def test_what_is_written_after_counting_is_counted(desk, customer, wrote):
    wrote()
    assert "1 existing record was" in proof(desk, customer)
    wrote(1)
    assert "2 existing records were" in proof(desk, customer)


def test_many_records_come_in_pages_newest_first(
    desk, customer, wrote, django_assert_max_num_queries
):
    for number in range(25):
        wrote(number)
    proof(desk, customer)
    with django_assert_max_num_queries(25):
        html = proof(desk, customer)
    assert "0037z0000000024AAA" in html
    assert "0037z0000000000AAA" not in html
    assert "0037z0000000000AAA" in proof(desk, customer, page=2)


def test_a_large_ledger_is_gone_through_when_asked(desk, customer, wrote, monkeypatch):
    monkeypatch.setattr("portal.pages.overwrites.COUNTED_AT_ONCE", 1)
    wrote()
    wrote(1, before={"Title": "CEO"})
    html = proof(desk, customer)
    assert "The whole ledger was not gone through yet." in html
    assert "Nothing was overwritten" not in html
    assert "Violation" in html, "each record shown is judged all the same"
    asked = proof(desk, customer, count=1)
    assert "Fields were overwritten" in asked
    assert "Fields were overwritten" in proof(desk, customer), "kept for a while"


def test_the_file_has_every_field_for_either_side(client, desk, customer, admin_person, wrote):
    wrote(before={"Title": "CEO"})
    url = reverse("admin:accounts_customer_overwrites_csv", args=[customer.pk])
    theirs = b"".join(desk.get(url).streaming_content).decode()
    client.force_login(admin_person)
    answer = client.get(reverse("overwrites_csv"))
    assert "northwind-existing-records-" in answer["Content-Disposition"]
    mine = b"".join(answer.streaming_content).decode()
    assert mine == theirs
    header, line = mine.splitlines()
    assert header.startswith("Verdict,Reason,Environment")
    assert line.startswith("Violation,")
