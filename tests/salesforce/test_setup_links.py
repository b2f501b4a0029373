"""Ways into Setup: to the org itself, to a place of Setup, and to no other."""

import pytest

from integrations.salesforce.errors import ApiError
from integrations.salesforce.messages import MESSAGES
from integrations.salesforce.setup_links import FIELDS, FLOWS, OBJECTS, setup_path, setup_url

ORG = "https://acme--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize("code", sorted(code for code, one in MESSAGES.items() if one.setup_path))
def test_each_place_of_the_catalogue_becomes_an_address_with_and_without_an_object(code):
    for name in ("Lead", "UserGem__UserGem__c", ""):
        path = ApiError(code).explained(name).setup_path
        assert setup_url(ORG, path) == f"{ORG}{path}"
        assert "{" not in path
        assert path == OBJECTS or name in path or "/ObjectManager/" not in path


@pytest.mark.parametrize(
    "name", ["../../x", "Lead/../x", "Lead?x=1", "Lead#x", "Lead%2f", "Lead x", "<b>", "L" * 81]
)
def test_what_is_no_name_of_an_object_stands_in_no_address(name):
    assert setup_path(FIELDS, name) == OBJECTS
    assert ApiError("STRING_TOO_LONG").explained(name).setup_path == OBJECTS


def test_an_object_that_a_text_names_stands_in_no_address_unless_it_is_a_name():
    text = "No such column 'X__c' on entity '{}'. If you are attempting to use a custom field …"
    lead = ApiError("INVALID_FIELD", text.format("Lead")).explanation.setup_path
    assert lead == setup_path(FIELDS, "Lead")
    odd = ApiError("INVALID_FIELD", text.format("Lead/../../x")).explanation.setup_path
    assert odd == OBJECTS


def test_the_object_that_is_known_counts_more_than_one_in_a_text():
    text = "No such column 'X__c' on entity 'Lead'"
    assert ApiError("INVALID_FIELD", text).explained("Account").setup_path == setup_path(
        FIELDS, "Account"
    )


@pytest.mark.parametrize(
    "address",
    ["", "javascript:alert(1)", "ftp://acme.my.salesforce.com", "acme.my.salesforce.com", "https:"],
)
def test_without_an_orgs_address_there_is_no_link(address):
    assert setup_url(address, FLOWS) == ""


def test_of_an_orgs_address_only_the_host_is_used():
    assert setup_url(f"{ORG}/secur/x?y=1#z", FLOWS) == f"{ORG}{FLOWS}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "lightning/setup/Flows/home",
        "//evil.example/lightning/setup/Flows/home",
        "/lightning/setup/",
        "/lightning/setup/../x",
        "/lightning/setup/Flows/home\n",
        "/lightning/setup/Flows/home?x",
        "/lightning/setup/Flows//home",
        "/lightning/setup/Flows/home.evil",
    ],
)
def test_what_is_no_place_of_setup_is_no_link(path):
    assert setup_url(ORG, path) == ""
