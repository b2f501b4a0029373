"""Settings: chosen from the org, valid in the org, saved with an event."""

from dataclasses import replace

import pytest

from accounts.models import Event
from integrations.services import org_open
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.services.settings import (
    SettingsError,
    SettingsValues,
    settings_options,
    settings_save,
)
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
