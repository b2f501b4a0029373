"""Roles matter only where records are kept apart by owner."""

from dataclasses import replace

import pytest

from integrations.checks.answers import VIEW_ROLES, CannotAsk, Role
from integrations.checks.record_sharing import RecordSharing
from tests.integrations.checks.surveys import (
    OBJECT_GRANTS,
    ORGANIZATION,
    OWN_SET,
    PRIVATE,
    ROLE_CHIEF,
    ROLE_REPS,
    ROLES,
    SYSTEM_PERMISSIONS,
    USER,
    asked,
    made_id,
    object_grant,
    points,
)

CHECK = RecordSharing()
PRIVATE_ORG = replace(ORGANIZATION, sharing=PRIVATE)
EMEA = Role(made_id("00E", "Emea"), "EMEA Sales", ROLE_CHIEF, 8)


def test_open_sharing_passes_without_a_role():
    user = replace(USER, role_id="", role="")
    assert asked(CHECK, user=user).outcome == "pass"


def test_open_sharing_passes_though_roles_may_not_be_read():
    assert asked(CHECK, roles=CannotAsk(VIEW_ROLES)).outcome == "pass"


def test_above_all_reps_passes_and_says_how_many():
    finding = asked(CHECK, organization=PRIVATE_ORG)
    assert finding.outcome == "pass"
    assert "12 people" in finding.found


def test_people_beside_the_role_are_named_with_their_number():
    finding = asked(CHECK, organization=PRIVATE_ORG, roles=(*ROLES, EMEA))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "EMEA Sales (8)" in item.sentence
    assert "Leads" in item.sentence
    assert item.key == "role.reach:EMEA Sales"


def test_people_of_the_same_role_do_not_reach_each_other():
    user = replace(USER, role_id=ROLE_REPS, role="Account Executive")
    (item,) = points(asked(CHECK, organization=PRIVATE_ORG, user=user))
    assert "Account Executive (8)" in item.sentence


def test_reps_above_the_user_are_out_of_reach_and_the_chief_is_not_counted():
    low = Role(made_id("00E", "Low"), "Data Entry", ROLE_REPS, 1)
    user = replace(USER, role_id=low.role_id, role=low.name)
    (item,) = points(asked(CHECK, organization=PRIVATE_ORG, user=user, roles=(*ROLES, low)))
    assert "Account Executive (9), Sales Manager (3), Revenue Operations (1)" in item.sentence
    assert "Chief Executive" not in item.sentence


def test_no_role_at_all_warns():
    user = replace(USER, role_id="", role="")
    (item,) = points(asked(CHECK, organization=PRIVATE_ORG, user=user), "warning")
    assert "has no role" in item.sentence
    assert "choose a role above" in item.fix


def test_roles_that_may_not_be_read_cannot_be_checked():
    with pytest.raises(CannotAsk) as refusal:
        asked(CHECK, organization=PRIVATE_ORG, roles=CannotAsk(VIEW_ROLES))
    assert refusal.value.right == VIEW_ROLES


def test_read_only_leads_are_kept_apart_too():
    sharing = {**ORGANIZATION.sharing, "Lead": "Read"}
    roles = (*ROLES, EMEA)
    finding = asked(CHECK, organization=replace(ORGANIZATION, sharing=sharing), roles=roles)
    assert finding.outcome == "warning"


def test_contacts_follow_their_account():
    sharing = {**ORGANIZATION.sharing, "Account": "Read"}
    roles = (*ROLES, EMEA)
    (item,) = points(asked(CHECK, organization=replace(ORGANIZATION, sharing=sharing), roles=roles))
    assert item.sentence.startswith("Contacts are kept apart")


def test_modify_all_data_reaches_everything():
    rights = {**SYSTEM_PERMISSIONS, "ModifyAllData": True}
    finding = asked(
        CHECK, organization=PRIVATE_ORG, system_permissions=rights, roles=(*ROLES, EMEA)
    )
    assert finding.outcome == "pass"


def test_accounts_are_only_looked_up_so_view_all_data_reaches_them():
    private = replace(ORGANIZATION, sharing={**ORGANIZATION.sharing, "Account": "None"})
    assert asked(CHECK, organization=private, roles=(*ROLES, EMEA)).outcome == "warning"
    sees_all = {**SYSTEM_PERMISSIONS, "ViewAllData": True}
    sharing = {**private.sharing, "Contact": "Edit"}
    finding = asked(
        CHECK,
        organization=replace(private, sharing=sharing),
        system_permissions=sees_all,
        roles=(*ROLES, EMEA),
    )
    assert finding.outcome == "pass"


def test_modify_all_on_the_object_takes_it_out():
    grants = [
        object_grant(OWN_SET, "UserGems Integration", "", name, modify_all=True)
        for name in ("Lead", "Contact", "Account")
    ]
    finding = asked(
        CHECK,
        organization=PRIVATE_ORG,
        roles=(*ROLES, EMEA),
        object_grants=(*OBJECT_GRANTS, *grants),
    )
    assert finding.outcome == "pass"


def test_an_org_that_does_not_say_how_records_are_shared_warns():
    finding = asked(CHECK, organization=replace(ORGANIZATION, sharing={}))
    assert finding.outcome == "warning"
