"""The package's lead fields, mapped to the contact's."""

from dataclasses import replace

import pytest

from integrations.checks.answers import METADATA, CannotAsk
from integrations.checks.lead_conversion import LeadConversion
from integrations.salesforce.metadata import LeadMapping, MappedField
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    DESCRIBED,
    LEAD_MAPPING,
    a_context,
    asked,
    healthy,
    points,
    with_field,
)

CHECK = LeadConversion()
PERSONA = "UserGem__Persona__c"


def without(*names):
    fields = tuple(one for one in LEAD_MAPPING.fields if one.lead_field not in names)
    return replace(LEAD_MAPPING, fields=fields)


def test_all_mapped_pass():
    assert asked(CHECK).found == "13 of 13 UG fields of Lead are mapped."


def test_fields_that_would_be_lost_fail_by_name():
    finding = asked(CHECK, lead_mapping=without(PERSONA))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert item.key == f"Lead.unmapped:{PERSONA}"
    assert f"UG - Persona ({PERSONA})" in item.sentence
    assert "Map Lead Fields" in item.fix


def test_an_org_that_never_mapped_anything_loses_all():
    (item,) = points(asked(CHECK, lead_mapping=LeadMapping(())))
    assert "all 13 UG fields" in item.sentence
    # A waiver keeps 300 characters of it.
    assert len(item.key) < 100


def test_a_mapping_to_an_account_saves_nothing():
    elsewhere = MappedField(PERSONA, "Account", PERSONA)
    mapping = replace(without(PERSONA), fields=(*without(PERSONA).fields, elsewhere))
    assert asked(CHECK, lead_mapping=mapping).outcome == "fail"


def test_another_contact_field_warns():
    elsewhere = MappedField(PERSONA, "Contact", "Their_Persona__c")
    mapping = replace(LEAD_MAPPING, fields=(*without(PERSONA).fields, elsewhere))
    finding = asked(CHECK, lead_mapping=mapping)
    assert finding.outcome == "warning"
    assert "Their_Persona__c" in points(finding)[0].sentence


def test_a_formula_cannot_be_mapped_and_is_left_out():
    described = with_field(DESCRIBED, "Lead", PERSONA, calculated=True)
    finding = asked(CHECK, described=described, lead_mapping=without(PERSONA))
    assert (finding.outcome, finding.found) == ("pass", "12 of 12 UG fields of Lead are mapped.")


def test_it_is_asked_where_leads_are_made_or_enriched():
    assert CHECK.applies(a_context())
    assert CHECK.applies(a_context(record_mode="always_contact"))
    neither = a_context(record_mode="always_contact", fields_updated={})
    assert not CHECK.applies(neither)
    assert CHECK.not_needed(neither)


def test_where_leads_are_only_enriched_a_lost_field_warns():
    context = a_context(record_mode="always_contact")
    finding = CHECK.run(healthy(lead_mapping=without(PERSONA)), context)
    assert finding.outcome == "warning"
    assert points(finding)[0].sentence.startswith("Your settings make no leads.")


def test_a_mapping_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk) as refusal:
        asked(CHECK, lead_mapping=CannotAsk(METADATA))
    assert refusal.value.right == METADATA


def test_without_the_package_there_is_nothing_to_look_at_yet():
    finding = asked(CHECK, manifest=None, package=PackageFacts(False))
    assert (finding.outcome, [item.key for item in finding.items]) == ("pass", ["not_looked_at"])
    assert "once the package is installed" in finding.found
