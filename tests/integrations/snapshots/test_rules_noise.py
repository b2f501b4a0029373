"""Each difference is told once, and what is of no concern not at all."""

from integrations.salesforce.metadata import LeadMapping
from integrations.snapshots.comparison import compare
from integrations.snapshots.kinds.owners import same_person
from tests.integrations.checks.surveys import (
    DESCRIBED,
    LAYOUTS,
    LEAD_MAPPING,
    a_layout,
    without_field,
)
from tests.integrations.snapshots.looking import in_production, production, sandbox

PERSONA = "UserGem__Persona__c"


def test_a_field_that_is_not_there_is_not_told_again_as_not_mapped():
    pairs = tuple(one for one in LEAD_MAPPING.fields if one.lead_field != PERSONA)
    described = without_field(DESCRIBED, "Lead", PERSONA)
    found = in_production(
        described=described,
        defined_fields={name: frozenset(one.fields) for name, one in described.items()},
        lead_mapping=LeadMapping(pairs),
    )
    assert (found.kind, found.names) == ("custom_fields", (f"Lead.{PERSONA}",))


def test_who_sees_a_layout_without_anything_of_ours_is_no_difference():
    def with_plain_layout(profile_ids):
        plain = a_layout("Lead", name="Partners", fields=(), lists=(), profile_ids=profile_ids)
        return {**LAYOUTS, "Lead": (*LAYOUTS["Lead"], plain)}

    seen = sandbox(layouts=with_plain_layout(frozenset({"00e000000000001AAA"})))
    unseen = production(layouts=with_plain_layout(frozenset()))
    assert compare(seen, unseen) == []


def test_a_username_that_only_begins_alike_is_another_person():
    assert same_person("sam@northwind.com.full", "sam@northwind.com")
    assert not same_person("sam@northwind.company", "sam@northwind.com")
