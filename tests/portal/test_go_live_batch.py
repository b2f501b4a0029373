"""The first batch as the customer follows it: true counts, levers, what needs a look, files."""

import pytest
from django.utils import timezone

from jobchanges.delivery import leases
from jobchanges.models import Batch, Delivery
from tests.factories import AttemptFactory, DeliveryFactory, SummaryFactory, TestRunFactory
from tests.portal.launch import (
    MIDDLE,
    THROUGH,
    both_tests_approved,
    fill,
    production_org,
    released,
    sign,
)

pytestmark = pytest.mark.django_db

GO_LIVE = "/go-live/"


@pytest.fixture
def epoch(customer):
    epoch = production_org(customer)
    both_tests_approved(customer, epoch)
    return epoch


@pytest.fixture
def summary(customer, epoch):
    return SummaryFactory(customer=customer)


@pytest.fixture
def batch(summary, epoch, approver, manager):
    sign(summary, customer=approver, vendor=manager)
    return released(summary, epoch)


@pytest.fixture
def shown(signed_in):
    def show(person, address=GO_LIVE) -> str:
        answer = signed_in(person).get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return show


# --- while it is sent --------------------------------------------------------------------------


def test_while_it_is_sent_the_counts_add_up_and_the_page_polls(shown, batch, reviewer):
    html = shown(reviewer)
    for words in ("New records created</dt><dd>21", "Waiting</dt><dd>12", "Being sent</dt><dd>5"):
        assert words in html
    assert "In the batch</dt><dd>50" in html
    assert sum(MIDDLE.values()) == 50
    assert "33 of 50 have Salesforce’s answer" in html
    assert 'hx-get="/go-live/progress/?state=sending"' in html
    assert "Show the latest numbers" in html


def test_a_poll_brings_the_same_panel(signed_in, batch, reviewer):
    answer = signed_in(reviewer).get(
        "/go-live/progress/", {"state": "sending"}, headers={"hx-request": "true"}
    )
    html = answer.content.decode()
    assert html.startswith('<section class="card" id="batch"')
    assert "In the batch</dt><dd>50" in html
    assert "<html" not in html


def test_a_poll_reloads_the_page_once_the_state_is_another(signed_in, batch, reviewer):
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.ENDED, ended_at=timezone.now())
    answer = signed_in(reviewer).get(
        "/go-live/progress/", {"state": "sending"}, headers={"hx-request": "true"}
    )
    assert answer.headers["HX-Refresh"] == "true"


def test_without_a_script_the_poll_address_leads_to_the_page(signed_in, batch, reviewer):
    assert signed_in(reviewer).get("/go-live/progress/").url == GO_LIVE


def test_the_time_left_is_honest(shown, batch, reviewer):
    html = shown(reviewer)
    assert "Time left: about" in html
    assert "at the pace of this batch" in html
    batch.deliveries.filter(state=Delivery.State.DELIVERED).update(state=Delivery.State.WAITING)
    assert "Time left: not known yet" in shown(reviewer)


def test_a_reviewer_sees_no_levers_and_who_has_them(shown, batch, reviewer):
    html = shown(reviewer)
    assert 'action="/go-live/pause/"' not in html
    assert "An admin or approver of your company can pause or stop sending." in html


def test_pausing_and_going_on(signed_in, batch, approver):
    browser = signed_in(approver)
    html = browser.post("/go-live/pause/", follow=True).content.decode()
    assert "Paused by Ana Costa, Northwind Traders" in html
    assert "Either side can let it go on." in html
    assert 'hx-get="/go-live/progress/' in html  # five are still being written
    html = browser.post("/go-live/go-on/", follow=True).content.decode()
    assert "Sending goes on." in html
    batch.refresh_from_db()
    assert batch.state == Batch.State.SENDING


def test_a_page_of_a_batch_that_stands_still_asks_slowly_and_learns_that_it_goes_on(
    shown, signed_in, batch, approver, manager
):
    batch.deliveries.filter(state=Delivery.State.CLAIMED).update(state=Delivery.State.WAITING)
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.PAUSED,
        halted_side="vendor",
        halted_by=manager,
        halted_at=timezone.now(),
    )
    panel = shown(approver).split('id="batch"')[1].split(">")[0]
    assert 'hx-get="/go-live/progress/?state=paused-vendor"' in panel
    assert 'hx-trigger="every 10s"' in panel

    def polled():
        return signed_in(approver).get(
            "/go-live/progress/", {"state": "paused-vendor"}, headers={"hx-request": "true"}
        )

    assert 'hx-trigger="every 10s"' in polled().content.decode()
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.SENDING, halted_side="")
    assert polled().headers["HX-Refresh"] == "true"


def test_a_page_learns_that_somebody_else_may_let_it_go_on_now(signed_in, batch, approver):
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.PAUSED, halted_side="customer", halted_at=timezone.now()
    )
    browser = signed_in(approver)
    for other in ("paused-system", "paused-customer-unsigned", "stopped-customer"):
        answer = browser.get("/go-live/progress/", {"state": other}, headers={"hx-request": "true"})
        assert answer.headers["HX-Refresh"] == "true"
    same = browser.get(
        "/go-live/progress/", {"state": "paused-customer"}, headers={"hx-request": "true"}
    )
    assert "HX-Refresh" not in same.headers


def test_stopping_asks_for_a_reason_and_keeps_the_form_open(signed_in, batch, approver):
    answer = signed_in(approver).post("/go-live/stop/", {"reason": " "})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Write why: the other side reads it." in html
    assert "<details open>" in html
    batch.refresh_from_db()
    assert batch.state == Batch.State.SENDING


def test_stopping_says_what_will_happen_and_who_alone_goes_on(signed_in, shown, batch, approver):
    assert "Stop sending to Northwind Traders?" in shown(approver)
    html = (
        signed_in(approver)
        .post("/go-live/stop/", {"reason": "Wrong owners"}, follow=True)
        .content.decode()
    )
    assert "Stopped by Ana Costa, Northwind Traders" in html
    assert "Wrong owners" in html
    assert "Only Northwind Traders can let it go on" in html
    assert 'action="/go-live/go-on/"' in html


def test_what_the_vendor_stopped_the_customer_cannot_let_go_on(
    signed_in, shown, batch, approver, manager
):
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.STOPPED,
        halted_side="vendor",
        halted_by=manager,
        halted_at=timezone.now(),
        halt_reason="A rule of the org changed.",
    )
    html = shown(approver)
    assert "Stopped by Maya Rao, UserGems" in html
    assert 'action="/go-live/go-on/"' not in html
    html = signed_in(approver).post("/go-live/go-on/", follow=True).content.decode()
    assert "Only the side that stopped sending may go on." in html


def test_after_the_end_the_numbers_add_up_and_everything_can_be_taken_away(
    signed_in, shown, summary, epoch, approver, manager
):
    sign(summary, customer=approver, vendor=manager)
    batch = released(summary, epoch, THROUGH, state=Batch.State.ENDED, ended_at=timezone.now())
    html = shown(approver)
    assert "You are live" in html
    for words in (
        "New records created</dt><dd>31",
        "Existing records enriched</dt><dd>12",
        "Past record only</dt><dd>3",
        "UserGem record only</dt><dd>1",
        "Refused by Salesforce</dt><dd>2",
        "Held</dt><dd>1",
        "In the batch</dt><dd>50",
    ):
        assert words in html
    assert "3 that need a look" in html
    assert "hx-get" not in html.split('id="batch"')[1].split(">")[0]
    assert 'action="/go-live/pause/"' not in html
    answer = signed_in(approver).get("/go-live/records.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "northwind-records-" in answer.headers["Content-Disposition"]
    assert b"Job change" in b"".join(answer)
    assert batch.deliveries.count() == 50


def test_those_tried_in_the_sandbox_are_counted_and_found(
    shown, customer, summary, epoch, approver, manager
):
    sign(summary, customer=approver, vendor=manager)
    batch = released(summary, epoch, THROUGH, state=Batch.State.ENDED, ended_at=timezone.now())
    sandbox = customer.connections.get(environment="sandbox").epoch
    run = TestRunFactory(customer=customer, epoch=sandbox)
    jobs = [each.job_change for each in batch.deliveries.all()[:7]]
    for job in jobs:
        type(job).objects.filter(pk=job.pk).update(imported_at=summary.frozen_at)
        AttemptFactory(delivery=DeliveryFactory(test_run=run, job_change=job))
    assert "Tried in the sandbox: 7, each found in one of these" in shown(approver)


def test_what_stands_in_the_way_of_it_leads_into_the_orgs_setup(shown, batch, epoch, reviewer):
    leases.lease_take(epoch.org_id, "worker")
    path = "/lightning/setup/CompanyResourceDisk/home"
    leases.org_pause(epoch.org_id, reason="The org is full.", setup=path)
    html = shown(reviewer)
    assert "The org is full. The next try is at" in html
    assert f'href="{epoch.instance_url}{path}"' in html


# --- what needs a look ------------------------------------------------------------------------


def test_each_exception_says_why_and_who_fixes_it(shown, batch, reviewer):
    html = shown(reviewer, "/go-live/exceptions/")
    assert html.count("A validation rule of your org stopped the record.") == 2
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in html
    assert "Your Salesforce administrator" in html
    assert "Two records of your org match this person." in html
    assert 'data-label="Who fixes it">UserGems' in html
    assert "Send again" not in html


def test_exceptions_come_in_pages_and_stay_small(signed_in, batch, reviewer):
    fill(batch, {(Delivery.State.REFUSED, ""): 97})
    answer = signed_in(reviewer).get("/go-live/exceptions/")
    assert "1 to 25 of 100" in answer.content.decode()
    assert len(answer.content) < 40_000


def test_the_page_with_its_summary_stays_small(signed_in, batch, approver):
    assert len(signed_in(approver).get(GO_LIVE).content) < 40_000


def test_the_number_of_queries_does_not_grow_with_the_batch(
    signed_in, batch, approver, django_assert_max_num_queries
):
    browser = signed_in(approver)
    browser.get(GO_LIVE)
    with django_assert_max_num_queries(80) as few:
        browser.get(GO_LIVE)
        browser.get("/go-live/exceptions/")
    fill(batch, {(Delivery.State.REFUSED, ""): 20, (Delivery.State.DELIVERED, "created"): 20})
    with django_assert_max_num_queries(len(few)):
        browser.get(GO_LIVE)
        browser.get("/go-live/exceptions/")


def test_before_there_is_a_batch_its_addresses_do_not_exist(signed_in, summary, approver):
    browser = signed_in(approver)
    for address in ("/go-live/progress/", "/go-live/exceptions/", "/go-live/records.csv"):
        assert browser.get(address).status_code == 404
