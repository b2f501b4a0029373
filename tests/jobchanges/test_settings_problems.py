"""What is wrong with choices of where job changes go, each by its place; no org is asked."""

import pytest

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning.types import FieldMap
from jobchanges.settings_fields import FieldChoice
from jobchanges.settings_options import MOST_CHOICES, CampaignChoice, Options, OwnerChoice
from jobchanges.settings_problems import (
    MOST_FIELDS,
    MOST_PEOPLE,
    SettingsValues,
    problems_in_offer,
    problems_of_form,
)

AMY, BEN = "0057z000000001cAAA", "0057z000000001dAAA"
CAMPAIGN = "7017z000000000AAAQ"


def values(**changes):
    chosen = {
        "record_mode": "contact_if_account",
        "lead_source": "UserGems",
        "contact_owner_rule": "account_owner",
        "default_owner_id": AMY,
    }
    return SettingsValues(**{**chosen, **changes})


def row(field="Region__c", target="new_lead", source="", text="", **more):
    return FieldMap(target=target, field=field, source=source, text=text, **more)


def user(number):
    return f"005{number:012d}"


def test_choices_without_anything_wrong_have_no_problems():
    assert problems_of_form(values()) == {}


@pytest.mark.parametrize(
    ("chosen", "place"),
    [
        ({"default_owner_id": ""}, "default_owner_id"),
        ({"default_owner_id": CAMPAIGN}, "default_owner_id"),
        ({"record_mode": "flow_template", "default_owner_id": "amy"}, "default_owner_id"),
        ({"campaign_id": AMY}, "campaign_id"),
        ({"campaign_status": "s" * 81}, "campaign_status"),
        ({"lead_source": "s" * 41}, "lead_source"),
        ({"contact_owner_rule": "account_lookup"}, "contact_owner_field"),
        ({"contact_owner_rule": "round_robin"}, "round_robin.0"),
        ({"lead_owner_rule": "round_robin"}, "round_robin.0"),
        ({"round_robin": (AMY, CAMPAIGN)}, "round_robin.1"),
        ({"round_robin": (AMY, BEN, AMY)}, "round_robin.2"),
        ({"round_robin": tuple(user(one) for one in range(MOST_PEOPLE + 1))}, "round_robin.0"),
        ({"field_mapping": (row(text="A", target="new_deal"),)}, "field_mapping.0"),
        ({"field_mapping": (row(text="A", field=""),)}, "field_mapping.0"),
        ({"field_mapping": (row(),)}, "field_mapping.0"),
        ({"field_mapping": (row(source="new_title", text="A"),)}, "field_mapping.0"),
        ({"field_mapping": (row(text="A"), row("region__C", text="B"))}, "field_mapping.1"),
        (
            {"field_mapping": tuple(row(f"F{n}__c", text="A") for n in range(MOST_FIELDS + 1))},
            "field_mapping.0",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nowhere_else(chosen, place):
    assert list(problems_of_form(values(**chosen))) == [place]


@pytest.mark.parametrize(
    "chosen",
    [
        {"record_mode": "flow_template", "default_owner_id": ""},
        # A rule for records that the mode does not make needs nothing.
        {"record_mode": "always_lead", "contact_owner_rule": "account_lookup"},
        {"record_mode": "always_lead", "contact_owner_rule": "round_robin"},
        {"record_mode": "always_contact", "lead_owner_rule": "round_robin"},
        {"contact_owner_rule": "account_lookup", "contact_owner_field": "Manager__c"},
        {"round_robin": tuple(user(one) for one in range(MOST_PEOPLE))},
        {"field_mapping": (row(text="A"), row(text="A", target="new_contact"))},
    ],
)
def test_what_is_right_is_not_called_wrong(chosen):
    assert problems_of_form(values(**chosen)) == {}


# --- beside what the org offers -------------------------------------------------------------------


def offered(**changes):
    found = {
        "owners": (OwnerChoice(AMY, "Amy (amy@x.example)", person="Amy"),),
        "campaigns": (CampaignChoice(CAMPAIGN, "Job changes", statuses=("Sent", "Responded")),),
        "lead_sources": ("Web", "UserGems"),
        "lead_source_restricted": True,
        "fields": {
            "Lead": (
                FieldChoice("Region__c", type="string", length=10),
                FieldChoice("Account__c", type="reference", reference_to=("Account",)),
                FieldChoice("Tier__c", type="picklist", restricted=True, values=("A", "B")),
            ),
            "Account": (FieldChoice("Rep__c", type="reference", reference_to=("User",)),),
        },
    }
    return Options(**{**found, **changes})


def problems(options=None, **chosen):
    return problems_in_offer(values(**chosen), options or offered(), USERGEM_1)[0]


@pytest.mark.parametrize(
    ("chosen", "place"),
    [
        ({"default_owner_id": BEN}, "default_owner_id"),
        ({"round_robin": (AMY, BEN)}, "round_robin.1"),
        ({"lead_source": "Trade show"}, "lead_source"),
        ({"campaign_id": "7017z000000000BAAQ"}, "campaign_id"),
        ({"campaign_id": CAMPAIGN, "campaign_status": "Invited"}, "campaign_status"),
        ({"contact_owner_field": "Nobody__c"}, "contact_owner_field"),
        ({"lead_account_field": "Region__c"}, "lead_account_field"),
        ({"lead_account_field": "Nowhere__c"}, "lead_account_field"),
        ({"field_mapping": (row("Nowhere__c", text="A"),)}, "field_mapping.0"),
        ({"field_mapping": (row(text="A"), row("Tier__c", text="C"))}, "field_mapping.1"),
    ],
)
def test_what_the_org_does_not_offer_is_said_at_its_place(chosen, place):
    assert list(problems(**chosen)) == [place]


@pytest.mark.parametrize(
    "chosen",
    [
        {"campaign_id": CAMPAIGN, "campaign_status": "Responded"},
        {"contact_owner_field": "Rep__c"},
        {"lead_account_field": "Account__c"},
        {"record_mode": "always_contact", "lead_account_field": "Region__c"},
        {"record_mode": "flow_template", "lead_source": "Trade show"},
        {"field_mapping": (row("Tier__c", text="A"),)},
    ],
)
def test_what_the_org_offers_or_what_nothing_is_made_with_is_fine(chosen):
    assert problems(**chosen) == {}


def test_who_is_beyond_what_was_listed_is_left_to_the_checks():
    listed = offered(
        owners=tuple(OwnerChoice(user(one), "x") for one in range(MOST_CHOICES)),
        campaigns=tuple(CampaignChoice(f"701{n:015d}", "x") for n in range(MOST_CHOICES)),
    )
    far = {"default_owner_id": BEN, "round_robin": (BEN,), "campaign_id": CAMPAIGN}
    assert problems(listed, **far) == {}


def test_a_restricted_list_says_what_it_takes():
    said = problems(field_mapping=(row("Tier__c", text="C"),))["field_mapping.0"]
    assert said.endswith("It takes: A, B.")
