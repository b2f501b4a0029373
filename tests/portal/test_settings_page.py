"""Choosing where job changes go, from what the connected org offers."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from integrations.models import Health
from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings, RecordMode
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OrgOfferFactory,
    OutputSettingsFactory,
)
from tests.portal.situations import EARLIER

pytestmark = pytest.mark.django_db

OWNER = "005000000000002AAA"
GONE = "005000000000009AAA"
CAMPAIGN = "701000000000001AAA"
ADDRESS = "/settings/?environment=sandbox"


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(customer=customer, epoch__name="Northwind (full copy)")


@pytest.fixture
def offered(connected):
    """What the org offered when it was asked in the background."""
    return OrgOfferFactory(epoch=connected.epoch)


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
            "lead_owner_rule": "default_owner",
            "update_past_record": "on",
            "default_owner_id": OWNER,
            "lead_source": "UserGems",
            "campaign": f"{CAMPAIGN}|Sent",
        }
        return client.post(ADDRESS, values | changed)

    return post


def test_offers_what_the_org_has_with_one_line_of_consequence(
    read, offered, connected, admin_person
):
    text = read(admin_person)
    assert "Contact if the account exists, otherwise a lead" in text
    assert "For routing tools, or teams that do not use contacts." in text
    assert "Olga Owner (olga@n.example)" in text
    assert "Job changes: Responded" in text
    assert "Sandbox · Northwind (full copy)" in text


def test_saved_choices_are_valid_in_this_org_and_logged(
    save, read, offered, connected, customer, admin_person
):
    response = save(admin_person)
    assert response.status_code == 302
    chosen = EnvironmentSettings.objects.get(customer=customer)
    assert chosen.validated_org_id == connected.epoch.org_id
    assert (chosen.campaign_id, chosen.campaign_status) == (CAMPAIGN, "Sent")
    assert OutputSettings.objects.get(customer=customer).record_mode == RecordMode.ALWAYS_LEAD
    assert Event.objects.get(action="settings.saved").actor == admin_person
    assert "Saved. Your org offered every choice" in read(admin_person)


def test_no_campaign_is_a_choice(save, offered, connected, admin_person):
    save(admin_person, campaign="")
    assert EnvironmentSettings.objects.get().campaign_id == ""


def test_what_is_missing_is_said_next_to_its_field_and_nothing_is_saved(
    save, offered, connected, admin_person
):
    response = save(admin_person, default_owner_id="", lead_source="From a friend")
    text = response.content.decode()
    assert response.status_code == 422
    assert "error-summary" in text
    assert 'aria-invalid="true"' in text
    assert "From a friend" in text
    assert not EnvironmentSettings.objects.exists()


def test_what_the_org_does_not_offer_is_said_next_to_its_field(
    save, offered, connected, customer, admin_person
):
    # Chosen earlier, so still in the list.
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer, default_owner_id=GONE)
    response = save(admin_person, default_owner_id=GONE)
    assert response.status_code == 422
    text = response.content.decode()
    assert "The default owner is not an active user of this org." in text


def test_a_restricted_picklist_offers_its_values_only(read, offered, connected, admin_person):
    OrgOffer.objects.update(options=OrgOfferFactory.build(restricted=True).options)
    text = read(admin_person)
    assert "This org accepts only values of its Lead Source picklist." in text
    assert '<option value="Web">' in text


def test_a_choice_that_left_the_org_stays_visible(read, offered, connected, customer, admin_person):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer, default_owner_id=GONE)
    assert f"{GONE}, not in this org" in read(admin_person)


def test_the_page_does_not_wait_for_the_org(read, connected, admin_person):
    text = read(admin_person)
    assert "Your org is being asked which users and campaigns there are" in text
    assert 'hx-trigger="every 2s"' in text
    assert OrgOffer.objects.get().asking


def test_an_org_that_does_not_answer_leaves_the_page_to_read(
    read, save, connected, customer, admin_person
):
    OrgOfferFactory(
        epoch=connected.epoch,
        answered_at=None,
        asked_at=timezone.now(),
        options={},
        error="Salesforce gave no answer. Try again in a few minutes.",
    )
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer)
    text = read(admin_person)
    assert "The org could not be asked, so nothing can be changed now." in text
    assert "Salesforce gave no answer." in text
    assert "Olga Owner" in text
    response = save(admin_person)
    assert "Nothing was saved, because the org has not answered yet." in response.content.decode()


def test_an_org_that_may_not_be_asked_shows_the_way_into_its_setup(read, connected, admin_person):
    OrgOfferFactory(
        epoch=connected.epoch,
        answered_at=None,
        asked_at=timezone.now(),
        options={},
        error="Give it the permission API Enabled.",
        setup_path="/lightning/setup/PermSets/home",
    )
    text = read(admin_person)
    assert "Give it the permission API Enabled." in text
    assert f'href="{connected.epoch.instance_url}/lightning/setup/PermSets/home"' in text


def test_an_org_that_went_silent_still_offers_what_it_offered(
    read, save, offered, connected, admin_person
):
    OrgOffer.objects.update(error="Salesforce gave no answer.", asked_at=timezone.now())
    assert "Salesforce gave no answer." in read(admin_person)
    assert save(admin_person).status_code == 302


def test_a_lost_connection_offers_nothing(read, offered, connected, admin_person):
    connected.health = Health.NEEDS_RECONNECTING
    connected.save(update_fields=["health"])
    text = read(admin_person)
    assert "The org could not be asked, so nothing can be changed now." in text
    assert "Save and check in the org" not in text


def test_an_admin_has_the_org_asked_again(client, offered, connected, admin_person):
    OrgOffer.objects.update(asked_at=EARLIER, answered_at=EARLIER)
    client.force_login(admin_person)
    text = client.post("/settings/sandbox/ask/", follow=True).content.decode()
    assert "Your org is being asked again what there is to choose from." in text
    assert "Save and check in the org" in text


def test_before_connecting_it_says_so(read, admin_person):
    assert "Owners and campaigns come from your org. Connect it first." in read(admin_person)


def test_reviewers_and_approvers_read_and_may_not_save(
    read, save, offered, connected, customer, reviewer, approver
):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(customer=customer)
    for person in (reviewer, approver):
        text = read(person)
        assert "Olga Owner" in text
        assert "Save and check in the org" not in text
        assert save(person).status_code == 403


def test_strangers_choose_for_their_own_company_only(save, offered, connected, customer, stranger):
    save(stranger)
    assert not EnvironmentSettings.objects.filter(customer=customer).exists()


def test_staff_find_nothing_here(client, manager, connected):
    client.force_login(manager)
    assert client.get(reverse("settings")).status_code == 404


def test_both_orgs_connected_are_a_choice(read, offered, connected, customer, admin_person):
    ConnectionFactory(customer=customer, environment="production", epoch__name="Northwind")
    text = read(admin_person)
    assert "/settings/?environment=production" in text
