"""The manager chooses where a customer's job changes go, with the customer's own form."""

import pytest
from django.urls import reverse

from accounts.models import Event
from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings
from tests.factories import ConnectionFactory, OrgOfferFactory
from tests.portal.situations import EARLIER

pytestmark = pytest.mark.django_db

OWNER = "005000000000002AAA"


@pytest.fixture
def address(customer):
    return reverse("admin:accounts_customer_settings", args=[customer.pk, "sandbox"])


@pytest.fixture
def org(customer):
    connection = ConnectionFactory(customer=customer, epoch__name="Northwind full copy")
    return OrgOfferFactory(epoch=connection.epoch)


def chosen(**changed) -> dict[str, str]:
    return {
        "record_mode": "always_lead",
        "contact_owner_rule": "account_owner",
        "lead_owner_rule": "default_owner",
        "update_past_record": "on",
        "default_owner_id": OWNER,
        "lead_source": "UserGems",
        "campaign": "",
        **changed,
    }


def test_what_the_manager_chooses_is_checked_in_the_org_and_saved(
    address, org, customer, manager, signed_in
):
    browser = signed_in(manager)
    assert "Olga Owner" in browser.get(address).content.decode()
    page = browser.post(address, chosen(), follow=True).content.decode()
    assert "Your org offered every choice" in page
    assert OutputSettings.objects.get().record_mode == "always_lead"
    assert EnvironmentSettings.objects.get().updated_by == manager
    assert Event.objects.get(customer=customer).side == "vendor"


def test_a_choice_that_does_not_hold_is_said_and_nothing_saved(address, org, manager, signed_in):
    answer = signed_in(manager).post(address, chosen(default_owner_id="005000000000009AAA"))
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.content.decode()
    assert not EnvironmentSettings.objects.exists()


def test_before_connecting_there_is_nothing_to_choose_from(address, manager, signed_in):
    assert "Nothing to choose from yet" in signed_in(manager).get(address).content.decode()


def test_an_org_that_cannot_be_asked_says_why(address, org, manager, signed_in):
    OrgOffer.objects.update(options={}, answered_at=None, error="Salesforce gave no answer.")
    browser = signed_in(manager)
    text = browser.get(address).content.decode()
    assert "The org could not be asked" in text
    assert "Salesforce gave no answer." in text
    answer = browser.post(address, chosen())
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.content.decode()


def test_the_manager_has_the_org_asked_again(address, org, manager, signed_in):
    OrgOffer.objects.update(asked_at=EARLIER, answered_at=EARLIER)
    text = signed_in(manager).post(address, {"ask": "yes"}, follow=True).content.decode()
    assert "being asked again what there is to choose from" in text


def test_a_stranger_s_settings_are_not_found(other_customer, manager, signed_in):
    address = reverse("admin:accounts_customer_settings", args=[other_customer.pk, "sandbox"])
    assert signed_in(manager).get(address).status_code == 404
    assert signed_in(manager).post(address, chosen()).status_code == 404


def test_staff_without_rights_may_not_choose(address, customer, staff_without_rights, signed_in):
    customer.implementation_manager = staff_without_rights
    customer.save(update_fields=["implementation_manager"])
    assert signed_in(staff_without_rights).get(address).status_code == 403
