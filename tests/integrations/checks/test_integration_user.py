"""The user that everything is written as."""

from dataclasses import replace

import pytest

from integrations.checks.answers import CannotAsk
from integrations.checks.integration_user import IntegrationUser
from tests.integrations.checks.surveys import USER, asked, points

CHECK = IntegrationUser()


def test_an_active_licensed_user_passes_and_is_named():
    finding = asked(CHECK)
    assert finding.outcome == "pass"
    assert "usergems.integration@northwind.example" in finding.found


def test_a_frozen_user_fails_with_the_click_that_helps():
    finding = asked(CHECK, user=replace(USER, frozen=True))
    (item,) = points(finding)
    assert (finding.outcome, item.key) == ("fail", "user.frozen")
    assert "Unfreeze" in item.fix


def test_an_org_that_does_not_say_whether_it_is_frozen_is_no_failure():
    assert asked(CHECK, user=replace(USER, frozen=None)).outcome == "pass"


def test_a_deactivated_user_fails():
    (item,) = points(asked(CHECK, user=replace(USER, active=False)), "fail")
    assert "tick Active" in item.fix


def test_the_integration_license_without_its_set_license_warns():
    finding = asked(CHECK, user=replace(USER, set_licenses=()))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "Salesforce API Integration" in item.fix
    assert "“None”" in item.fix


def test_set_licenses_that_may_not_be_read_are_no_warning():
    assert asked(CHECK, user=replace(USER, set_licenses=None)).outcome == "pass"


def test_a_full_license_needs_no_set_license():
    assert asked(CHECK, user=replace(USER, license="Salesforce", set_licenses=())).outcome == "pass"


def test_a_license_without_leads_warns():
    (item,) = points(asked(CHECK, user=replace(USER, license="Salesforce Platform")), "warning")
    assert "Salesforce Platform" in item.sentence


def test_a_user_that_cannot_be_read_is_left_to_the_runner():
    with pytest.raises(CannotAsk):
        asked(CHECK, user=CannotAsk("API Enabled"))
