"""Cleaning up a sandbox test, as the customer's people and the managers see and do it."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges import tasks
from jobchanges.models import CleanUp, CleanUpItem, Delivery, TestRun
from tests.factories import (
    AttemptFactory,
    CleanUpFactory,
    CleanUpItemFactory,
    ConnectionFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    TestRunFactory,
)
from tests.portal.checks_world import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """Clean-ups that a worker was told about."""
    told = []
    monkeypatch.setattr(tasks.clean_up_run, "delay", told.append)
    return told


@pytest.fixture
def run(customer):
    """Five delivered job changes in the connected sandbox, in review."""
    epoch = ConnectionFactory(
        customer=customer,
        epoch__name="Northwind (full copy)",
        epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
    ).epoch
    run = TestRunFactory(
        customer=customer,
        epoch=epoch,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
        sent_by=customer.implementation_manager,
    )
    for position in range(5):
        delivery = DeliveryFactory(
            test_run=run,
            position=position,
            job_change=JobChangeFactory(
                customer=customer, first_name="Ada", last_name=f"Person{position}"
            ),
            state=Delivery.State.DELIVERED,
            outcome=Delivery.Outcome.CREATED,
            released_at=timezone.now(),
            delivered_at=timezone.now(),
            attempts_made=1,
        )
        RecordWriteFactory(
            attempt=AttemptFactory(delivery=delivery), object_name="Lead", role="person"
        )
    return run


def found(run, **first) -> CleanUp:
    """Looked at, to be confirmed; `first` about the first record."""
    clean_up = CleanUpFactory(test_run=run, state="found", confirmed_by=None, confirmed_at=None)
    for place, delivery in enumerate(run.deliveries.all()):
        CleanUpItemFactory(
            clean_up=clean_up,
            write=delivery.attempts.get().writes.get(),
            outcome="",
            **(first if place == 0 else {}),
        )
    return clean_up


def page_of(run, **query):
    address = reverse("test_run_clean_up", args=[run.pk])
    return f"{address}?only={query['only']}" if query else address


def desk_of(run):
    return reverse("admin:jobchanges_testrun_clean_up", args=[run.pk])


@pytest.fixture
def page(signed_in, run):
    """The page in words, as somebody reads it."""

    def read(person, **query):
        answer = signed_in(person).get(page_of(run, **query))
        assert answer.status_code == 200
        return words(answer)

    return read


def test_it_says_what_it_will_look_at_and_that_nothing_is_removed_yet(page, admin_person):
    text = page(admin_person)
    assert "Look at what 5 job changes left in Northwind (full copy)" in text
    assert "Removes nothing yet." in text
    assert "recycle bin for 15 days" in text


def test_one_job_change_is_chosen_by_its_key(page, run, admin_person):
    key = run.deliveries.first().job_change.key
    assert "Look at what Ada Person0’s job change left" in page(admin_person, only=key)


def test_asking_wakes_a_worker_and_no_page_waits(
    signed_in, run, admin_person, woken, django_capture_on_commit_callbacks
):
    key = run.deliveries.first().job_change.key
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in(admin_person).post(page_of(run), {"do": "look", "only": key})
    assert answer.url == page_of(run)
    clean_up = CleanUp.objects.get()
    assert (clean_up.state, clean_up.only_key, clean_up.asked_by) == ("looking", key, admin_person)
    assert woken == [clean_up.pk]


def test_the_page_asks_again_while_the_org_is_being_asked(signed_in, run, admin_person):
    CleanUpFactory(test_run=run, state="looking")
    html = signed_in(admin_person).get(page_of(run)).content.decode()
    assert 'hx-trigger="every 2s"' in html
    assert "Show the latest numbers" in html


def test_what_was_found_is_read_before_it_is_confirmed(page, run, admin_person):
    found(run, edited=True, edited_by="Priya Shah", reason="It was edited since.")
    text = page(admin_person)
    assert "4 records that the test created are deleted" in text
    assert "1 record that somebody edited since stays, unless you tick it below" in text
    assert "Stays unless you tick it" in text
    assert "Edited last by Priya Shah" in text
    assert "Also delete the 1 record that somebody edited since" in text


@pytest.mark.parametrize("ticked", [True, False])
def test_confirming_removes_what_was_read(signed_in, run, admin_person, woken, ticked):
    clean_up = found(run, edited=True)
    asked = {"do": "remove", "seen": clean_up.looked_at.isoformat()}
    signed_in(admin_person).post(page_of(run), asked | ({"edited_too": "yes"} if ticked else {}))
    clean_up.refresh_from_db()
    assert (clean_up.state, clean_up.confirmed_by) == ("removing", admin_person)
    left = clean_up.items.filter(outcome=CleanUpItem.Outcome.LEFT)
    assert left.count() == (0 if ticked else 1)


def test_an_older_page_confirms_nothing(signed_in, run, admin_person):
    clean_up = found(run)
    answer = signed_in(admin_person).post(
        page_of(run), {"do": "remove", "seen": "2020-01-01T00:00:00+00:00"}, follow=True
    )
    assert "The page showed an older state." in words(answer)
    clean_up.refresh_from_db()
    assert clean_up.state == "found"


def test_a_reviewer_reads_and_cannot_act(signed_in, page, run, reviewer):
    found(run)
    text = page(reviewer)
    assert "An admin of your company or the implementation manager does this." in text
    assert "Remove them" not in text
    assert signed_in(reviewer).post(page_of(run), {"do": "end"}).status_code == 403


def test_what_is_to_be_deleted_by_hand_stands_in_order_with_links(
    signed_in, page, run, admin_person
):
    clean_up = CleanUpFactory(test_run=run)
    delivery = run.deliveries.first()
    attempt = delivery.attempts.get()
    lead = attempt.writes.get()
    gem = RecordWriteFactory(
        attempt=attempt, role="package", object_name="UserGem__UserGem__c",
        record_id="a00000000000001AAA",
    )  # fmt: skip
    error = {"code": "NO_DELETE_RIGHT", "sentence": "The integration user has no Delete right."}
    CleanUpItemFactory(clean_up=clean_up, write=gem, errors=[error])
    CleanUpItemFactory(clean_up=clean_up, write=lead, errors=[error])
    text = page(admin_person)
    assert "2 records are left to delete by hand" in text
    assert "The integration user has no Delete right." in text
    answer = signed_in(admin_person).get(reverse("test_run_clean_up_csv", args=[run.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["Order"], row["Record ID"]) for row in rows] == [
        ("1", lead.record_id),
        ("2", gem.record_id),
    ]
    assert rows[0]["Link"].endswith(f"/{lead.record_id}/view") or lead.record_id in rows[0]["Link"]


def test_looking_again_and_leaving_the_rest_wake_a_worker(
    signed_in, run, admin_person, woken, django_capture_on_commit_callbacks
):
    clean_up = CleanUpFactory(test_run=run)
    item = CleanUpItemFactory(
        clean_up=clean_up, write=run.deliveries.first().attempts.get().writes.get()
    )
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(admin_person).post(page_of(run), {"do": "leave"})
    clean_up.refresh_from_db()
    item.refresh_from_db()
    assert (clean_up.state, item.outcome, woken) == ("removing", "left", [clean_up.pk])


def test_when_it_is_through_the_way_back_to_the_test_is_there(page, run, admin_person):
    clean_up = CleanUpFactory(test_run=run, state="done", ended_at=timezone.now())
    delivery = run.deliveries.first()
    CleanUpItemFactory(
        clean_up=clean_up, write=delivery.attempts.get().writes.get(), outcome="done"
    )
    Delivery.objects.filter(pk=delivery.pk).update(state="waiting", released_at=None)
    text = page(admin_person)
    assert "1 record was removed, put back or gone already." in text
    assert "1 job change can be sent anew." in text
    type(run).objects.filter(pk=run.pk).update(state="approved", ended_at=timezone.now())
    text = page(admin_person)
    assert "can be sent anew" not in text
    assert "This test is approved and stays as it was" in text
    # The other four are still there.
    assert "Look at what 4 job changes left" in text


def test_why_it_waits_is_said(page, run, admin_person):
    CleanUpFactory(test_run=run, state="removing", error="Salesforce did not answer.")
    text = page(admin_person)
    assert "It waits, and goes on by itself." in text
    assert "Salesforce did not answer." in text


def test_a_run_of_production_has_no_such_page(signed_in, customer, admin_person):
    run = TestRunFactory(
        customer=customer, environment="production", state="review", sent_at=timezone.now()
    )
    assert signed_in(admin_person).get(page_of(run)).status_code == 404
    assert signed_in(admin_person).post(page_of(run), {"do": "look"}).status_code == 404


def test_other_words_do_nothing(signed_in, run, admin_person):
    assert signed_in(admin_person).post(page_of(run), {"do": "everything"}).status_code == 404


def test_the_manager_has_the_same_on_the_desk(signed_in, run, manager, woken):
    answer = signed_in(manager).get(desk_of(run))
    assert "Look at what 5 job changes left in Northwind (full copy)" in words(answer)
    signed_in(manager).post(desk_of(run), {"do": "look"})
    assert CleanUp.objects.get().asked_by == manager
    assert signed_in(manager).get(page_of(run)).url == desk_of(run)


def test_the_review_leads_there_for_those_who_may(signed_in, run, admin_person, reviewer, manager):
    there = page_of(run)
    review = reverse("test_run", args=[run.pk])
    assert there in signed_in(admin_person).get(review).content.decode()
    assert "Remove what this created from the sandbox" in words(signed_in(admin_person).get(review))
    assert there not in signed_in(reviewer).get(review).content.decode()
    desk = reverse("admin:jobchanges_testrun_change", args=[run.pk])
    assert desk_of(run) in signed_in(manager).get(desk).content.decode()


def test_nothing_is_approved_while_records_are_being_removed(signed_in, run, admin_person):
    from tests.factories import ReviewFactory

    for delivery in run.deliveries.all():
        for side in ("customer", "vendor"):
            ReviewFactory(attempt=delivery.attempts.get(), side=side)
    CleanUpFactory(test_run=run, state="removing")
    answer = signed_in(admin_person).post(
        reverse("test_run_approve", args=[run.pk]),
        {"seen_as_rep": "yes", "lead_converted": "unused"},
        follow=True,
    )
    assert "are being removed from the sandbox" in words(answer)


def test_a_person_who_is_erased_leaves_no_words_in_a_clean_up(run, customer, manager):
    from jobchanges.services.erasing import person_erase

    delivery = run.deliveries.first()
    item = CleanUpItemFactory(
        clean_up=CleanUpFactory(test_run=run),
        write=delivery.attempts.get().writes.get(),
        reason="Ada Person0 stays.",
        edited_by="Ada Person0",
        errors=[{"message": "Ada Person0"}],
    )
    person_erase(customer=customer, email=delivery.job_change.new_email, by=manager)
    item.refresh_from_db()
    assert (item.reason, item.edited_by, item.errors) == ("", "", [])
