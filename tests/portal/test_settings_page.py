"""Choosing where job changes go, from what the connected org offers."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.models import Event
from integrations.salesforce.errors import SalesforceError
from jobchanges.models import EnvironmentSettings, OutputSettings, RecordMode
from portal import settings_choice
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
)

pytestmark = pytest.mark.django_db

OWNER = "005000000000002AAA"
GONE = "005000000000009AAA"
CAMPAIGN = "701000000000001AAA"
ADDRESS = "/settings/?environment=sandbox"


class StandInOrg:
    """Answers the four questions of the settings as an org would; counts them."""

    restricted = False

    def __init__(self):
        self.asked = []

    def query(self, soql):
        self.asked.append(soql)
        if "FROM CampaignMemberStatus" in soql:
            return [
                {"CampaignId": CAMPAIGN, "Label": "Sent", "IsDefault": True},
                {"CampaignId": CAMPAIGN, "Label": "Responded", "IsDefault": False},
            ]
        if "FROM Campaign" in soql:
            return [{"Id": CAMPAIGN, "Name": "Job changes"}]
        if GONE in soql:
            return []
        return [{"Id": OWNER, "Name": "Olga Owner", "Username": "olga@n.example", "IsActive": True}]

    def describe(self, _object_name):
        field = SimpleNamespace(
            picklist_values=("Web", "UserGems"), restricted_picklist=self.restricted
        )
        return SimpleNamespace(fields={"LeadSource": field})

    def close(self):
        """Nothing is held open."""


@pytest.fixture
def org(monkeypatch):
    org = StandInOrg()
    monkeypatch.setattr(settings_choice, "org_open", lambda _connection, **_for: org)
    return org


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(customer=customer, epoch__name="Northwind (full copy)")


@pytest.fixture
def read(client):
    def get(person, address=ADDRESS):
        client.force_login(person)
        return client.get(address).content.decode()

    return get


@pytest.fixture
def save(client):
    def post(person, **changed):
        client.force_login(person)
        values = {
            "record_mode": RecordMode.ALWAYS_LEAD,
            "contact_owner_rule": "account_owner",
            "default_owner_id": OWNER,
            "lead_source": "UserGems",
            "campaign": f"{CAMPAIGN}|Sent",
        }
        return client.post(ADDRESS, values | changed)

    return post


def test_offers_what_the_org_has_with_one_line_of_consequence(read, org, connected, admin_person):
    text = read(admin_person)
    assert "Contact if the account exists, otherwise a lead" in text
    assert "For routing tools, or teams that do not use contacts." in text
    assert "Olga Owner (olga@n.example)" in text
    assert "Job changes: Responded" in text
    assert "Sandbox · Northwind (full copy)" in text


def test_saved_choices_are_valid_in_this_org_and_logged(
    save, read, org, connected, customer, admin_person
):
    response = save(admin_person)
    assert response.status_code == 302
    chosen = EnvironmentSettings.objects.get(customer=customer)
    assert chosen.validated_org_id == connected.epoch.org_id
    assert (chosen.campaign_id, chosen.campaign_status) == (CAMPAIGN, "Sent")
    assert OutputSettings.objects.get(customer=customer).record_mode == RecordMode.ALWAYS_LEAD
    assert Event.objects.get(action="settings.saved").actor == admin_person
    assert "Saved. Every choice was found valid in your org." in read(admin_person)


def test_no_campaign_is_a_choice(save, org, connected, admin_person):
    save(admin_person, campaign="")
    assert EnvironmentSettings.objects.get().campaign_id == ""


def test_what_is_missing_is_said_next_to_its_field_and_nothing_is_saved(
    save, org, connected, admin_person
):
    response = save(admin_person, default_owner_id="", lead_source="From a friend")
    text = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in text
    assert 'aria-invalid="true"' in text
    assert "From a friend" in text
    assert not EnvironmentSettings.objects.exists()


def test_what_the_org_says_is_wrong_stands_next_to_its_field(save, org, connected, admin_person):
    org.query = lambda soql: (
        [{"Id": OWNER, "Name": "Olga Owner", "IsActive": False}]
        if "FROM User WHERE Id" in soql
        else StandInOrg().query(soql)
    )
    response = save(admin_person)
    assert response.status_code == 422
    assert "Olga Owner is inactive in this org." in response.content.decode()


def test_a_restricted_picklist_offers_its_values_only(read, org, connected, admin_person):
    org.restricted = True
    text = read(admin_person)
    assert "This org accepts only values of its Lead Source picklist." in text
    assert '<option value="Web">' in text


def test_a_choice_that_left_the_org_stays_visible(read, org, connected, customer, admin_person):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer, default_owner_id=GONE)
    assert f"{GONE}, not in this org" in read(admin_person)


def test_an_org_that_does_not_answer_leaves_the_page_to_read(
    client, read, save, monkeypatch, connected, customer, admin_person
):
    def fail(_connection, **_for):
        raise SalesforceError("SERVER_UNAVAILABLE")

    monkeypatch.setattr(settings_choice, "org_open", fail)
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer)
    text = read(admin_person)
    assert "The org could not be asked, so nothing can be changed now." in text
    assert "Olga Owner" in text
    response = save(admin_person)
    assert "Nothing was saved, because the org could not be asked." in response.content.decode()


def test_an_org_that_may_not_be_asked_shows_the_way_into_its_setup(
    read, monkeypatch, connected, customer, admin_person
):
    def fail(_connection, **_for):
        raise SalesforceError("API_CURRENTLY_DISABLED", "API is disabled for this User")

    monkeypatch.setattr(settings_choice, "org_open", fail)
    text = read(admin_person)
    assert "Give it the permission API Enabled." in text
    assert f'href="{connected.epoch.instance_url}/lightning/setup/PermSets/home"' in text


def test_before_connecting_it_says_so(read, admin_person):
    assert "Owners and campaigns come from your org. Connect it first." in read(admin_person)


def test_reviewers_and_approvers_read_and_may_not_save(
    read, save, org, connected, customer, reviewer, approver
):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer)
    for person in (reviewer, approver):
        text = read(person)
        assert "Olga Owner" in text
        assert "Save and check in the org" not in text
        assert save(person).status_code == 403
    assert org.asked == []


def test_strangers_choose_for_their_own_company_only(save, org, connected, customer, stranger):
    save(stranger)
    assert not EnvironmentSettings.objects.filter(customer=customer).exists()


def test_staff_find_nothing_here(client, manager, connected):
    client.force_login(manager)
    assert client.get(reverse("settings")).status_code == 404


def test_both_orgs_connected_are_a_choice(read, org, connected, customer, admin_person):
    ConnectionFactory(customer=customer, environment="production", epoch__name="Northwind")
    text = read(admin_person)
    assert "/settings/?environment=production" in text
