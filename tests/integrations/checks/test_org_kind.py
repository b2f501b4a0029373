"""Kind of org: the right one, the same one, and whether the sandbox is its copy."""

from dataclasses import replace

import pytest

from integrations.checks.org_kind import OrgKindCheck
from tests.integrations.checks.surveys import ORG_ID, ORGANIZATION, a_context, healthy, made_id


def found_in(environment="sandbox", context=None, **changes):
    organization = replace(ORGANIZATION, is_sandbox=environment == "sandbox", **changes)
    survey = healthy(environment, organization=organization)
    return OrgKindCheck().run(survey, a_context(environment, **(context or {})))


def test_a_sandbox_in_the_sandbox_stage_is_right():
    finding = found_in(context={"connected_org_id": ORG_ID})
    assert finding.outcome == "pass"
    assert finding.found == "Northwind: Sandbox, Enterprise Edition."


def test_the_id_of_fifteen_characters_is_the_same_org():
    assert found_in(context={"connected_org_id": ORG_ID[:15]}).outcome == "pass"


def test_another_org_than_the_connected_one_fails():
    finding = found_in(context={"connected_org_id": made_id("00D", "Other")})
    assert finding.outcome == "fail"
    assert "Another org answers" in finding.items[0].sentence
    assert finding.items[0].who == "integration_user"


@pytest.mark.parametrize(
    ("environment", "changes", "named"),
    [
        ("production", {"is_sandbox": True}, "Sandbox"),
        ("production", {"edition": "Developer Edition"}, "Developer Edition"),
        ("production", {"trial_ends": "2026-12-01"}, "Trial org"),
        ("sandbox", {"is_sandbox": False}, "Production"),
        ("sandbox", {"trial_ends": "2026-12-01"}, "Scratch org"),
    ],
)
def test_a_wrong_kind_is_named_with_what_is_expected(environment, changes, named):
    organization = replace(ORGANIZATION, is_sandbox=environment == "sandbox")
    survey = healthy(environment, organization=replace(organization, **changes))
    finding = OrgKindCheck().run(survey, a_context(environment))
    assert finding.outcome == "fail"
    assert f"“{named}”" in finding.items[0].sentence


TESTED = {"tested_org_id": made_id("00D", "Tested"), "tested_org_name": "Northwind"}


def test_a_production_that_names_the_tested_sandbox_is_proven():
    finding = found_in("production", {**TESTED, "tested_parent": "proven"})
    assert finding.outcome == "pass"
    assert "list of sandboxes names the one" in finding.items[0].sentence


def test_what_cannot_be_proven_is_said_and_holds_nothing():
    finding = found_in("production", {**TESTED, "tested_parent": "unknown"})
    assert finding.outcome == "pass"
    assert "not provable" in finding.items[0].sentence


def test_another_name_than_the_sandbox_is_a_warning():
    finding = found_in("production", {**TESTED, "tested_org_name": "Harbor Analytics"})
    assert finding.outcome == "warning"
    assert "Harbor Analytics" in finding.items[0].sentence


def test_without_a_tested_sandbox_nothing_is_said_of_it():
    assert not found_in("production").items
