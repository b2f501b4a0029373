"""What a person reads of a broken rehearsal org: rights, layouts, pages and mappings.

Which checks answer to which configuration is the table's (test_configurations_table.py).
"""

from contextlib import closing

import pytest

from integrations.checks.registry import check_find
from integrations.checks.survey import Survey
from integrations.services.orgs import org_open
from tests.integrations.checks.surveys import a_context, points

pytestmark = pytest.mark.django_db

CAMPAIGN = {
    "campaign_id": "7017z000000000AAAQ",
    "campaign_name": "Champion moves FY26",
    "campaign_status": "Responded",
}


@pytest.fixture
def found(rehearsal, customer):
    """Lays configurations on the full copy and asks one check, or several."""

    def ask(names, *configurations, permission_list="V4"):
        rehearsal.package_install("northwind-full")
        rehearsal.configure("northwind-full", *configurations)
        connection = rehearsal.connect(customer)
        context = a_context(permission_list=permission_list, **CAMPAIGN)
        checks = [check_find(name) for name in names.split()]
        with closing(org_open(connection)) as org:
            survey = Survey(org, context, user_id=connection.epoch.user_id)
            survey.ask_together({need for check in checks for need in check.needs})
            before = org.calls
            findings = [check.run(survey, context) for check in checks]
            assert org.calls == before, "it asks nothing beyond its needs"
        return findings if len(findings) > 1 else findings[0]

    return ask


def sentences(finding, outcome):
    return [item.sentence for item in points(finding, outcome)]


@pytest.mark.parametrize("version", ["V1", "V2", "V3", "V4", "DT"])
def test_a_healthy_org_has_the_rights_of_every_list(found, version):
    assert found("object_access", permission_list=version).outcome != "fail"


def test_a_hidden_field_is_called_hidden(found):
    assert sentences(found("field_access", "field-hidden"), "fail") == [
        "Hidden from the integration user on Contacts: Past Company (UserGem__PastCompany__c).",
        "Hidden from the integration user on Leads: Past Company (UserGem__PastCompany__c).",
    ]


def test_a_hidden_field_without_view_setup_is_hidden_or_not_there(found):
    (contact, lead) = sentences(found("field_access", "field-hidden", "low-rights-user"), "fail")
    assert "Hidden, or not in this org" in contact
    assert "View Setup and Configuration" in lead


def test_a_read_only_field_names_the_set_to_change(found):
    (contact, lead) = points(found("field_access", "field-read-only"), "fail")
    assert "Permission Sets, UserGems Integration, Object Settings, Contacts" in contact.fix
    assert lead.sentence == "On Leads, the integration user may only read: Title. We fill this."


def test_leads_that_may_not_be_created_are_one_point(found):
    objects, fields = found("object_access field_access", "object-no-create")
    (item,) = points(objects)
    assert item.key == "Lead.rights:create"
    assert fields.outcome == "pass"


def test_a_package_for_administrators_is_told_from_both_sides(found):
    package, objects, fields, reps = found(
        "package object_access field_access rep_access", "package-admins-only"
    )
    assert [item.key for item in points(package)] == ["hidden"]
    assert any("Sales User" in sentence for sentence in sentences(reps, "fail"))
    # Said once: the package's parts are looked at when its object is seen.
    assert (objects.outcome, fields.outcome) == ("pass", "pass")


def test_reps_who_may_only_read_are_told_why_the_component_is_empty(found):
    (item,) = points(found("rep_access", "reps-read-only"), "fail")
    assert "the component stays empty for them" in item.sentence


def test_people_out_of_reach_of_the_role_are_counted(found):
    (item,) = points(found("record_sharing", "role-below-reps"), "warning")
    assert "people have roles that are not below SDR" in item.sentence


def test_layouts_without_our_fields_are_named(found):
    assert {
        item.setup_path for item in points(found("page_layouts", "layouts-without-fields"))
    } == {
        "/lightning/setup/ObjectManager/Lead/PageLayouts/view",
        "/lightning/setup/ObjectManager/Contact/PageLayouts/view",
    }


def test_dynamic_forms_are_looked_at_in_place_of_the_layout(found):
    (item,) = points(found("page_layouts", "dynamic-forms"), "fail")
    assert "uses Dynamic Forms" in item.sentence


def test_a_page_that_is_not_activated_cannot_be_told_and_its_lists_are_those_of_the_layout(found):
    pages, lists = found("lightning_pages related_lists", "page-not-activated")
    assert (pages.outcome, lists.outcome) == ("cannot", "pass")


def test_a_lead_field_that_goes_astray_is_told_beside_the_lost_ones(found):
    finding = found("lead_conversion", "lead-mapping-partly")
    assert [item.outcome for item in points(finding)] == ["fail", "warning"]


def test_rights_too_many_are_advice(found):
    finding = found("excess_rights", "excess-rights")
    assert "Modify All Data" in " ".join(sentences(finding, "warning"))
