"""The managers' home: whose customers, in which order, and who gets in at all."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    ConnectionFactory,
    CustomerFactory,
    MembershipFactory,
    SignupLinkFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db


def words(response) -> str:
    """The page's text, white space aside."""
    return " ".join(response.content.decode().split())


def test_a_manager_sees_their_own_customers_with_step_turn_and_since(
    customer, other_customer, manager, signed_in
):
    page = words(signed_in(manager).get("/admin/"))
    assert "Northwind Traders" in page
    assert "Sign up with Salesforce" in page
    assert "Your turn" in page
    assert "Contoso" not in page


def test_a_lead_sees_everybody_s_customers_with_their_managers(
    customer, other_customer, lead, signed_in
):
    page = words(signed_in(lead).get("/admin/"))
    assert "Northwind Traders" in page
    assert "Contoso" in page
    assert "Maya Rao" in page
    assert "Otto Berg" in page


def test_what_is_stuck_stands_first(customer, manager, signed_in):
    CustomerFactory(name="Zeta Corp", implementation_manager=manager, hold_reason="Change board")
    page = words(signed_in(manager).get("/admin/")).split("<tbody>")[-1]
    assert page.index("Zeta Corp") < page.index("Northwind Traders")
    assert "Stuck" in page
    assert "Change board" in page


def test_waiting_on_me_leaves_out_what_waits_on_the_customer(customer, manager, signed_in):
    waiting = CustomerFactory(name="Their Turn Ltd", implementation_manager=manager)
    SignupLinkFactory(customer=waiting)
    page = words(signed_in(manager).get("/admin/?show=me"))
    assert "Northwind Traders" in page
    assert "Their Turn Ltd" not in page


def test_nothing_stuck_is_said(customer, manager, signed_in):
    assert "Nothing is stuck" in words(signed_in(manager).get("/admin/?show=stuck"))


def test_a_manager_without_customers_is_told_what_to_do(other_manager, signed_in):
    page = words(signed_in(other_manager).get("/admin/"))
    assert "No customers yet" in page
    assert reverse("admin:accounts_customer_add") in page


def test_staff_without_rights_see_an_empty_desk(customer, staff_without_rights, signed_in):
    page = words(signed_in(staff_without_rights).get("/admin/"))
    assert "Nothing to see here yet" in page
    assert "Northwind" not in page


def test_a_customer_s_person_never_gets_in(admin_person, signed_in):
    answer = signed_in(admin_person).get("/admin/", follow=True)
    assert answer.status_code == 403


def test_nobody_signed_in_is_sent_to_the_staff_page(db):
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=%2Fadmin%2F" in answer.redirect_chain[-1][0]


def test_thirty_customers_take_as_many_queries_as_three(
    manager, signed_in, django_assert_max_num_queries
):
    browser = signed_in(manager)

    def make(count):
        for _number in range(count):
            made = CustomerFactory(implementation_manager=manager)
            MembershipFactory(customer=made)
            SignupLinkFactory(customer=made)
            connection = ConnectionFactory(customer=made)
            TestRunFactory(
                customer=made,
                epoch=connection.epoch,
                state="review",
                sent_at=timezone.now() - timedelta(days=2),
            )

    make(3)
    browser.get("/admin/")
    with django_assert_max_num_queries(40) as counted:
        browser.get("/admin/")
    few = len(counted)
    make(27)
    # The first look at new ones comes on top.
    browser.get("/admin/")
    with django_assert_max_num_queries(few):
        page = words(browser.get("/admin/"))
    assert page.count("Production only") + page.count("Sandbox first") >= 30


def test_more_than_fifty_customers_are_paged(manager, signed_in):
    CustomerFactory.create_batch(51, implementation_manager=manager)
    browser = signed_in(manager)
    assert "1 to 50 of 51" in words(browser.get("/admin/"))
    assert "51 to 51 of 51" in words(browser.get("/admin/?page=2"))


def test_the_desk_has_nothing_inline(customer, manager, signed_in):
    page = signed_in(manager).get("/admin/").content.decode()
    assert "style=" not in page
    assert "onclick" not in page
    assert "<script>" not in page
