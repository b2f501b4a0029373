"""Settings: chosen from the org, valid in the org, saved with an event."""

import json
from dataclasses import replace

import pytest

from accounts.models import Event
from integrations.salesforce.manifest import USERGEM_1
from integrations.services import org_open
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.planning.types import FieldMap
from jobchanges.services.settings import (
    SettingsError,
    SettingsValues,
    settings_options,
    settings_save,
)
from jobchanges.settings_fields import account_lookups, fields_for, user_lookups
from jobchanges.settings_options import Options
from tests.factories import EnvironmentSettingsFactory

pytestmark = pytest.mark.django_db
ORG = "northwind-full"


@pytest.fixture
def connection(rehearsal, customer):
    return rehearsal.connect(customer, ORG)


@pytest.fixture
def org(connection):
    return org_open(connection)


@pytest.fixture
def options(org):
    """What the org offers."""
    return settings_options(org)


@pytest.fixture
def values(rehearsal, connection) -> SettingsValues:
    """What somebody would choose."""
    owner = next(row for row in rehearsal.records(ORG, "User") if row["IsActive"])
    campaign = next(row for row in rehearsal.records(ORG, "Campaign") if row["IsActive"])
    return SettingsValues(
        record_mode="contact_if_account",
        lead_source="UserGems",
        contact_owner_rule="account_owner",
        default_owner_id=owner["Id"],
        campaign_id=campaign["Id"],
        campaign_status="Sent",
    )


def save(customer, values, by, options):
    return settings_save(
        customer=customer, environment="sandbox", values=values, by=by, options=options
    )


def refused(customer, values, by, options):
    with pytest.raises(SettingsError) as error:
        save(customer, values, by, options)
    assert not EnvironmentSettings.objects.exists()
    return error.value.problems


def test_the_org_offers_active_users_and_campaigns_with_their_statuses(org, rehearsal):
    options = settings_options(org)
    active = {row["Id"] for row in rehearsal.records(ORG, "User") if row["IsActive"]}
    assert {owner.id for owner in options.owners} <= active
    assert len(options.owners) > 5
    assert [campaign.name for campaign in options.campaigns]
    assert all("Sent" in campaign.statuses for campaign in options.campaigns)
    assert "UserGems" in options.lead_sources
    assert org.calls <= 4


def test_valid_choices_are_saved_with_the_names_and_the_org(
    customer, values, manager, options, connection
):
    saved = save(customer, values, manager, options)
    assert saved.validated_org_id == connection.epoch.org_id
    assert saved.default_owner_name
    assert saved.campaign_name
    assert saved.problems == []
    assert OutputSettings.objects.get().record_mode == "contact_if_account"


def test_the_event_holds_ids_and_a_hash(customer, values, manager, options, connection):
    save(customer, values, manager, options)
    event = Event.objects.get(action="settings.saved")
    assert event.org_id == connection.epoch.org_id
    assert event.data["default_owner_id"] == values.default_owner_id
    assert len(event.data["values_hash"]) == 64


def test_the_event_holds_no_text_of_the_customers_own(
    customer, values, manager, options, connection
):
    row = FieldMap(target="new_lead", field="Description", text="Ask Jane Doe first")
    save(customer, replace(values, field_mapping=(row,)), manager, options)
    event = Event.objects.get(action="settings.saved")
    assert "Jane" not in str(event.data)
    assert len(event.data["field_mapping"][0]["text"]) == 64


def test_an_inactive_owner_is_refused(customer, values, manager, options, rehearsal):
    gone = next(row for row in rehearsal.records(ORG, "User") if not row["IsActive"])
    problems = refused(customer, replace(values, default_owner_id=gone["Id"]), manager, options)
    assert problems == {"default_owner_id": "The default owner is not an active user of this org."}


def test_an_owner_of_another_org_is_refused(customer, values, manager, options):
    problems = refused(
        customer, replace(values, default_owner_id="005000000000002AAA"), manager, options
    )
    assert problems == {"default_owner_id": "The default owner is not an active user of this org."}


def test_an_inactive_campaign_and_an_unknown_status_are_refused(
    customer, values, manager, options, rehearsal
):
    over = next(row for row in rehearsal.records(ORG, "Campaign") if not row["IsActive"])
    problems = refused(customer, replace(values, campaign_id=over["Id"]), manager, options)
    assert "is not active" in problems["campaign_id"]
    problems = refused(customer, replace(values, campaign_status="Waved"), manager, options)
    assert "“Waved” is not a member status of the campaign" in problems["campaign_status"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("record_mode", "sometimes", "Choose which record"),
        ("contact_owner_rule", "", "Choose who owns"),
        ("default_owner_id", "", "Choose the default owner"),
        ("default_owner_id", "' OR Id != '", "Choose the default owner"),
        ("lead_source", " ", "Give a lead source."),
        ("lead_source", "x" * 41, "at most 40 characters"),
        ("campaign_id", "0017z00000000RJAAY", "not a campaign"),
    ],
)
def test_what_can_be_seen_without_asking_is_refused(customer, manager, field, value, sentence):
    good = SettingsValues(
        record_mode="always_lead",
        lead_source="UserGems",
        contact_owner_rule="account_owner",
        default_owner_id="0057z000000001cAAA",
    )
    problems = refused(customer, replace(good, **{field: value}), manager, None)
    assert sentence in problems[field]


def test_without_a_connection_choices_are_saved_as_not_validated(customer, manager):
    values = SettingsValues(
        record_mode="always_lead",
        lead_source="UserGems",
        contact_owner_rule="account_owner",
        default_owner_id="0057z000000001c",
    )
    saved = save(customer, values, manager, None)
    assert saved.validated_at is None
    assert saved.validated_org_id == ""
    assert saved.default_owner_id == "0057z000000001cAAA"


def test_changing_what_holds_in_both_orgs_makes_the_other_one_stale(
    customer, values, manager, options
):
    save(customer, values, manager, options)
    other = EnvironmentSettingsFactory(
        customer=customer, environment="production", validated_org_id="00D7z000000000AEAQ"
    )
    save(customer, values, manager, options)
    other.refresh_from_db()
    assert other.validated_org_id
    save(customer, replace(values, record_mode="always_lead"), manager, options)
    other.refresh_from_db()
    assert other.validated_org_id == ""


def test_the_org_offers_its_fields_in_the_same_few_calls(rehearsal, connection):
    rehearsal.configure(ORG, "own-fields")
    org = org_open(connection)
    options = Options.from_json(settings_options(org).as_json())
    assert org.calls <= 4
    assert [one.name for one in user_lookups(options.fields)] == ["SDR_Owner__c"]
    assert [one.name for one in account_lookups(options.fields, USERGEM_1)] == [
        "Matched_Account__c"
    ]
    grade = options.field_of("Contact", "Lead_Grade__c")
    assert (grade.label, grade.type, grade.restricted) == ("Lead Grade", "picklist", True)
    assert grade.values == ("Hot", "Warm", "Cold")
    offered = {one.name for one in fields_for(options.fields, "new_contact", USERGEM_1)}
    assert "Description" in offered
    assert not offered & {"LastName", "OwnerId", "CreatedDate", "AccountId"}


def test_what_an_org_offers_is_small_enough_to_keep(options):
    assert len(json.dumps(options.as_json())) < 100_000


def test_a_mapped_field_of_another_org_is_refused(customer, values, manager, options, connection):
    row = FieldMap(target="past_contact", field="Nowhere__c", text="x", replace=True)
    problems = refused(customer, replace(values, field_mapping=(row,)), manager, options)
    assert problems == {
        "field_mapping.0": "The integration user does not see this field in this org."
    }


def test_people_in_turn_are_saved_with_their_names(
    customer, values, manager, options, connection, rehearsal
):
    users = [row for row in rehearsal.records(ORG, "User") if row["IsActive"]][:2]
    ids = tuple(row["Id"][:15] for row in users)
    chosen = replace(values, lead_owner_rule="round_robin", round_robin=ids)
    saved = save(customer, chosen, manager, options)
    assert [one["name"] for one in saved.round_robin] == [row["Name"] for row in users]
    assert [len(one["id"]) for one in saved.round_robin] == [18, 18]


def test_the_same_choices_saved_again_leave_the_other_org_alone(
    customer, values, manager, options, connection
):
    row = FieldMap(target="new_lead", field="Description", source="past_title")
    values = replace(values, field_mapping=(row,), lead_owner_rule="default_owner")
    save(customer, values, manager, options)
    other = EnvironmentSettingsFactory(
        customer=customer, environment="production", validated_org_id="00D7z000000000AEAQ"
    )
    save(customer, values, manager, options)
    other.refresh_from_db()
    assert other.validated_org_id
