"""A customer on the desk: its page, its account, its levers."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Event, SignupLink
from portal.models import Waiver
from tests.factories import (
    ConnectionFactory,
    CustomerFactory,
    MembershipFactory,
    SignupLinkFactory,
    TestRunFactory,
    UserFactory,
    WaiverFactory,
)
from tests.portal.situations import settings_chosen

pytestmark = pytest.mark.django_db


def page_of(customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def account(**changed) -> dict[str, str]:
    """What the account's form sends."""
    return {
        "name": "Northwind Traders",
        "plan": "enterprise",
        "path": "sandbox_first",
        "path_reason": "",
        "email_domains": "northwind.example",
        "planned_go_live": "",
        **changed,
    }


# The page -----------------------------------------------------------------------------------


def test_the_page_reads_like_the_customer_s_own(customer, manager, admin_person, signed_in):
    ConnectionFactory(customer=customer, epoch__name="Northwind full copy")
    SignupLinkFactory(customer=customer, person_name="Tom Berg")
    TestRunFactory(customer=customer, epoch=customer.connections.get().epoch, number=3)
    page = signed_in(manager).get(page_of(customer)).content.decode()
    assert "Install the sandbox package" in page
    assert "Northwind full copy" in page
    assert "Tom Berg" in page
    assert "Test 3 in Northwind full copy" in page
    assert "Priya Shah" in page


def test_another_manager_s_customer_is_not_found(other_customer, manager, signed_in):
    assert signed_in(manager).get(page_of(other_customer)).status_code == 404


def test_staff_without_rights_may_not_see_their_customer(staff_without_rights, signed_in):
    theirs = CustomerFactory(implementation_manager=staff_without_rights)
    assert signed_in(staff_without_rights).get(page_of(theirs)).status_code == 403


def test_the_page_takes_as_many_queries_for_much_as_for_little(
    customer, manager, signed_in, django_assert_max_num_queries
):
    browser = signed_in(manager)
    epoch = ConnectionFactory(customer=customer).epoch

    def add(number, **run):
        MembershipFactory(customer=customer)
        SignupLinkFactory(customer=customer, proven_by=UserFactory())
        TestRunFactory(customer=customer, epoch=epoch, number=number, **run)

    add(1)
    with django_assert_max_num_queries(40) as few:
        browser.get(page_of(customer))
    for number in range(2, 8):
        add(number, state="closed")
    with django_assert_max_num_queries(len(few)):
        browser.get(page_of(customer))


def test_the_next_step_has_the_button_that_does_it(customer, manager, signed_in):
    connection = ConnectionFactory(
        customer=customer, epoch__package_installed=True, epoch__facts_at=timezone.now()
    )
    for step in ("permissions", "layouts", "lead_conversion"):
        WaiverFactory(customer=customer, step=f"sandbox.{step}", by=manager)
    settings = reverse("admin:accounts_customer_settings", args=[customer.pk, "sandbox"])
    browser = signed_in(manager)
    page = browser.get(page_of(customer)).content.decode()
    assert f'<a class="button primary" href="{settings}">Choose settings</a>' in page

    run = TestRunFactory(customer=customer, epoch=connection.epoch, state="review", number=1)
    settings_chosen(customer, connection.epoch)
    test = reverse("admin:jobchanges_testrun_change", args=[run.pk])
    page = browser.get(page_of(customer)).content.decode()
    assert f'<a class="button primary" href="{test}">Open test 1</a>' in page


# The list -----------------------------------------------------------------------------------


def test_the_list_says_whose_turn_it_is_and_finds_by_a_person_s_address(
    customer, other_customer, admin_person, lead, signed_in
):
    address = reverse("admin:accounts_customer_changelist")
    browser = signed_in(lead)
    page = browser.get(address, {"q": admin_person.email}).content.decode()
    assert "Northwind Traders" in page
    assert "Maya’s turn" in page
    assert "Contoso" not in page


@pytest.mark.parametrize(
    "query", ["plan=enterprise", "path=sandbox_first", "manager=none", "manager=1", "o=1", "p=1"]
)
def test_every_filter_of_the_list_opens(customer, lead, signed_in, query):
    address = reverse("admin:accounts_customer_changelist")
    assert signed_in(lead).get(f"{address}?{query}").status_code == 200


def test_the_list_takes_as_many_queries_for_many_as_for_few(
    manager, signed_in, django_assert_max_num_queries
):
    browser, address = signed_in(manager), reverse("admin:accounts_customer_changelist")
    CustomerFactory.create_batch(2, implementation_manager=manager)
    with django_assert_max_num_queries(40) as few:
        browser.get(address)
    CustomerFactory.create_batch(10, implementation_manager=manager)
    with django_assert_max_num_queries(len(few)):
        browser.get(address)


# The account --------------------------------------------------------------------------------


def test_a_manager_who_adds_a_customer_becomes_its_manager(manager, signed_in):
    answer = signed_in(manager).post(
        reverse("admin:accounts_customer_add"),
        account(
            name="Tailspin Toys",
            email_domains="@Tailspin.example\ntailspin.example, toys.example",
        ),
    )
    made = Customer.objects.get(name="Tailspin Toys")
    assert answer["Location"] == page_of(made)
    assert made.implementation_manager == manager
    assert made.slug == "tailspin-toys"
    assert made.email_domains == ["tailspin.example", "toys.example"]
    assert Event.objects.get(customer=made).action == "customer.added"


def test_two_customers_of_one_name_get_addresses_of_their_own(manager, signed_in):
    for _time in range(2):
        signed_in(manager).post(reverse("admin:accounts_customer_add"), account(name="Twin"))
    assert set(Customer.objects.values_list("slug", flat=True)) == {"twin", "twin-2"}


def test_a_domain_that_is_none_is_refused_next_to_the_field(customer, manager, signed_in):
    answer = signed_in(manager).post(
        page_of(customer), account(email_domains="northwind.example\nnot a domain")
    )
    assert answer.status_code == 422
    assert "“not” is not a domain" in answer.content.decode()


def test_a_manager_may_not_grant_the_sandbox_path_outside_enterprise(customer, manager, signed_in):
    answer = signed_in(manager).post(
        page_of(customer), account(plan="growth", path_reason="Because I say so")
    )
    assert answer.status_code == 422
    assert "A lead may grant it on another plan" in answer.content.decode()
    customer.refresh_from_db()
    assert customer.plan == "enterprise"


def test_a_lead_grants_the_sandbox_path_with_a_reason(customer, lead, manager, signed_in):
    browser = signed_in(lead)
    given = {"plan": "growth", "implementation_manager": str(manager.pk)}
    refused = browser.post(page_of(customer), account(**given))
    assert "write the reason" in refused.content.decode()
    browser.post(page_of(customer), account(**given, path_reason="Regulated: needs a trial"))
    customer.refresh_from_db()
    assert (customer.plan, customer.path_reason) == ("growth", "Regulated: needs a trial")
    assert Event.objects.get(customer=customer).data["path_has_reason"] is True


def test_a_manager_keeps_an_exception_a_lead_has_granted(customer, manager, signed_in):
    Customer.objects.filter(pk=customer.pk).update(plan="growth", path_reason="Granted")
    answer = signed_in(manager).post(
        page_of(customer), account(plan="growth", planned_go_live="2027-01-15")
    )
    customer.refresh_from_db()
    assert answer.status_code == 302
    assert (str(customer.planned_go_live), customer.path_reason) == ("2027-01-15", "Granted")


def test_a_manager_cannot_give_a_customer_away_and_a_lead_can(
    customer, manager, other_manager, lead, signed_in
):
    given = account(implementation_manager=str(other_manager.pk))
    signed_in(manager).post(page_of(customer), given)
    customer.refresh_from_db()
    assert customer.implementation_manager == manager
    signed_in(lead).post(page_of(customer), given)
    customer.refresh_from_db()
    assert customer.implementation_manager == other_manager


# Sign-up links ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_sign_up_link_is_made_mailed_sent_again_and_revoked(customer, manager, signed_in):
    browser = signed_in(manager)
    answer = browser.post(
        reverse("admin:accounts_customer_link_send", args=[customer.pk]),
        {
            "environment": "sandbox",
            "person_name": "Priya Shah",
            "email": "priya.shah@northwind.example",
        },
        follow=True,
    )
    assert "The sign-up link was mailed to Priya Shah" in answer.content.decode()
    assert mail.outbox[-1].to == ["priya.shah@northwind.example"]
    first = SignupLink.objects.get()
    answer = browser.post(reverse("admin:accounts_signuplink_resend", args=[first.pk]), follow=True)
    assert len(mail.outbox) == 2
    second = SignupLink.objects.exclude(pk=first.pk).get()
    answer = browser.post(
        reverse("admin:accounts_signuplink_revoke", args=[second.pk]), follow=True
    )
    assert "no longer opens anything" in answer.content.decode()
    second.refresh_from_db()
    assert second.state == SignupLink.State.REVOKED


def test_a_broken_address_is_refused_and_what_was_typed_survives(customer, manager, signed_in):
    answer = signed_in(manager).post(
        reverse("admin:accounts_customer_link_send", args=[customer.pk]),
        {"environment": "sandbox", "person_name": "Priya Shah", "email": "priya.shah"},
    )
    assert answer.status_code == 422
    assert 'value="Priya Shah"' in answer.content.decode()
    assert not SignupLink.objects.exists()


def test_the_production_path_offers_no_sandbox_link(manager, signed_in):
    other = CustomerFactory(path="production_only", implementation_manager=manager)
    page = signed_in(manager).get(reverse("admin:accounts_customer_link_send", args=[other.pk]))
    assert 'value="sandbox"' not in page.content.decode()


def test_a_used_link_cannot_be_sent_again_and_the_reason_is_said(customer, manager, signed_in):
    link = SignupLinkFactory(customer=customer, used_at=customer.created_at)
    answer = signed_in(manager).post(
        reverse("admin:accounts_signuplink_resend", args=[link.pk]), follow=True
    )
    assert "was used or sent again already" in answer.content.decode()


@pytest.mark.parametrize("lever", ["resend", "revoke"])
def test_levers_of_a_stranger_s_link_are_not_found(other_customer, manager, signed_in, lever):
    link = SignupLinkFactory(customer=other_customer)
    address = reverse(f"admin:accounts_signuplink_{lever}", args=[link.pk])
    assert signed_in(manager).post(address).status_code == 404
    link.refresh_from_db()
    assert link.state == SignupLink.State.ACTIVE


def test_a_lever_is_not_pulled_by_a_link(customer, manager, signed_in):
    link = SignupLinkFactory(customer=customer)
    address = reverse("admin:accounts_signuplink_revoke", args=[link.pk])
    assert signed_in(manager).get(address).status_code == 405


@pytest.mark.parametrize("action", ["send_again", "revoke_links"])
def test_list_actions_report_row_by_row(customer, manager, signed_in, action):
    links = [
        SignupLinkFactory(customer=customer, person_name="Ada One"),
        SignupLinkFactory(customer=customer, person_name="Bo Two", used_at=customer.created_at),
    ]
    answer = signed_in(manager).post(
        reverse("admin:accounts_signuplink_changelist"),
        {"action": action, "_selected_action": [link.pk for link in links]},
        follow=True,
    )
    said = [str(message) for message in answer.context["messages"]]
    assert len(said) == 2
    assert any("Ada One" in each for each in said)
    assert any(each.startswith("Bo Two: ") for each in said)


# Steps --------------------------------------------------------------------------------------


def test_a_step_is_waived_with_its_reason_and_opened_again(customer, manager, signed_in):
    ConnectionFactory(customer=customer)
    browser, args = signed_in(manager), [customer.pk, "sandbox.lead_conversion"]
    page = browser.post(
        reverse("admin:accounts_customer_waive", args=args), {"reason": "No leads"}, follow=True
    )
    assert "is waived" in page.content.decode()
    assert "Waived by Maya Rao" in page.content.decode()
    page = browser.post(reverse("admin:accounts_customer_reopen", args=args), follow=True)
    assert "is open again" in page.content.decode()
    assert Waiver.objects.get().withdrawn_by == manager


def test_waiving_without_a_reason_is_refused(customer, manager, signed_in):
    page = signed_in(manager).post(
        reverse("admin:accounts_customer_waive", args=[customer.pk, "sandbox.lead_conversion"]),
        {"reason": " "},
        follow=True,
    )
    assert "Say why the step is waived" in page.content.decode()
    assert not Waiver.objects.exists()


def test_a_step_that_may_not_be_waived_is_refused(customer, manager, signed_in):
    page = signed_in(manager).post(
        reverse("admin:accounts_customer_waive", args=[customer.pk, "sandbox.test"]),
        {"reason": "In a hurry"},
        follow=True,
    )
    assert "may not be waived" in page.content.decode()


def test_a_stranger_s_step_is_not_found(other_customer, manager, signed_in):
    args = [other_customer.pk, "sandbox.lead_conversion"]
    WaiverFactory(customer=other_customer)
    for lever in ("waive", "reopen"):
        address = reverse(f"admin:accounts_customer_{lever}", args=args)
        assert signed_in(manager).post(address, {"reason": "x"}).status_code == 404
