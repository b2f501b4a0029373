"""Where the outcome of a check turns: cases that the tests of each check leave out."""

from dataclasses import replace

import pytest

from integrations.checks import rights, written
from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.automation import Automation
from integrations.checks.base import CheckContext
from integrations.checks.object_access import ObjectAccess
from integrations.checks.page_layouts import PageLayouts
from integrations.checks.permissions import permission_lists
from integrations.checks.picklists import Picklists
from integrations.checks.registry import checks_for
from integrations.checks.related_lists import RelatedLists
from integrations.checks.rep_access import RepAccess
from integrations.checks.survey_grants import object_grants_from
from integrations.checks.survey_pages import layouts_from
from tests.integrations.checks.surveys import (
    DESCRIBED,
    FIELD_GRANTS,
    GEM,
    LAYOUTS,
    PERSON_FIELDS,
    SALES_SET,
    a_context,
    a_layout,
    asked,
    points,
    with_field,
    without_field,
    without_object,
)


def test_production_is_not_asked_what_matters_in_a_sandbox_only():
    names = {check.name for check in checks_for("production")}
    assert not names & {"unmasked_emails", "sandbox_fitness"}


def test_a_list_of_countries_matters_only_where_we_fill_one():
    described = with_field(DESCRIBED, "Lead", "CountryCode", type="picklist")
    assert points(asked(Picklists(), described=described))
    context = a_context()
    filled = {**context.fields_created, "Lead": frozenset({"LastName", "Company"})}
    without = replace(context, fields_created=filled)
    assert not points(asked(Picklists(), without, described=described))


def test_a_row_of_rights_that_lets_nobody_read_shows_no_field():
    grants = tuple(
        replace(grant, read=False, edit=False)
        if (grant.set_id, grant.field) == (SALES_SET, "Lead.UserGem__Persona__c")
        else grant
        for grant in FIELD_GRANTS
    )
    (item,) = points(asked(RepAccess(), field_grants=grants), "fail")
    assert item.key == "Sales User.Lead.fields:UserGem__Persona__c"


def test_the_list_of_another_object_is_not_the_packages():
    layout = a_layout("Contact")
    others = tuple(replace(one, object_name="Other__c") for one in layout.layout.related_lists)
    strange = replace(layout, layout=replace(layout.layout, related_lists=others))
    finding = asked(RelatedLists(), layouts={**LAYOUTS, "Contact": (strange,)})
    assert finding.outcome == "fail"


def test_lead_assignment_is_of_no_interest_where_no_leads_are_made():
    context = a_context(run_assignment_rules=True)
    created = {name: some for name, some in context.fields_created.items() if name != "Lead"}
    contacts = replace(context, record_mode="always_contact", fields_created=created)
    finding = asked(Automation(), contacts, assignment_rules=("Route by region",))
    assert not points(finding)


@pytest.mark.parametrize(
    "key", [lambda names: rights.key_of("Lead", "fields", names), lambda n: written.key_of("L", n)]
)
def test_a_point_about_very_many_names_is_another_one_with_other_names(key):
    names = sorted(f"UserGem__SomethingLong{number}__c" for number in range(40))
    assert key(names) != key([*names[:-1], "ZZ__Other__c"])
    assert len(key(names)) < 300


def test_a_version_that_is_like_another_one_keeps_its_own_name_and_source():
    lists = permission_lists()
    assert lists["V3"].name != lists["V2"].name
    assert lists["V3"].name.startswith("V3")


def test_an_object_of_the_package_that_is_hidden_is_told_by_the_check_of_the_package():
    finding = asked(ObjectAccess(), described=without_object(DESCRIBED, GEM))
    assert not [item for item in points(finding) if item.key.startswith(GEM)]


def test_the_first_three_lists_ask_for_everything_on_the_packages_object():
    asked_for = {name: found.objects.get("package") for name, found in permission_lists().items()}
    for version in ("V1", "V2", "V3"):
        assert asked_for[version].rights == ("read", "create", "edit", "delete", "modify_all")


def test_known_people_are_changed_in_every_mode_also_before_it_is_known_how():
    context = CheckContext(environment="sandbox", record_mode="always_contact")
    assert "Lead" in written.objects_written(context)
    assert "Lead" not in written.objects_created(context)


def test_a_field_that_is_not_in_the_org_is_asked_for_on_no_page():
    described = without_field(DESCRIBED, "Contact", "UserGem__Persona__c")
    shown = tuple(name for name in PERSON_FIELDS if name != "UserGem__Persona__c")
    layouts = {**LAYOUTS, "Contact": (a_layout("Contact", fields=shown),)}
    assert asked(PageLayouts(), described=described, layouts=layouts).outcome == "pass"


class Told:
    """What an org told a user that may look at layouts and at nobody's rights."""

    LAYOUT = "00h000000000001AAA"

    def rows(self, key, right):
        return []

    def known(self, key):
        return key == "layouts"

    def body(self, key):
        if key != "layouts":
            raise CannotAsk(VIEW_SETUP)
        return [{"Id": self.LAYOUT, "Name": "Lead Layout", "TableEnumOrId": "Lead"}]

    def allowed(self, key, right):
        return {"Metadata": {}}


def test_no_row_of_rights_at_all_means_that_they_are_not_shown():
    with pytest.raises(CannotAsk) as refused:
        object_grants_from(Told())
    assert refused.value.right == VIEW_SETUP


def test_who_sees_a_layout_is_not_known_where_the_org_does_not_say():
    (layout,) = layouts_from(Told())["Lead"]
    assert layout.profile_ids is None


def test_every_list_asks_for_the_five_system_permissions_but_that_of_a_data_test():
    first = ("ApiEnabled", "RunReports", "ActivitiesAccess", "ViewSetup", "ViewRoles")
    for version in ("V1", "V2", "V3", "V4"):
        assert permission_lists()[version].system == first, version


def test_the_lists_name_the_fields_of_people_that_are_written():
    names = {"OwnerId", "FirstName", "LastName", "Email", "Phone", "Title", "LeadSource"}
    for version in ("V1", "V2", "V3", "V4"):
        rows = permission_lists()[version].objects
        assert rows["Contact"].write >= names, version
        assert rows["Lead"].write >= names, version
        assert rows["CampaignMember"].only_for == "campaign", version
