"""The permission list as data: its versions, how they differ, and a file that is wrong."""

import copy
import tomllib

import pytest

from integrations.checks.permissions import (
    FILE,
    lists_from,
    permission_list,
    permission_list_choices,
    permission_lists,
    wants,
)
from integrations.salesforce.manifest import USERGEM_1
from tests.integrations.checks.surveys import GEM, a_context


def wanted(name, **changes):
    found = {one.name: one for one in wants(a_context(**changes), USERGEM_1)}
    return found.get(name)


def test_there_are_the_five_versions_of_the_reference_each_with_its_source():
    assert list(permission_lists()) == ["V1", "V2", "V3", "V4", "DT"]
    assert all(found.source and found.differences for found in permission_lists().values())


def test_a_customer_chooses_among_names():
    assert ("V4", "V4, the list of 2025") in permission_list_choices()


def test_a_version_that_is_not_known_any_more_is_the_newest():
    assert permission_list("V0").version == "V4"


def test_tasks_are_read_at_first_then_edited_then_created():
    rights = {name: found.objects.get("Task") for name, found in permission_lists().items()}
    assert rights["V1"].rights == ("read",)
    assert rights["V2"].rights == rights["V3"].rights == ("read", "edit")
    assert rights["V4"].rights == ("read", "create", "edit")
    assert rights["DT"] is None


def test_only_the_first_list_has_no_row_for_campaigns():
    assert "Campaign" not in permission_lists()["V1"].objects
    assert "view_all" in permission_lists()["V4"].objects["Campaign"].rights


def test_the_newest_list_has_no_row_for_the_package_object_and_no_ug_fields_on_account():
    assert "package" not in permission_lists()["V4"].objects
    assert not permission_lists()["V4"].objects["Account"].package_fields
    assert permission_lists()["V3"].objects["Account"].package_fields
    assert "modify_all" in permission_lists()["V3"].objects["package"].rights


def test_the_list_of_a_data_test_asks_for_nothing_but_read():
    rights = {row.rights for row in permission_lists()["DT"].objects.values()}
    assert rights == {("read",)}


def test_what_we_write_is_wanted_whatever_the_version_says():
    lead = wanted("Lead", permission_list="DT")
    assert lead.rights == {"read", "create", "edit"}
    assert "Title" in lead.creates
    assert USERGEM_1.key_field in wanted(GEM, permission_list="DT").creates


def test_campaign_rows_count_only_where_people_are_added_to_one():
    chosen_none = {"campaign_id": "", "campaign_name": "", "fields_created": {}}
    assert wanted("Campaign", **chosen_none) is None
    assert wanted("Campaign", **chosen_none, record_mode="").listed_rights >= {"view_all"}
    assert wanted("Campaign").listed_rights == {"read", "edit", "view_all"}


def test_without_a_package_its_object_is_left_out():
    found = {one.name for one in wants(a_context(permission_list="V2", fields_created={}), None)}
    assert GEM not in found
    assert "Lead" in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.pop("versions"), "needs"),
        (lambda data: data["versions"].pop("V4"), "V4"),
        (lambda data: data["versions"]["V1"].pop("source"), "source"),
        (lambda data: data["versions"]["V1"].update(source=" "), "words"),
        (lambda data: data["versions"]["V1"].update(colour="red"), "colour"),
        (lambda data: data["versions"]["V3"].update(same_as="V9"), "same_as"),
        (lambda data: lead(data).update(rights=["read", "fly"]), "rights"),
        (lambda data: lead(data).update(rights=["edit"]), "read"),
        (lambda data: lead(data).update(read=["Email"]), "Email"),
        (lambda data: lead(data).update(write=["Title", "Title"]), "twice"),
        (lambda data: lead(data).update(write="Title"), "API names"),
        (lambda data: lead(data).update(write=["Not a name"]), "API name"),
        (lambda data: lead(data).update(rights=["read"]), "only read"),
        (lambda data: lead(data).update(only_for="fun"), "only_for"),
        (lambda data: lead(data).update(package_fields="yes"), "true or false"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(change, words):
    data = copy.deepcopy(tomllib.loads(FILE.read_text(encoding="utf-8")))
    change(data)
    with pytest.raises(ValueError, match=words):
        lists_from(data)


def lead(data):
    return data["versions"]["V1"]["objects"]["Lead"]
