"""Lead conversion, and what the settings name in two orgs: campaign, owner, record types."""

from dataclasses import replace

from integrations.checks.answers import METADATA, READ_CAMPAIGNS, CannotAsk
from integrations.checks.base import Who
from integrations.salesforce.describe import RecordTypeInfo
from integrations.salesforce.metadata import LeadMapping, MappedField
from integrations.snapshots.comparison import Change, Grade, compare, unknown
from tests.integrations.checks.surveys import (
    CAMPAIGN,
    DESCRIBED,
    LEAD_MAPPING,
    MASTER,
    OWNER,
    a_context,
    made_id,
    with_object,
)
from tests.integrations.snapshots.looking import in_production, in_sandbox, production, sandbox


def mapping(*pairs):
    """With these in place of the same lead fields' pairs; an empty target takes it out."""
    changed = {pair[0]: pair for pair in pairs}
    fields = [
        MappedField(*changed.get(one.lead_field, (one.lead_field, one.object_name, one.field)))
        for one in LEAD_MAPPING.fields
    ]
    return LeadMapping(tuple(one for one in fields if one.field))


# --- lead conversion ----------------------------------------------------------------------


def test_unmapped_fields_are_one_difference():
    found = in_production(
        lead_mapping=mapping(
            ("UserGem__Persona__c", "Contact", ""), ("UserGem__PastTitle__c", "Contact", "")
        )
    )
    assert (found.kind, found.grade) == ("lead_conversion", Grade.CHANGES)
    assert found.names == ("UserGem__PastTitle__c", "UserGem__Persona__c")
    assert found.sentence == (
        "Lead conversion takes UG - Past Title and UG - Persona over to the Contact in the "
        "sandbox; in production the value is lost."
    )
    assert found.by_hand.startswith("Object Manager, Lead, Fields & Relationships, Map Lead Fields")


def test_an_empty_map_is_one_difference():
    assert len(in_production(lead_mapping=LeadMapping(())).names) == len(LEAD_MAPPING.fields)


def test_a_field_mapped_in_production_only_does_no_harm():
    found = in_sandbox(lead_mapping=mapping(("UserGem__Persona__c", "Contact", "")))
    assert (found.grade, found.change) == (Grade.COSMETIC, Change.EXTRA)


def test_a_field_that_goes_elsewhere_changes_the_result():
    elsewhere = ("UserGem__Persona__c", "Contact", "UserGem__PastTitle__c")
    found = in_production(lead_mapping=mapping(elsewhere))
    assert (found.grade, found.change) == (Grade.CHANGES, Change.DIFFERENT)
    assert found.sentence == (
        "Lead conversion takes UG - Persona to UG - Past Title of the Contact in production, to "
        "UG - Persona in the sandbox."
    )


def test_the_customers_other_mappings_are_nobodys_concern():
    more = LeadMapping((*LEAD_MAPPING.fields, MappedField("Score__c", "Contact", "Score__c")))
    assert compare(sandbox(lead_mapping=more), production()) == []


def test_a_map_that_cannot_be_read_is_not_called_equal():
    low = production(lead_mapping=CannotAsk(METADATA))
    assert compare(sandbox(), low) == []
    assert unknown(sandbox(), low) == {
        "lead_conversion": "Lead conversion mapping: the integration user lacks “Modify Metadata "
        "Through Metadata API Functions” in production."
    }


# --- campaign -----------------------------------------------------------------------------

HERS = replace(CAMPAIGN, campaign_id=made_id("701", "Hers"), name="Job changes FY26")


def test_another_campaign_chosen_for_production_is_as_expected():
    found = in_production(a_context("production", campaign_id=HERS.campaign_id), campaign=HERS)
    assert found.grade == Grade.EXPECTED
    assert found.sentence == (
        "The campaign “Job changes FY26” in production stands for “UserGems job changes” in the "
        "sandbox; its ID is another."
    )


def test_an_inactive_campaign_changes_the_result():
    found = in_production(campaign=replace(CAMPAIGN, active=False))
    assert (found.kind, found.grade) == ("campaigns", Grade.CHANGES)
    assert "tick Active" in found.by_hand


def test_a_campaign_that_is_gone_blocks():
    found = in_production(campaign=None)
    assert found.grade == Grade.BLOCKS
    assert "“UserGems job changes”, chosen in production, is not there or hidden" in found.sentence


def test_a_campaign_not_chosen_for_production_changes_the_result():
    found = in_production(a_context("production", campaign_id="", campaign_name=""), campaign=None)
    assert (found.grade, found.who) == (Grade.CHANGES, Who.MANAGER)
    assert found.sentence.startswith(
        "A campaign is chosen in the sandbox (“UserGems job changes”), none in production"
    )
    assert found.by_hand.startswith("Have an active campaign “UserGems job changes”")


def test_a_status_that_productions_campaign_lacks_falls_back_and_changes_the_result():
    context = {"campaign_status": "Responded"}
    found = compare(
        sandbox(a_context("sandbox", **context)),
        production(
            a_context("production", **context), campaign=replace(CAMPAIGN, statuses=("Sent",))
        ),
    )
    assert [(one.grade, one.then, one.now) for one in found] == [
        (Grade.CHANGES, "Responded", "Sent")
    ]


def test_a_status_that_nobody_gets_is_cosmetic():
    found = in_production(campaign=replace(CAMPAIGN, statuses=("Sent",)))
    assert (found.grade, found.names) == (Grade.COSMETIC, ("Responded",))
    assert found.change == Change.MISSING
    more = in_production(campaign=replace(CAMPAIGN, statuses=(*CAMPAIGN.statuses, "Met")))
    assert (more.grade, more.change) == (Grade.COSMETIC, Change.EXTRA)


def test_a_campaign_that_cannot_be_read_is_not_called_equal():
    low = production(campaign=CannotAsk(READ_CAMPAIGNS))
    assert compare(sandbox(), low) == []
    assert READ_CAMPAIGNS in unknown(sandbox(), low)["campaigns"]


def test_no_campaign_on_either_side_is_no_difference():
    none = {"campaign_id": "", "campaign_name": ""}
    then = sandbox(a_context("sandbox", **none), campaign=None)
    assert compare(then, production(a_context("production", **none), campaign=None)) == []


# --- owner --------------------------------------------------------------------------------


def test_a_username_with_the_sandboxs_ending_is_the_same_person():
    found = in_sandbox(owner=replace(OWNER, username=f"{OWNER.username}.full"))
    assert found.grade == Grade.EXPECTED


def test_another_person_changes_the_result():
    found = in_production(owner=replace(OWNER, name="Amy", username="amy@northwind.example"))
    assert found.grade == Grade.CHANGES
    assert found.sentence == (
        "The default owner is Amy in production, Dana Whitfield in the sandbox."
    )


def test_an_inactive_owner_blocks():
    found = in_production(owner=replace(OWNER, active=False))
    assert found.grade == Grade.BLOCKS
    assert "is an active user in the sandbox, not in production" in found.sentence


def test_an_owner_that_is_not_there_blocks():
    assert in_production(owner=None).grade == Grade.BLOCKS


ADA, BEN = "005000000000021AAA", "005000000000022AAA"


def turns(environment, *people):
    """A context with these people in turn, and who they are in the org: (id, username)."""
    context = a_context(environment, turns=[(user_id, name) for user_id, name, _login in people])
    found = {
        user_id: replace(OWNER, user_id=user_id, name=name, username=login)
        for user_id, name, login in people
    }
    return context, {"turn_owners": found}


def both_turns(then, now):
    here, people = turns("production", *now)
    there, others = turns("sandbox", *then)
    return compare(sandbox(there, **others), production(here, **people))


def test_the_same_people_in_turn_are_no_difference():
    then = [(ADA, "Ada Long", "ada@n.example.full"), (BEN, "Ben Ode", "ben@n.example.full")]
    now = [(BEN, "Ada Long", "ada@n.example"), (ADA, "Ben Ode", "ben@n.example")]
    assert both_turns(then, now) == []


def test_other_people_in_turn_change_the_result():
    then = [(ADA, "Ada Long", "ada@n.example.full"), (BEN, "Ben Ode", "ben@n.example.full")]
    (found,) = both_turns(then, [(ADA, "Ada Long", "ada@n.example")])
    assert (found.kind, found.grade) == ("campaigns", Grade.CHANGES)
    assert found.sentence == (
        "The people in turn are Ada Long in production, Ada Long and Ben Ode in the sandbox."
    )


def test_no_owner_chosen_for_production_changes_the_result():
    found = in_production(a_context("production", default_owner_id=""), owner=None)
    assert (found.grade, found.who) == (Grade.CHANGES, Who.MANAGER)


# --- record types -------------------------------------------------------------------------


def test_another_default_record_type_changes_the_result():
    partner = RecordTypeInfo("0127z000000PartAAA", "Partner", "Partner", True, True, True, False)
    types = (replace(MASTER, default=False), partner)
    found = in_production(described=with_object(DESCRIBED, "Lead", record_types=types))
    assert (found.kind, found.grade) == ("campaigns", Grade.CHANGES)
    assert found.sentence == (
        "A new Lead gets the record type “Partner” in production, “Master” in the sandbox."
    )


def test_ids_of_record_types_are_nobodys_concern():
    types = (replace(MASTER, record_type_id="0127z000000OtheAAA"),)
    described = with_object(DESCRIBED, "Lead", record_types=types)
    assert compare(sandbox(), production(described=described)) == []
