"""The staff groups hold exactly their permissions."""

import pytest
from django.contrib.auth.models import Group, Permission

from accounts import groups

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(groups.GROUPS))
def test_every_permission_of_the_table_exists(name):
    assert set(groups.GROUPS[name]) - groups.permissions_defined() == set()


@pytest.mark.parametrize("name", sorted(groups.GROUPS))
def test_a_group_has_exactly_the_permissions_of_the_table(name):
    held = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )
    assert {f"{app}.{codename}" for app, codename in held} == set(groups.GROUPS[name])


def test_a_permission_given_by_hand_is_taken_back():
    group = Group.objects.get(name=groups.MANAGERS)
    group.permissions.add(Permission.objects.get(codename="delete_customer"))
    groups.groups_update()
    assert not group.permissions.filter(codename="delete_customer").exists()


def test_a_misspelt_permission_stops_the_update(monkeypatch):
    monkeypatch.setitem(groups.GROUPS, groups.MANAGERS, ("accounts.change_custommer",))
    with pytest.raises(groups.GroupsError, match="change_custommer"):
        groups.groups_update()


def test_nobody_in_the_groups_may_delete_or_edit_history():
    for wanted in groups.GROUPS.values():
        assert not [each for each in wanted if ".delete_" in each]
        assert not {"accounts.change_event", "accounts.add_event"} & set(wanted)


def test_a_lead_sees_all_customers_and_a_manager_does_not(lead, manager):
    assert lead.has_perm("accounts.view_all_customers")
    assert not manager.has_perm("accounts.view_all_customers")
