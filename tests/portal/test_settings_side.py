"""Sandbox and production side by side, and starting a customer's settings from a template."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings, SettingsTemplate
from jobchanges.settings_fields import FieldChoice
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OrgOfferFactory,
    OutputSettingsFactory,
)
from tests.portal.checks_world import words

pytestmark = pytest.mark.django_db
STATUS = FieldChoice(name="Contact_Status__c", label="Contact Status", type="string", length=80)
REPLACED = {
    "target": "past_contact",
    "field": "Contact_Status__c",
    "source": "",
    "text": "Former customer",
    "replace": True,
}
MISSING = {**REPLACED, "field": "Gone__c", "replace": False}


@pytest.fixture
def both(customer, admin_person):
    """Chosen in the sandbox; production has another owner, and another campaign."""
    for environment in ("sandbox", "production"):
        connection = ConnectionFactory(
            customer=customer, environment=environment, epoch__name=f"Northwind {environment}"
        )
        OrgOfferFactory(epoch=connection.epoch, org_fields=(("Contact", (STATUS,)),))
    OutputSettingsFactory(customer=customer, record_mode="contact_if_account")
    EnvironmentSettingsFactory(
        customer=customer, default_owner_name="Olga Owner", campaign_id="", campaign_name=""
    )
    return customer


def test_both_orgs_stand_side_by_side_with_what_differs(both, admin_person, reviewer, signed_in):
    EnvironmentSettingsFactory(
        customer=both,
        environment="production",
        default_owner_name="Paul Prod",
        campaign_id="",
        campaign_name="",
        validated_org_id="",
        validated_at=None,
    )
    for person in (admin_person, reviewer):
        page = words(signed_in(person).get("/settings/?environment=production"))
        assert "Default owner They differ. Olga Owner Paul Prod" in page
        assert "Campaign and member status The same name in both orgs" in page
        assert "to be saved again there" in page
        assert "The same in both orgs Record Contact if the account exists" in page


def test_an_org_without_choices_says_so(both, admin_person, signed_in):
    page = words(signed_in(admin_person).get("/settings/?environment=sandbox"))
    assert "Default owner Olga Owner not chosen yet" in page


def test_with_one_org_there_is_nothing_to_compare(customer, both, admin_person, signed_in):
    customer.path = "production_only"
    customer.save(update_fields=["path"])
    page = words(signed_in(admin_person).get("/settings/?environment=production"))
    assert "side by side" not in page


class TestTemplates:
    @pytest.fixture
    def template(self):
        return SettingsTemplate.objects.create(
            name="Enterprise",
            values={
                "record_mode": "always_contact",
                "lead_source": "UserGems",
                "field_mapping": [REPLACED, MISSING],
            },
        )

    @pytest.fixture
    def address(self, both):
        return reverse("admin:accounts_customer_settings", args=[both.pk, "sandbox"])

    def test_it_says_what_would_change_and_what_the_org_does_not_allow(
        self, template, address, manager, signed_in
    ):
        page = words(signed_in(manager).get(address, {"template": template.pk}))
        assert "Started from “Enterprise”, not saved yet" in page
        assert "Record Contact if the account exists, otherwise a lead Always a contact" in page
        assert "nothing filled with “Former customer”, also where something stands there" in page
        assert "Past contact: Gone__c: The integration user does not see this field" in page
        assert OutputSettings.objects.get().record_mode == "contact_if_account"

    def test_a_lead_source_that_the_org_has_not_stays_as_it_was(
        self, template, address, both, manager, signed_in
    ):
        template.values |= {"lead_source": "Champions", "field_mapping": []}
        template.save()
        OrgOffer.objects.update(options=OrgOfferFactory.build(restricted=True).options)
        page = words(signed_in(manager).get(address, {"template": template.pk}))
        assert "Lead source: “Champions” is not among the lead sources of this org" in page

    def test_leads_keep_a_customer_s_choices_as_a_template(self, both, address, manager, signed_in):
        OutputSettings.objects.update(record_mode="always_lead", field_mapping=[REPLACED])
        browser = signed_in(manager)
        assert "Keep these choices" not in words(browser.get(address))
        manager.groups.add(Group.objects.get(name="Implementation leads"))
        assert "Keep these choices as a template" in words(browser.get(address))
        add = reverse("admin:jobchanges_settingstemplate_add") + f"?customer={both.pk}"
        assert "Contact_Status__c" in words(browser.get(add))
        sent = {
            "name": "Leads only",
            "record_mode": "always_lead",
            "contact_owner_rule": "account_owner",
            "lead_owner_rule": "default_owner",
            "lead_source": "UserGems",
            "is_offered": "on",
            "rows": ["past_contact.Contact_Status__c"],
        }
        assert browser.post(add, {**sent, "name": ""}).status_code == 422
        assert browser.post(add, sent).status_code == 302
        kept = SettingsTemplate.objects.get()
        assert kept.values["record_mode"] == "always_lead"
        assert kept.values["field_mapping"] == [REPLACED]
        assert kept.updated_by == manager
        change = reverse("admin:jobchanges_settingstemplate_change", args=[kept.pk])
        assert browser.post(change, {**sent, "rows": [], "is_offered": ""}).status_code == 302
        kept.refresh_from_db()
        assert kept.values["field_mapping"] == []
        # Not ticked: nobody starts from it any more.
        assert "Start from a template" not in words(browser.get(address))
        assert EnvironmentSettings.objects.get().default_owner_name == "Olga Owner"
