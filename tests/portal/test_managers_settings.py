"""The manager chooses where a customer's job changes go, with the customer's own form."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.models import Event
from integrations.salesforce.errors import SalesforceError
from jobchanges.models import EnvironmentSettings, OutputSettings
from portal import settings_choice
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db

OWNER = "005000000000002AAA"


class StandInOrg:
    """Answers the questions of the settings as an org would."""

    def query(self, soql):
        if "Campaign" in soql:
            return []
        if "005000000000009AAA" in soql:
            return []
        return [{"Id": OWNER, "Name": "Olga Owner", "Username": "o@n.example", "IsActive": True}]

    def describe(self, _object_name):
        field = SimpleNamespace(picklist_values=("UserGems",), restricted_picklist=False)
        return SimpleNamespace(fields={"LeadSource": field})

    def close(self):
        """Nothing is held open."""


@pytest.fixture
def address(customer):
    return reverse("admin:accounts_customer_settings", args=[customer.pk, "sandbox"])


@pytest.fixture
def org(customer, monkeypatch):
    ConnectionFactory(customer=customer, epoch__name="Northwind full copy")
    monkeypatch.setattr(settings_choice, "org_open", lambda _connection, **_for: StandInOrg())


def chosen(**changed) -> dict[str, str]:
    return {
        "record_mode": "always_lead",
        "contact_owner_rule": "account_owner",
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
    assert "Every choice was found valid" in page
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


def test_an_org_that_cannot_be_asked_says_why(address, org, manager, signed_in, monkeypatch):
    def refuse(_connection, **_for):
        raise SalesforceError("SERVER_UNAVAILABLE")

    monkeypatch.setattr(settings_choice, "org_open", refuse)
    browser = signed_in(manager)
    assert "The org could not be asked" in browser.get(address).content.decode()
    answer = browser.post(address, chosen())
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.content.decode()


def test_a_stranger_s_settings_are_not_found(other_customer, manager, signed_in):
    address = reverse("admin:accounts_customer_settings", args=[other_customer.pk, "sandbox"])
    assert signed_in(manager).get(address).status_code == 404
    assert signed_in(manager).post(address, chosen()).status_code == 404


def test_staff_without_rights_may_not_choose(address, customer, staff_without_rights, signed_in):
    customer.implementation_manager = staff_without_rights
    customer.save(update_fields=["implementation_manager"])
    assert signed_in(staff_without_rights).get(address).status_code == 403
