"""The review of a test run, as the customer's people see and use it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Delivery, Review, Side, TestRun, Verdict
from tests.factories import (
    AttemptFactory,
    CommentFactory,
    DeliveryFactory,
    JobChangeFactory,
    RecordWriteFactory,
    ReviewFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(customer):
    """Five delivered job changes, in review."""
    run = TestRunFactory(
        customer=customer,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
        sent_by=customer.implementation_manager,
    )
    for position in range(5):
        delivery = DeliveryFactory(
            test_run=run,
            position=position,
            job_change=JobChangeFactory(customer=customer, last_name=f"Person{position}"),
            state=Delivery.State.DELIVERED,
            outcome=Delivery.Outcome.CREATED,
            released_at=timezone.now(),
            delivered_at=timezone.now(),
            attempts_made=1,
        )
        attempt = AttemptFactory(delivery=delivery)
        RecordWriteFactory(
            attempt=attempt,
            sent={"Title": "VP Revenue Operations", "LastName": f"Person{position}"},
            stored={"Title": "VP Revenue Operation", "LastName": f"Person{position}"},
        )
    return run


def refuse(run) -> Delivery:
    """Make the first job change one that Salesforce refused."""
    delivery = run.deliveries.first()
    delivery.state = Delivery.State.REFUSED
    delivery.save(update_fields=["state"])
    attempt = delivery.attempts.get()
    attempt.writes.all().delete()
    attempt.outcome = attempt.Outcome.REFUSED
    attempt.errors = [
        {
            "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "Industry is required on new accounts.",
            "sentence": "A validation rule of your org stopped the record.",
            "who": "your Salesforce administrator",
            "where": "Setup, Object Manager, Account, Validation Rules",
            "fields": [],
            "role": "account",
            "object_name": "Account",
            "operation": "create",
        }
    ]
    attempt.save(update_fields=["outcome", "errors"])
    return delivery


def page(client, run, **query) -> str:
    return client.get(reverse("test_run", args=[run.pk]), query).content.decode()


def say(client, run, delivery, **data):
    return client.post(reverse("delivery_review", args=[run.pk, delivery.pk]), data)


def test_the_first_job_change_without_my_word_is_open(client, admin_person, run):
    client.force_login(admin_person)
    html = page(client, run)
    assert "0 of 5 agreed or set aside" in html
    assert html.count('<h2 class="h3" tabindex="-1">Dana Person0</h2>') == 1
    assert "VP Revenue Operations" in html
    assert re.search(r"VP Revenue Operation\s*<", html)
    assert "Looks right" in html


def test_saying_looks_right_moves_on_to_the_next(client, admin_person, run):
    client.force_login(admin_person)
    first, second = run.deliveries.all()[:2]
    answer = say(client, run, first, verdict="right")
    assert answer.url.endswith(f"?open={second.pk}#delivery-{second.pk}")
    review = Review.objects.get()
    assert (review.side, review.verdict, review.by) == (Side.CUSTOMER, Verdict.RIGHT, admin_person)


def test_something_off_without_words_keeps_what_was_typed_and_says_what_is_missing(
    client, admin_person, run
):
    client.force_login(admin_person)
    delivery = run.deliveries.first()
    answer = say(client, run, delivery, verdict="set_aside", comment="  ")
    assert answer.status_code == 422
    assert "Write why it is set aside" in answer.content.decode()
    assert not Review.objects.exists()


def test_a_refused_one_shows_salesforces_words_and_who_fixes_it(client, admin_person, run):
    delivery = refuse(run)
    client.force_login(admin_person)
    html = page(client, run, open=delivery.pk)
    assert "“Industry is required on new accounts.”" in html
    assert "Who fixes it: your Salesforce administrator." in html
    assert "Salesforce stored nothing for this job change" in html
    assert f'id="right-{delivery.pk}"' not in html


def test_the_other_sides_word_is_visible(client, admin_person, run, manager):
    delivery = run.deliveries.first()
    ReviewFactory(
        attempt=delivery.attempts.get(),
        side=Side.VENDOR,
        verdict=Verdict.OFF,
        comment="The owner should stay.",
        by=manager,
    )
    client.force_login(admin_person)
    html = page(client, run, open=delivery.pk)
    assert "Maya Rao says: <b>Something is off</b>" in html
    assert "The owner should stay." in html


def test_markup_in_words_and_names_is_harmless(client, admin_person, run, manager):
    delivery = run.deliveries.first()
    run.deliveries.model.objects.filter(pk=delivery.pk)
    job_change = delivery.job_change
    type(job_change).objects.filter(pk=job_change.pk).update(
        first_name="<script>alert(1)</script>", last_name="=HYPERLINK(1)"
    )
    CommentFactory(delivery=delivery, by=manager, side=Side.VENDOR, text="<img src=x onerror=1>")
    client.force_login(admin_person)
    html = page(client, run, open=delivery.pk)
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_comment_joins_the_thread(client, reviewer, run):
    client.force_login(reviewer)
    delivery = run.deliveries.first()
    client.post(
        reverse("delivery_comment", args=[run.pk, delivery.pk]), {"text": "Which owner is this?"}
    )
    assert "Which owner is this?" in page(client, run, open=delivery.pk)


def test_both_sides_agree_and_both_approve(client, admin_person, manager, run):
    for delivery in run.deliveries.all():
        for side, by in ((Side.CUSTOMER, admin_person), (Side.VENDOR, manager)):
            ReviewFactory(attempt=delivery.attempts.get(), side=side, by=by)
    client.force_login(admin_person)
    assert "5 of 5 agreed or set aside" in page(client, run)
    approve = reverse("test_run_approve", args=[run.pk])
    client.post(approve, {"seen_as_rep": "yes", "lead_converted": "unused"})
    assert "Approved for Customer by <b>Priya Shah</b>" in page(client, run)
    client.force_login(manager)
    client.post(approve)
    run.refresh_from_db()
    assert run.state == TestRun.State.REVIEW, "both sides answer both questions"
    client.post(approve, {"seen_as_rep": "no", "lead_converted": "yes"})
    run.refresh_from_db()
    assert run.state == TestRun.State.APPROVED
    client.force_login(admin_person)
    assert "Approved by both sides" in page(client, run)


def test_approving_without_answering_the_questions_saves_nothing(client, admin_person, run):
    for delivery in run.deliveries.all():
        for side in Side.values:
            ReviewFactory(attempt=delivery.attempts.get(), side=side)
    client.force_login(admin_person)
    answer = client.post(
        reverse("test_run_approve", args=[run.pk]), {"seen_as_rep": "yes"}, follow=True
    )
    assert "Answer both questions" in answer.content.decode()
    assert not run.approvals.exists()


def test_a_reviewer_may_review_but_not_approve(client, reviewer, run):
    for delivery in run.deliveries.all():
        for side in Side.values:
            ReviewFactory(attempt=delivery.attempts.get(), side=side)
    client.force_login(reviewer)
    assert "An admin or approver of your company presses Approve." in page(client, run)
    assert client.post(reverse("test_run_approve", args=[run.pk])).status_code == 403
    assert not run.approvals.exists()


def test_a_draft_is_not_the_customers_to_see(client, admin_person, run):
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.DRAFT, sent_at=None)
    client.force_login(admin_person)
    assert client.get(reverse("test_run", args=[run.pk])).status_code == 404
    assert "No test was sent yet" in client.get(reverse("test_run_list")).content.decode()


def test_while_sending_the_page_asks_again_and_counts_truly(client, admin_person, run):
    TestRun.objects.filter(pk=run.pk).update(state=TestRun.State.SENDING)
    waiting = run.deliveries.last()
    Delivery.objects.filter(pk=waiting.pk).update(state=Delivery.State.CLAIMED)
    client.force_login(admin_person)
    html = page(client, run)
    assert 'hx-trigger="every 2s"' in html
    assert "4 of 5 have Salesforce’s answer" in html


def test_the_page_asks_no_more_when_all_have_ended(client, admin_person, run):
    client.force_login(admin_person)
    shown = page(client, run)
    assert 'hx-trigger="every 2s"' not in shown
    # What the other side says meanwhile is looked for now and then.
    assert shown.count("hx-trigger=") == shown.count('hx-trigger="every 20s"') == 1


def test_ten_job_changes_cost_as_many_queries_as_five(
    client, admin_person, run, django_assert_max_num_queries
):
    client.force_login(admin_person)
    page(client, run)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as five:
        page(client, run)
    for position in range(5, 10):
        delivery = DeliveryFactory(
            test_run=run,
            position=position,
            state=Delivery.State.DELIVERED,
            released_at=timezone.now(),
            attempts_made=1,
        )
        RecordWriteFactory(attempt=AttemptFactory(delivery=delivery))
    with django_assert_max_num_queries(len(five)):
        page(client, run)
