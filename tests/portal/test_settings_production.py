"""Production's settings after a sandbox: what is shared was tested, what is its own is chosen."""

import pytest
from django.urls import reverse

from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings
from tests.factories import EnvironmentSettingsFactory, OrgOfferFactory, SummaryFactory
from tests.portal.situations import production_connect, sandbox_approved, settings_chosen

pytestmark = pytest.mark.django_db

ADDRESS = "/settings/?environment=production"
OLGA, OTHER = "005000000000011AAA", "005000000000012AAA"
CAMPAIGN = "701000000000011AAA"


@pytest.fixture
def offering(production):
    """Makes production offer something: other ids than the sandbox."""

    def offer(users=("Olga Owner", "Otto Other"), campaigns=("Champion moves FY26",)):
        OrgOffer.objects.filter(epoch=production.epoch).delete()
        OrgOfferFactory(
            epoch=production.epoch,
            users=tuple(zip((OLGA, OTHER), users, strict=False)),
            campaigns=tuple(zip((CAMPAIGN, "701000000000012AAA"), campaigns, strict=False)),
            lead_sources=(),
        )

    offer()
    return offer


@pytest.fixture
def production(customer):
    """The sandbox was set up and tested; production is connected."""
    sandbox = sandbox_approved(customer)
    settings_chosen(
        customer,
        sandbox.epoch,
        campaign_id="701000000000001AAA",
        campaign_name="Champion moves FY26",
        campaign_status="Responded",
    )
    return production_connect(customer)


def chosen(**changed) -> dict[str, str]:
    return {
        "record_mode": "contact_if_account",
        "contact_owner_rule": "account_owner",
        "lead_owner_rule": "default_owner",
        "update_past_record": "on",
        "default_owner_id": OLGA,
        "lead_source": "UserGems",
        "campaign": f"{CAMPAIGN}|Responded",
        **changed,
    }


def form_of(client, person):
    client.force_login(person)
    return client.get(ADDRESS).context["form"]


def test_owner_and_campaign_of_the_same_name_are_chosen_already(
    client, offering, production, admin_person
):
    form = form_of(client, admin_person)
    assert form["default_owner_id"].value() == OLGA
    assert form["campaign"].value() == f"{CAMPAIGN}|Responded"


@pytest.mark.parametrize(
    "offered",
    [
        {"users": ("Olga Owner", "Olga Owner"), "campaigns": ("Champion moves FY26",) * 2},
        {"users": ("Otto Other",), "campaigns": ("Webinar",)},
    ],
    ids=["several of the name", "none of the name"],
)
def test_where_it_is_not_clear_a_person_chooses(
    client, offering, production, admin_person, offered
):
    offering(**offered)
    form = form_of(client, admin_person)
    assert form["default_owner_id"].value() == ""
    assert form["campaign"].value() == ""


def test_what_was_saved_for_production_stands(client, offering, production, admin_person, customer):
    EnvironmentSettingsFactory(customer=customer, environment="production", default_owner_id=OTHER)
    form = form_of(client, admin_person)
    assert form["default_owner_id"].value() == OTHER
    assert form["campaign"].value() == ""


def test_the_page_says_what_comes_from_the_sandbox(client, offering, production, admin_person):
    client.force_login(admin_person)
    text = client.get(ADDRESS).content.decode()
    assert "come from the tested sandbox" in text
    assert "Changing one of them here also changes what was tested." in text


def test_the_sandbox_s_page_does_not_say_so(client, offering, production, admin_person):
    client.force_login(admin_person)
    text = client.get("/settings/?environment=sandbox").content.decode()
    assert "come from the tested sandbox" not in text


def test_choosing_what_is_production_s_own_leaves_the_sandbox_alone(
    client, offering, production, admin_person, customer
):
    client.force_login(admin_person)
    text = client.post(ADDRESS, chosen(), follow=True).content.decode()
    assert "Saved. Your org offered every choice" in text
    assert "You changed what was tested" not in text
    own = EnvironmentSettings.objects.get(customer=customer, environment="production")
    assert (own.default_owner_id, own.campaign_name) == (OLGA, "Champion moves FY26")
    sandbox = EnvironmentSettings.objects.get(customer=customer, environment="sandbox")
    assert sandbox.validated_org_id


def test_changing_what_is_shared_says_that_it_was_tested_otherwise(
    client, offering, production, admin_person, customer
):
    client.force_login(admin_person)
    text = client.post(ADDRESS, chosen(lead_source="Gems"), follow=True).content.decode()
    assert "You changed what was tested in the sandbox: it holds in both orgs." in text
    assert OutputSettings.objects.get(customer=customer).lead_source == "Gems"
    sandbox = EnvironmentSettings.objects.get(customer=customer, environment="sandbox")
    assert not sandbox.validated_org_id


def test_the_choices_about_the_orgs_rules_are_kept_and_shown(
    client, offering, production, admin_person, customer
):
    client.force_login(admin_person)
    assert not form_of(client, admin_person)["save_past_alerts"].value()
    client.post(ADDRESS, chosen(run_assignment_rules="on", save_past_alerts="on"))
    saved = OutputSettings.objects.get(customer=customer)
    assert (saved.run_assignment_rules, saved.save_past_alerts) == (True, True)
    sandbox = EnvironmentSettings.objects.get(customer=customer, environment="sandbox")
    assert not sandbox.validated_org_id
    assert form_of(client, admin_person)["run_assignment_rules"].value() is True
    client.post(ADDRESS, chosen())
    saved.refresh_from_db()
    assert (saved.run_assignment_rules, saved.save_past_alerts) == (False, False)


def test_the_manager_reads_and_is_told_the_same(offering, production, customer, manager, signed_in):
    browser = signed_in(manager)
    address = reverse("admin:accounts_customer_settings", args=[customer.pk, "production"])
    page = browser.get(address)
    assert "come from the tested sandbox" in page.content.decode()
    assert page.context["form"]["default_owner_id"].value() == OLGA
    text = browser.post(address, chosen(lead_source="Gems"), follow=True).content.decode()
    assert "You changed what was tested in the sandbox" in text


def test_while_a_summary_stands_the_page_says_what_a_change_ends(
    production, offering, customer, admin_person, signed_in
):
    words = "that summary and the signatures on it end"
    assert words not in signed_in(admin_person).get(ADDRESS).content.decode()
    SummaryFactory(customer=customer)
    assert words in signed_in(admin_person).get(ADDRESS).content.decode()
