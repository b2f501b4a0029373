"""Rights too many are advice."""

from dataclasses import replace

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.excess_rights import ExcessRights
from tests.integrations.checks.surveys import (
    DESCRIBED,
    OBJECT_GRANTS,
    OWN_SET,
    SYSTEM_PERMISSIONS,
    USER,
    asked,
    object_grant,
    points,
    with_object,
)

CHECK = ExcessRights()


def having(*names):
    return {**SYSTEM_PERMISSIONS, **dict.fromkeys(names, True)}


def test_no_right_too_many_passes():
    assert asked(CHECK).outcome == "pass"


def test_it_is_never_signed():
    assert not CHECK.signed


def test_modify_all_data_is_advice_with_the_click_that_takes_it_away():
    finding = asked(CHECK, system_permissions=having("ModifyAllData"))
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert item.key == "ModifyAllData"
    assert "untick Modify All Data" in item.fix


def test_delete_on_leads_is_advice():
    (item,) = points(asked(CHECK, described=with_object(DESCRIBED, "Lead", deletable=True)))
    assert (item.outcome, item.key) == ("warning", "Lead.excess:delete")


def test_modify_all_on_leads_is_advice():
    own = object_grant(OWN_SET, "UserGems Integration", "", "Lead", modify_all=True)
    (item,) = points(asked(CHECK, object_grants=(*OBJECT_GRANTS, own)))
    assert item.key == "Lead.excess:modify_all"


def test_who_may_delete_everything_is_not_told_object_by_object():
    described = with_object(DESCRIBED, "Lead", deletable=True)
    finding = asked(CHECK, described=described, system_permissions=having("ModifyAllData"))
    assert [item.key for item in points(finding)] == ["ModifyAllData"]


def test_an_administrator_is_told_to_connect_a_user_of_its_own():
    user = replace(USER, profile="System Administrator", name="Priya Shah")
    finding = asked(CHECK, user=user, system_permissions=having("ModifyAllData", "AuthorApex"))
    assert all("a user of its own" in item.fix for item in points(finding))


def test_grants_that_may_not_be_read_hold_nothing():
    assert asked(CHECK, object_grants=CannotAsk(VIEW_SETUP)).outcome == "pass"
