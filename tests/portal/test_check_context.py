"""What checks are told: the settings, the waiting job changes, the org that was tested."""

import datetime

import pytest
from django.utils import timezone

from integrations.checks.permissions import wants
from integrations.checks.written import objects_created, objects_written
from integrations.models import ConnectAttempt
from integrations.salesforce.manifest import USERGEM_1
from jobchanges.models import TestRun
from portal.checking.context import check_context
from tests.factories import (
    BatchFactory,
    ConnectAttemptFactory,
    ConnectionFactory,
    CustomerFactory,
    DeliveryFactory,
    EnvironmentSettingsFactory,
    JobChangeFactory,
    OutputSettingsFactory,
    SummaryFactory,
    TestRunFactory,
)

pytestmark = pytest.mark.django_db
CONTACT, ACCOUNT = "0037z00000002DBAAY", "0017z00000000RJAAY"


@pytest.fixture
def sandbox(customer):
    return ConnectionFactory(customer=customer)


@pytest.fixture
def production(customer):
    return ConnectionFactory(customer=customer, environment="production")


def test_before_anything_is_chosen_leads_and_contacts_are_looked_at(sandbox):
    context = check_context(sandbox)
    assert (context.record_mode, context.lead_source, context.waiting) == ("", "", 0)
    assert {"Lead", "Contact", "UserGem__UserGem__c"} == set(context.fields_created)
    assert context.connected_org_id == sandbox.epoch.org_id
    assert context.calls_needed == 0


def test_the_choices_of_the_environment_are_told(customer, sandbox):
    OutputSettingsFactory(customer=customer, record_mode="always_contact", lead_source="Gems")
    EnvironmentSettingsFactory(
        customer=customer, campaign_id="701000000000001AAA", campaign_status="Sent"
    )
    EnvironmentSettingsFactory(
        customer=customer, environment="production", default_owner_name="Other"
    )
    context = check_context(sandbox)
    assert context.default_owner_name == "Olga Owner"
    assert set(context.fields_created) >= {"Contact", "Account", "CampaignMember"}
    assert "Lead" not in context.fields_created
    assert context.values_written["Contact.LeadSource"] == {"Gems"}
    assert context.values_written["CampaignMember.Status"] == {"Sent"}


def mapped(target, field, **values):
    row = {"target": target, "field": field, "source": "", "text": "", "replace": False}
    return row | values


def test_people_in_turn_are_told_where_a_rule_asks_for_them(customer, sandbox):
    output = OutputSettingsFactory(customer=customer, lead_owner_rule="round_robin")
    people = [{"id": "005000000000003AAA", "name": "Ben Ode"}]
    EnvironmentSettingsFactory(customer=customer, round_robin=people)
    assert check_context(sandbox).turns == [("005000000000003AAA", "Ben Ode")]
    type(output).objects.update(lead_owner_rule="default_owner")
    assert check_context(sandbox).turns == []


def test_the_lookups_of_the_settings_are_told(customer, sandbox):
    output = OutputSettingsFactory(
        customer=customer,
        contact_owner_rule="account_lookup",
        contact_owner_field="SDR__c",
        lead_account_field="Matched__c",
    )
    EnvironmentSettingsFactory(customer=customer)
    assert check_context(sandbox).contact_owner_field == "SDR__c"
    type(output).objects.update(record_mode="always_lead")
    context = check_context(sandbox)
    assert context.contact_owner_field == ""
    assert "Matched__c" in context.fields_created["Lead"]
    assert context.types_written["Lead.Matched__c"] == {"reference"}


def test_mapped_fields_are_filled_with_what_their_types_take(customer, sandbox):
    output = OutputSettingsFactory(
        customer=customer,
        field_mapping=[
            mapped("past_contact", "Contact_Status__c", text="Former customer", replace=True),
            mapped("new_lead", "Started__c", source="job_started_date"),
            mapped("new_account", "Rating", text="Hot"),
        ],
    )
    EnvironmentSettingsFactory(customer=customer)
    context = check_context(sandbox)
    assert "Contact_Status__c" in context.fields_updated["Contact"]
    assert "Contact_Status__c" not in context.fields_created["Contact"]
    assert "Started__c" in context.fields_created["Lead"]
    assert context.values_written["Contact.Contact_Status__c"] == {"Former customer"}
    assert {"date", "string"} <= context.types_written["Lead.Started__c"]
    assert "boolean" not in context.types_written["Lead.Started__c"]
    assert "Account.Rating" not in context.types_written
    type(output).objects.update(update_past_record=False)
    assert "Contact.Contact_Status__c" not in check_context(sandbox).values_written


def test_a_text_on_every_new_lead_is_never_missing(customer, sandbox):
    OutputSettingsFactory(customer=customer, field_mapping=[mapped("new_lead", "R__c", text="x")])
    EnvironmentSettingsFactory(customer=customer)
    assert "R__c" in check_context(sandbox).fields_always["Lead"]


def test_with_the_flow_template_only_the_package_s_record_is_written(customer, sandbox):
    OutputSettingsFactory(customer=customer, record_mode="flow_template")
    EnvironmentSettingsFactory(customer=customer, campaign_id="701000000000001AAA")
    context = check_context(sandbox)
    assert set(context.fields_created) == {"UserGem__UserGem__c"}
    assert (context.campaign_id, context.default_owner_id, context.values_written) == ("", "", {})
    assert objects_created(context, USERGEM_1) == ("UserGem__UserGem__c",)
    assert objects_written(context, USERGEM_1) == ("UserGem__UserGem__c",)
    rights = {one.name: one.rights for one in wants(context, USERGEM_1)}
    assert rights["Lead"] == rights["Contact"] == rights["Account"] == {"read"}
    assert rights["UserGem__UserGem__c"] == {"read", "create"}


def test_the_list_of_permissions_is_the_customers(customer, sandbox):
    type(customer).objects.update(permission_list="V2")
    sandbox.refresh_from_db()
    assert check_context(sandbox).permission_list == "V2"


def test_past_records_of_what_waits_are_told_by_their_long_ids(customer, sandbox):
    JobChangeFactory(customer=customer, past_contact_id=CONTACT[:15], past_account_id=ACCOUNT)
    JobChangeFactory(customer=customer, past_lead_id="no id")
    JobChangeFactory(customer=CustomerFactory(), past_contact_id=CONTACT)
    context = check_context(sandbox)
    assert context.waiting == 2
    assert list(context.past_contact_ids) == [CONTACT]
    assert list(context.past_records) == [(CONTACT, ACCOUNT)]
    assert list(context.past_lead_ids) == []


def test_what_is_in_the_org_already_waits_no_more(customer, production):
    there = JobChangeFactory(customer=customer)
    JobChangeFactory(customer=customer)
    run = TestRunFactory(customer=customer, environment="production", epoch=production.epoch)
    DeliveryFactory(test_run=run, job_change=there, state="delivered")
    assert check_context(production).waiting == 1


def test_a_field_that_everybody_has_a_value_for_is_always_filled(customer, sandbox):
    JobChangeFactory(customer=customer, person_country="Canada", phone="1")
    JobChangeFactory(customer=customer, person_country="Spain", phone="")
    JobChangeFactory(customer=customer, kind="left", person_country="")
    always = check_context(sandbox).fields_always["Lead"]
    assert "Country" in always
    assert "Phone" not in always


def test_calls_are_those_of_a_test_run_and_of_the_forecast(customer, sandbox, production):
    for _each in range(30):
        JobChangeFactory(customer=customer)
    assert 0 < check_context(sandbox).calls_needed < check_context(production).calls_needed
    SummaryFactory(customer=customer)
    assert check_context(production).calls_needed == 80


def test_production_learns_which_org_was_tested_and_whether_it_knows_it(
    customer, sandbox, production
):
    assert check_context(production).tested_org_id == ""
    TestRunFactory(customer=customer, epoch=sandbox.epoch, state=TestRun.State.APPROVED)
    ConnectAttemptFactory(
        customer=customer,
        environment="production",
        state=ConnectAttempt.State.CONFIRMED,
        organization={"parent": "proven"},
    )
    context = check_context(production)
    assert (context.tested_org_id, context.tested_parent) == (sandbox.epoch.org_id, "proven")
    assert check_context(sandbox).tested_org_id == ""


class TestSigned:
    """What was signed decides what is asked: nothing else may change an answer that was signed."""

    @pytest.fixture
    def german(self, customer):
        return JobChangeFactory(customer=customer, person_country="Germany")

    def fields(self, production):
        return check_context(production).fields_always["Lead"]

    def test_what_is_imported_after_the_summary_changes_nothing(
        self, customer, production, german, time_machine
    ):
        SummaryFactory(customer=customer, frozen_at=timezone.now())
        assert "Country" in self.fields(production)
        time_machine.move_to(timezone.now() + datetime.timedelta(minutes=5))
        JobChangeFactory(customer=customer, person_country="", imported_at=timezone.now())
        assert "Country" in self.fields(production)

    def test_what_has_arrived_meanwhile_changes_nothing(self, customer, production, german):
        batch = BatchFactory(
            customer=customer, epoch=production.epoch, state="sending", cut_off=timezone.now()
        )
        delivery = DeliveryFactory(
            batch=batch,
            test_run=None,
            job_change=german,
            epoch=production.epoch,
            environment="production",
        )
        assert "Country" in self.fields(production)
        type(delivery).objects.update(state="delivered")
        assert "Country" in self.fields(production)
