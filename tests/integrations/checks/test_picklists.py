"""Picklists: restricted ones that lack what we write."""

from integrations.checks.picklists import Picklists
from tests.integrations.checks.surveys import DESCRIBED, a_context, healthy, with_field

RESTRICTED = {"restricted_picklist": True, "picklist_values": ("Web", "Referral")}


def found_with(described, **context):
    return Picklists().run(healthy(described=described), a_context(**context))


def test_lists_with_our_values_are_right():
    finding = found_with(DESCRIBED)
    assert finding.outcome == "pass"
    assert finding.found == "The restricted picklists have the values we write."


def test_an_open_picklist_takes_any_value():
    described = with_field(DESCRIBED, "Lead", "LeadSource", picklist_values=("Web",))
    assert found_with(described).outcome == "pass"


def test_a_restricted_one_without_our_lead_source_fails_and_offers_both_ways_out():
    described = with_field(DESCRIBED, "Lead", "LeadSource", **RESTRICTED)
    finding = found_with(described)
    assert finding.outcome == "fail"
    assert "Lead Source on leads is a restricted picklist without “UserGems”" in (
        finding.items[0].sentence
    )
    assert "Fields & Relationships, Lead Source, Values, New" in finding.items[0].fix
    assert "choose another lead source in the settings" in finding.items[0].fix
    assert finding.items[0].setup_path == (
        "/lightning/setup/ObjectManager/Lead/FieldsAndRelationships/view"
    )


def test_a_member_status_that_a_restricted_list_lacks_fails():
    described = with_field(
        DESCRIBED, "CampaignMember", "Status", restricted_picklist=True, picklist_values=("Open",)
    )
    finding = found_with(described)
    assert [item.key for item in finding.items] == ["CampaignMember.Status:Sent"]


def test_some_values_of_many_are_a_warning():
    described = with_field(
        DESCRIBED,
        "Lead",
        "UserGem__PastRelationshipType__c",
        type="picklist",
        restricted_picklist=True,
        picklist_values=("User",),
    )
    written = {"Lead.UserGem__PastRelationshipType__c": frozenset({"User", "Open Opp Contact"})}
    finding = found_with(described, values_written=written)
    assert finding.outcome == "warning"
    assert "“Open Opp Contact”" in finding.items[0].sentence
    assert "“User”" not in finding.items[0].sentence


def test_the_key_names_the_values_so_that_another_one_is_asked_for_anew():
    described = with_field(DESCRIBED, "Lead", "LeadSource", **RESTRICTED)
    first = found_with(described).items[0]
    second = found_with(described, lead_source="Past Champions").items[0]
    assert first.hash != second.hash


def test_countries_as_a_list_are_a_warning():
    described = with_field(DESCRIBED, "Lead", "CountryCode", type="picklist")
    finding = found_with(described)
    assert finding.outcome == "warning"
    assert "States and countries of leads are lists" in finding.items[0].sentence


def test_a_hidden_field_is_another_checks_matter():
    described = dict(DESCRIBED)
    del described["CampaignMember"]
    assert found_with(described).outcome == "pass"


def test_a_chosen_field_of_another_type_fails():
    types = {"Contact.Title": frozenset({"date"})}
    finding = found_with(DESCRIBED, types_written=types)
    assert finding.outcome == "fail"
    assert "Title on contacts is of the type string here" in finding.items[0].sentence
    assert finding.items[0].who == "manager"


def test_a_chosen_field_that_takes_it_is_right():
    types = {"Contact.Title": frozenset({"string", "picklist"})}
    assert found_with(DESCRIBED, types_written=types).outcome == "pass"


def test_a_text_for_a_chosen_restricted_field_is_looked_for():
    described = with_field(
        DESCRIBED, "Contact", "Title", type="picklist", **RESTRICTED, createable=True
    )
    written = {"Contact.Title": frozenset({"Former customer"})}
    finding = found_with(described, values_written=written)
    assert "without “Former customer”, which we write" in finding.items[0].sentence
