"""The desk beside the production stage: levers, links, the path, and the end of the journey."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Event, Path, Plan
from jobchanges.models import Batch, Delivery, TestRun
from portal.managers.customer_page import customer_page
from tests.factories import (
    AttemptFactory,
    ConfirmationFactory,
    CustomerFactory,
    DeliveryFactory,
    SignupLinkFactory,
    TestRunFactory,
)
from tests.portal.situations import (
    PRODUCTION_CONFIRMED,
    batch_in,
    production_connect,
    production_ready,
    run_in,
    sandbox_approved,
    settings_chosen,
)

pytestmark = pytest.mark.django_db

S = Delivery.State


def page_of(customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def candidates_of(customer) -> str:
    return reverse("admin:accounts_customer_candidates", args=[customer.pk, "production"])


@pytest.fixture
def lever(rf, manager):
    """What the manager presses next for a customer."""

    def found(customer):
        request = rf.get("/")
        request.user = manager
        lines = [line for stage in customer_page(request, customer).stages for line in stage.steps]
        found = (lever for line in lines for lever in line.levers if lever.primary)
        return next(((lever.words, lever.href) for lever in found), None)

    return found


@pytest.fixture
def production(customer):
    """Connected, and everything but the test is done."""
    sandbox_approved(customer)
    connection = production_connect(customer)
    for step in PRODUCTION_CONFIRMED:
        ConfirmationFactory(customer=customer, step=step, epoch=connection.epoch)
    settings_chosen(customer, connection.epoch, environment="production")
    return connection


def test_after_the_sandbox_the_production_link_is_the_next_lever(customer, lever):
    sandbox_approved(customer)
    words, address = lever(customer)
    assert words == "Send a sign-up link"
    assert address.endswith("/sign-up-link/?environment=production")


def test_the_form_of_the_link_knows_the_org_and_the_person(customer, manager, signed_in):
    sandbox_approved(customer)
    SignupLinkFactory(customer=customer, person_name="Priya Shah")
    address = reverse("admin:accounts_customer_link_send", args=[customer.pk])
    form = signed_in(manager).get(address).context["form"]
    assert [value for value, _label in form.fields["environment"].choices] == [
        "production",
        "sandbox",
    ]
    assert form["environment"].value() == "production"
    assert form["person_name"].value() == "Priya Shah"


def test_before_that_the_sandbox_link_comes_first(customer, manager, signed_in):
    address = reverse("admin:accounts_customer_link_send", args=[customer.pk])
    form = signed_in(manager).get(address).context["form"]
    assert form["environment"].value() == "sandbox"


def test_settings_are_chosen_for_production(customer, lever):
    sandbox_approved(customer)
    production_connect(customer)
    assert lever(customer) == (
        "Choose settings",
        reverse("admin:accounts_customer_settings", args=[customer.pk, "production"]),
    )


def test_job_changes_are_picked_in_production(customer, production, lever, manager, signed_in):
    assert lever(customer) == ("Pick job changes", candidates_of(customer))
    assert candidates_of(customer) in signed_in(manager).get(page_of(customer)).content.decode()


def test_before_production_is_set_up_nothing_is_picked_there(customer, manager, signed_in):
    sandbox_approved(customer)
    production_connect(customer)
    text = signed_in(manager).get(page_of(customer)).content.decode()
    assert candidates_of(customer) not in text


def test_an_open_test_is_opened(customer, production, lever):
    run = run_in(
        customer, production, environment="production", state=TestRun.State.DRAFT, sent_at=None
    )
    assert lever(customer) == (
        "Open test 1",
        reverse("admin:jobchanges_testrun_change", args=[run.pk]),
    )


def test_go_live_leads_to_its_page(customer, lever):
    sandbox_approved(customer)
    production_ready(customer)
    assert lever(customer) == (
        "Open the go-live summary",
        reverse("admin:accounts_customer_go_live", args=[customer.pk]),
    )


def test_while_the_batch_is_sent_its_page_is_the_lever(customer, lever):
    sandbox_approved(customer)
    batch_in(production_ready(customer), {S.DELIVERED: 1, S.WAITING: 1})
    assert lever(customer)[0] == "Open the first batch"


def test_a_live_customer_s_page_says_so_with_numbers(customer, manager, signed_in):
    sandbox_approved(customer)
    batch_in(
        production_ready(customer),
        {S.DELIVERED: 4, S.HELD: 1},
        state=Batch.State.ENDED,
        ended_at=timezone.now(),
    )
    text = signed_in(manager).get(page_of(customer)).content.decode()
    assert "Northwind Traders is live" in text
    assert "<dt>In production</dt><dd>4</dd>" in text


def test_the_home_shows_the_stage_whose_turn_and_who_is_live(customer, manager, signed_in):
    sandbox_approved(customer)
    production_connect(customer)
    live = CustomerFactory(name="Live Ltd", implementation_manager=manager)
    sandbox_approved(live)
    batch_in(
        production_ready(live),
        {S.DELIVERED: 4, S.HELD: 1},
        state=Batch.State.ENDED,
        ended_at=timezone.now(),
    )
    text = " ".join(signed_in(manager).get("/admin/").content.decode().split())
    assert "Choose the owner and the campaign of production" in text
    assert "Production · " in text
    assert "4 of 5 in production, 1 refused or held with its reason" in text
    listed = signed_in(manager).get("/admin/accounts/customer/").content.decode()
    assert "<b>Live</b>" in listed


def test_the_home_takes_as_many_queries_for_much_as_for_little(customer, manager, signed_in):
    browser = signed_in(manager)

    def queries():
        browser.get("/admin/")
        with CaptureQueriesContext(database) as found:
            assert browser.get("/admin/").status_code == 200
        return len(found)

    def made():
        another = CustomerFactory(implementation_manager=manager)
        sandbox_approved(another)
        batch_in(production_ready(another), {S.DELIVERED: 2, S.WAITING: 1})

    made()
    one = queries()
    for _number in range(4):
        made()
    assert queries() == one


# The path -----------------------------------------------------------------------------------


def account(**changed) -> dict[str, str]:
    return {
        "name": "Northwind Traders",
        "plan": "enterprise",
        "path": "sandbox_first",
        "path_reason": "",
        "email_domains": "northwind.example",
        "planned_go_live": "",
        **changed,
    }


def test_the_path_can_change_after_steps_were_done(customer, production, manager, signed_in):
    TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    signed_in(manager).post(page_of(customer), account(path="production_only"))
    customer.refresh_from_db()
    assert customer.path == Path.PRODUCTION_ONLY
    assert customer.confirmations.count() == len(PRODUCTION_CONFIRMED)
    assert Event.objects.filter(customer=customer, action="customer.changed").exists()


def test_after_the_first_production_write_the_path_stays(customer, production, manager, signed_in):
    run = TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    AttemptFactory(delivery=DeliveryFactory(test_run=run))
    response = signed_in(manager).post(page_of(customer), account(path="production_only"))
    assert response.status_code == 422
    assert (
        "Job changes were written to production, so the path stays as it is."
        in response.content.decode()
    )
    customer.refresh_from_db()
    assert customer.path == Path.SANDBOX_FIRST


def test_everything_else_of_the_account_still_changes(customer, production, manager, signed_in):
    run = TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    AttemptFactory(delivery=DeliveryFactory(test_run=run))
    signed_in(manager).post(page_of(customer), account(planned_go_live="2027-01-15"))
    planned = Customer.objects.get(pk=customer.pk).planned_go_live
    assert str(planned) == "2027-01-15"


def test_what_was_written_to_the_sandbox_does_not_fix_the_path(customer, manager, signed_in):
    sandbox_approved(customer)
    signed_in(manager).post(page_of(customer), account(path="production_only", plan=Plan.GROWTH))
    customer.refresh_from_db()
    assert customer.path == Path.PRODUCTION_ONLY
