"""The customer's page of the desk: the customer's own steps, each with its levers in place."""

import re

import pytest
from django.urls import reverse

from accounts.models import Customer
from jobchanges.models import SendingSchedule
from tests.factories import (
    ConfirmationFactory,
    PeopleSourceFactory,
    SignupLinkFactory,
    TestRunFactory,
    TrackingReportFactory,
    org_checked,
)
from tests.portal.live import daily, went_live
from tests.portal.situations import connect, production_connect, sandbox_approved

pytestmark = pytest.mark.django_db

# One for each template of a step's body.
STEPS = (
    *(f"sandbox.{name}" for name in ("package", "connect", "permissions", "settings", "layouts")),
    *("sandbox.lead_conversion", "sandbox.test", "production.mirror", "production.people"),
    *("production.allow", "go_live.sign_off", "go_live.first_batch"),
)
ADDRESS = re.compile(r'(?:href|action)="(/[^"]*)"')
# The header of every page of the desk: the portal, one's own sign-in.
HEADER = ("/admin/", "/static/", "/people/")


@pytest.fixture
def desk(customer, manager, signed_in):
    """The page with one step unfolded."""
    browser = signed_in(manager)

    def read(step=""):
        address = reverse("admin:accounts_customer_change", args=[customer.pk])
        return browser.get(address, {"step": step} if step else {}).content.decode()

    return read


def body_of(page, step):
    """One step of the page."""
    anchor = f'id="step-{step.replace(".", "-").replace("_", "-")}"'
    return page.partition(anchor)[2].partition('id="step-')[0]


def test_an_unfolded_step_has_the_evidence_and_none_of_the_customer_s_buttons(
    customer, manager, desk
):
    sandbox_approved(customer)
    org_checked(customer.connections.get().epoch, rep_access="cannot")
    production = production_connect(customer)
    org_checked(production.epoch, record_sharing="cannot")
    PeopleSourceFactory(customer=customer, kind="reports")
    TrackingReportFactory(customer=customer, epoch=production.epoch, name="Champions of the East")
    TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    for step in STEPS:
        foreign = {
            address
            for address in ADDRESS.findall(desk(step))
            if not address.startswith(HEADER) and address != "/"
        }
        assert not foreign, step
    assert "Champions of the East" in desk("production.people")


def test_the_open_step_is_unfolded_and_what_is_done_folds_to_a_line(customer, manager, desk):
    epoch = connect(customer).epoch
    org_checked(epoch, rep_access="cannot")
    page = desk()
    assert "What you need for it" not in body_of(page, "sandbox.connect")
    assert "Open the checks" not in body_of(page, "sandbox.layouts"), "it is done"
    assert "Check again" in body_of(page, "sandbox.permissions"), "it is open"
    opened = desk("sandbox.layouts")
    assert "3 of 3 checks" in body_of(opened, "sandbox.layouts")
    assert "Open the checks" in body_of(opened, "sandbox.layouts")


def test_a_step_that_waits_for_a_link_says_how_it_stands(customer, desk):
    SignupLinkFactory(customer=customer, person_name="Tom Berg", email="tom.berg@northwind.example")
    step = body_of(desk("sandbox.connect"), "sandbox.connect")
    assert "Link for Tom Berg, tom.berg@northwind.example" in step
    assert "Send again" in step
    assert "Revoke" in step


def test_what_the_customer_confirmed_is_read_and_not_taken_back_from_here(
    customer, admin_person, desk
):
    epoch = connect(customer, package_installed=None).epoch
    ConfirmationFactory(customer=customer, step="sandbox.permissions", epoch=epoch, by=admin_person)
    step = body_of(desk("sandbox.permissions"), "sandbox.permissions")
    assert "What was confirmed:" in step
    assert "Take it back" not in step


def test_a_live_customer_whose_batches_wait_for_a_summary_has_its_lever(
    customer, admin_person, desk
):
    went_live(customer, admin_person)
    assert "Prepare the summary again" not in desk()
    daily(customer, admin_person)
    SendingSchedule.objects.update(held_reason="The settings were changed.", held_turn="both")
    page = desk()
    assert "The settings were changed." in page
    freeze = reverse("admin:accounts_customer_go_live_freeze", args=[customer.pk])
    assert f'action="{freeze}"' in page
    assert "Prepare the summary again" in page
    go_live = reverse("admin:accounts_customer_go_live", args=[customer.pk])
    assert f'The settings were changed. <a href="{go_live}">Open go-live</a>' in page


def test_how_a_sign_up_link_stands_can_be_taken_along(customer, desk):
    link = SignupLinkFactory(customer=customer, person_name="Priya Shah", email="p@northwind.test")
    page = desk()
    assert "Sign-up link for Priya Shah (p@northwind.test), sandbox: " in page
    assert f'data-copy="link-state-{link.pk}"' in page


def test_planned_go_live_is_agreed_in_the_account_and_read_on_top(customer, desk):
    Customer.objects.filter(pk=customer.pk).update(planned_go_live="2026-12-15")
    assert "Planned go-live 15 Dec 2026" in re.sub(r"\s+", " ", desk())


def test_the_worksheet_is_read_and_taken_along_on_the_desk(customer, manager, signed_in):
    maya = signed_in(manager)
    address = reverse("admin:accounts_customer_worksheet", args=[customer.pk])
    assert "Opens with the approved sandbox test" in maya.get(address).content.decode()
    sandbox_approved(customer)
    page = maya.get(address).content.decode()
    assert "By hand in production" in page
    table = maya.get(reverse("admin:accounts_customer_worksheet_file", args=[customer.pk, "csv"]))
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    Customer.objects.filter(pk=customer.pk).update(path="production_only")
    assert maya.get(address).status_code == 404
