"""The related list of the package's records."""

from dataclasses import replace

import pytest

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.related_lists import RelatedLists
from integrations.salesforce.describe import ChildRelationship
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    DESCRIBED,
    GEM,
    LAYOUTS,
    RECORD_PAGES,
    a_layout,
    a_page,
    asked,
    points,
)

CHECK = RelatedLists()
NO_CONTAINER = ("force:detailPanel", "UserGem:jobChange")


def with_layout(name, **changes):
    return {**LAYOUTS, name: (a_layout(name, **changes),)}


def pages(*changed):
    names = {page.object_name for page in changed}
    return (*changed, *(page for page in RECORD_PAGES if page.object_name not in names))


def test_on_all_three_it_passes():
    assert asked(CHECK).found == "The related list is on 3 of 3 objects."


@pytest.mark.parametrize("name", ["Lead", "Contact", "Account"])
def test_a_layout_without_the_list_fails(name):
    finding = asked(CHECK, layouts=with_layout(name, lists=()))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert "has no UserGems related list" in item.sentence
    assert f"Object Manager, {name}, Page Layouts, {name} Layout, Related Lists" in item.fix


def test_one_of_past_and_new_missing_warns():
    finding = asked(CHECK, layouts=with_layout("Contact", lists=("UserGem__PastContact__c",)))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "UG - New Contact (UserGem__NewContact__c)" in item.sentence


def test_an_object_without_a_layout_for_anybody_warns():
    assert asked(CHECK, layouts={**LAYOUTS, "Lead": ()}).outcome == "warning"


def test_a_default_page_without_related_lists_hides_those_of_the_layout():
    finding = asked(CHECK, record_pages=pages(a_page("Lead", components=NO_CONTAINER)))
    (item,) = points(finding, "fail")
    assert "Lead Record Page" in item.sentence
    assert "Lightning Record Pages" in item.fix


def test_single_lists_on_the_page_are_as_good():
    children = (
        ChildRelationship("PastUserGems__r", GEM, "UserGem__PastLead__c"),
        ChildRelationship("NewUserGems__r", GEM, "UserGem__NewLead__c"),
    )
    described = {**DESCRIBED, "Lead": replace(DESCRIBED["Lead"], child_relationships=children)}
    page = a_page(
        "Lead", components=NO_CONTAINER, related_lists=("PastUserGems__r", "NewUserGems__r")
    )
    assert asked(CHECK, record_pages=pages(page), described=described).outcome == "pass"


def test_layouts_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk):
        asked(CHECK, layouts=CannotAsk(VIEW_SETUP))


def test_without_the_package_there_is_nothing_to_look_at_yet():
    finding = asked(CHECK, manifest=None, package=PackageFacts(False))
    assert (finding.outcome, [item.key for item in finding.items]) == ("pass", ["not_looked_at"])
    assert "once the package is installed" in finding.found
