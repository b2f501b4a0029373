"""The contract of reading set-up: what an org tells this user, or that it may not be asked."""

import pytest

from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.shapes import NOT_READABLE

# Layouts speak of a name as one or as its parts.
NAMES = {"Name", "LastName"}


@pytest.mark.parametrize("name", ["Lead", "Contact", "Account"])
def test_the_layouts_of_an_object_are_read_by_record_type(org: Org, name: str):
    found = org.layouts(name)
    shown = [one for one in found if one.layout]
    assert shown
    for one in shown:
        assert one.layout is not None
        assert one.layout.layout_id[:3] == "00h"
        assert one.layout.field_names & NAMES
    kinds = {one.record_type_id for one in org.describe(name).record_types if one.available}
    assert {one.record_type.record_type_id for one in shown} <= kinds


def test_related_lists_of_a_layout_have_an_object_and_columns(org: Org):
    for one in org.layouts("Account"):
        for related in one.layout.related_lists if one.layout else ():
            assert related.name
            assert related.object_name
            assert all(related.columns)


def test_the_layouts_of_all_profiles_are_told_or_unknown(org: Org):
    named = org.page_layouts("Lead")
    if named is None:
        pytest.skip("our user may not see the setup (View Setup and Configuration)")
    assert named
    layout = org.page_layout(named[0].layout_id)
    assert layout is not None
    assert layout.field_names & NAMES
    assigned = org.layout_assignments([one.layout_id for one in named])
    assert assigned
    assert {one.layout_id for one in assigned} <= {one.layout_id for one in named}


def test_a_layout_is_the_same_read_either_way(org: Org):
    """What the running user sees stands in the metadata of that layout, too."""
    found = next(one.layout for one in org.layouts("Lead") if one.layout)
    content = org.page_layout(found.layout_id)
    if content is None:
        pytest.skip("our user may not see the setup (View Setup and Configuration)")
    custom = {name for name in found.field_names if name.endswith("__c")}
    assert custom <= content.field_names


def test_the_layouts_of_an_object_nobody_has_are_none(org: Org):
    assert org.page_layouts("Nonsense__c") in ([], None)


def test_the_lead_mapping_is_told_or_unknown(org: Org):
    found = org.lead_mapping()
    if found is None:
        pytest.skip("our user may read the lead mapping in neither way")
    assert all(one.object_name in {"Account", "Contact", "Opportunity"} for one in found.fields)
    for one in found.fields:
        assert found.target(one.lead_field, one.object_name) == one.field


def test_a_sandbox_has_no_sandboxes(org: Org):
    assert org.organization()["IsSandbox"] is True
    assert not org.sandboxes()


def test_automation_that_could_spoil_a_test_is_told_or_unknown(org: Org):
    soql = (
        "SELECT Id, ValidationName, Active, ErrorMessage FROM ValidationRule "
        "WHERE EntityDefinition.QualifiedApiName = 'Lead'"
    )
    try:
        rules = org.tooling_query(soql)
    except SalesforceError as error:
        if error.code not in NOT_READABLE:
            raise
        pytest.skip("our user may not see the setup (View Setup and Configuration)")
    for rule in rules[:2]:
        content = org.tooling_metadata("ValidationRule", rule["Id"])
        assert content is not None
        assert content["active"] == rule["Active"]
