"""System permissions of the list."""

import pytest

from integrations.checks.answers import CannotAsk
from integrations.checks.permissions import permission_lists
from integrations.checks.system_permissions import SystemPermissions, permission_label
from tests.integrations.checks.surveys import (
    PERMISSION_SETS,
    SYSTEM_PERMISSIONS,
    a_context,
    asked,
    points,
)

CHECK = SystemPermissions()


def without(*names):
    return {**SYSTEM_PERMISSIONS, **dict.fromkeys(names, False)}


def test_all_of_them_pass():
    assert asked(CHECK).found == "5 of 5 system permissions."


def test_without_the_api_it_fails():
    finding = asked(CHECK, system_permissions=without("ApiEnabled"))
    assert finding.outcome == "fail"


def test_without_view_setup_it_warns_and_says_what_is_lost():
    (item,) = points(asked(CHECK, system_permissions=without("ViewSetup")), "warning")
    assert "View Setup and Configuration" in item.sentence
    assert "confirmed by hand" in item.sentence
    assert "Permission Sets, UserGems Integration, System Permissions" in item.fix


def test_one_the_org_does_not_know_is_no_failure():
    known = {key: value for key, value in SYSTEM_PERMISSIONS.items() if key != "ActivitiesAccess"}
    finding = asked(CHECK, system_permissions=known)
    assert (finding.outcome, finding.found) == ("pass", "4 of 4 system permissions.")


def test_a_data_test_needs_two():
    finding = asked(
        CHECK,
        a_context(permission_list="DT"),
        system_permissions=without("ViewSetup", "ViewRoles", "ActivitiesAccess"),
    )
    assert finding.found == "2 of 2 system permissions."


def test_permissions_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk):
        asked(CHECK, system_permissions=CannotAsk("View Setup and Configuration"))


def test_without_a_set_of_its_own_the_fix_says_to_make_one():
    profile_only = tuple(found for found in PERMISSION_SETS if found.profile)
    rights = without("RunReports")
    (item,) = points(asked(CHECK, system_permissions=rights, permission_sets=profile_only))
    assert "Permission Sets, New" in item.fix
    assert "“UserGems Integration”" in item.fix


def test_where_its_sets_may_not_be_read_the_fix_names_none():
    refused = CannotAsk("View Setup and Configuration")
    rights = without("RunReports")
    (item,) = points(asked(CHECK, system_permissions=rights, permission_sets=refused))
    assert item.fix.startswith("Permission Sets, the set of the integration user, System")


def test_every_permission_of_every_list_has_words():
    names = {name for found in permission_lists().values() for name in found.system}
    assert {permission_label(name) for name in names} >= {"API Enabled", "Run Reports"}
