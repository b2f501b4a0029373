"""Rights on fields: hidden, not there, read-only, and what nobody may write."""

from dataclasses import replace

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.field_access import FieldAccess
from integrations.services.facts import PackageFacts
from tests.integrations.checks.surveys import (
    DESCRIBED,
    GEM,
    PERSON_FIELDS,
    a_context,
    asked,
    points,
    with_field,
    with_object,
    without_field,
    without_object,
)

CHECK = FieldAccess()
PAST_COMPANY = "UserGem__PastCompany__c"
DEFINED = {name: frozenset(found.fields) for name, found in DESCRIBED.items()}


def test_all_fields_pass_and_are_counted():
    finding = asked(CHECK)
    assert finding.outcome == "pass"
    assert "list V4" in finding.found


def test_a_field_that_exists_and_is_hidden_says_hidden():
    finding = asked(CHECK, described=without_field(DESCRIBED, "Lead", PAST_COMPANY))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert item.key == f"Lead.fields.hidden:{PAST_COMPANY}"
    # The label is known from the contact.
    assert item.sentence == (
        f"Hidden from the integration user on Leads: UG - Past Company ({PAST_COMPANY})."
    )
    assert "tick Read Access and Edit Access on UG - Past Company" in item.fix


def test_a_field_that_is_not_in_the_org_says_so():
    described = without_field(DESCRIBED, "Lead", PAST_COMPANY)
    defined = {**DEFINED, "Lead": DEFINED["Lead"] - {PAST_COMPANY}}
    (item,) = points(asked(CHECK, described=described, defined_fields=defined))
    assert item.key == f"Lead.fields.missing:{PAST_COMPANY}"
    assert "Not in this org" in item.sentence
    assert "Installed Packages" in item.fix


def test_where_nobody_can_tell_it_says_both_and_what_would_help():
    described = without_field(DESCRIBED, "Lead", PAST_COMPANY)
    finding = asked(CHECK, described=described, defined_fields=CannotAsk(VIEW_SETUP))
    (item,) = points(finding)
    assert finding.outcome == "fail"
    assert "Hidden, or not in this org" in item.sentence
    assert VIEW_SETUP in item.sentence


def test_fields_are_called_as_object_settings_lists_them():
    described = without_field(DESCRIBED, "Account", "BillingStreet", "BillingCity")
    described = with_field(
        described, "Account", "ParentId", label="Parent Account ID", createable=False,
        updateable=False,
    )  # fmt: skip
    said = {item.key.partition(":")[0]: item for item in points(asked(CHECK, described=described))}
    assert said["Account.fields.hidden"].sentence.endswith("on Accounts: Billing Address.")
    assert "tick Edit Access on Parent Account, then Save" in said["Account.fields.edit"].fix


def test_hidden_fields_of_one_object_are_one_point_and_the_key_names_them():
    described = without_field(DESCRIBED, "Contact", PAST_COMPANY, "Title")
    (item,) = points(asked(CHECK, described=described))
    assert item.key == f"Contact.fields.hidden:Title,{PAST_COMPANY}"


def test_a_package_that_is_hidden_as_a_whole_is_told_in_few_words():
    described = without_field(DESCRIBED, "Lead", *PERSON_FIELDS)
    (item,) = points(asked(CHECK, described=described))
    assert item.sentence == "Hidden from the integration user on Leads: all 13 UG fields."
    assert item.fix.endswith("tick Read Access and Edit Access on these fields, then Save.")


def test_without_the_package_its_fields_are_not_asked_for():
    described = without_object(
        without_field(without_field(DESCRIBED, "Lead", *PERSON_FIELDS), "Contact", *PERSON_FIELDS),
        GEM,
        PERSON_FIELDS,
    )
    finding = asked(CHECK, described=described, manifest=None, package=PackageFacts(False))
    assert finding.outcome == "pass"


def test_a_read_only_field_fails():
    described = with_field(DESCRIBED, "Lead", "Title", createable=False, updateable=False)
    finding = asked(CHECK, described=described)
    (item,) = points(finding)
    assert item.sentence == "On Leads, the integration user may only read: Title. We fill this."
    assert "tick Edit Access on Title" in item.fix
    assert finding.found.startswith("92 of 93 fields are open as we need them")


def test_a_field_that_only_the_list_asks_for_is_advice():
    described = with_field(DESCRIBED, "Account", "ParentId", createable=False, updateable=False)
    finding = asked(CHECK, described=described)
    (item,) = points(finding)
    assert finding.outcome == "warning"
    assert "delivered without it" in item.sentence


def test_what_can_only_be_set_on_creating_is_no_failure():
    member = DESCRIBED["CampaignMember"].fields
    assert not any(member[name].updateable for name in ("LeadId", "ContactId", "CampaignId"))
    assert asked(CHECK).outcome == "pass"


def test_system_fields_and_formulas_are_no_failure():
    described = with_field(
        DESCRIBED, "Lead", "UserGem__Persona__c",
        createable=False, updateable=False, calculated=True,
    )  # fmt: skip
    context = a_context(permission_list="V1")
    assert asked(CHECK, context, described=described).outcome == "pass"


def test_an_object_without_create_is_said_once_and_not_for_each_field():
    described = with_object(
        DESCRIBED,
        "Lead",
        createable=False,
        fields={
            name: replace(field, createable=False)
            for name, field in DESCRIBED["Lead"].fields.items()
        },
    )
    assert asked(CHECK, described=described).outcome == "pass"


def test_an_object_not_seen_is_another_checks():
    assert asked(CHECK, described=without_object(DESCRIBED, "Lead")).outcome == "pass"


def test_the_delivery_key_that_is_hidden_fails_whatever_the_list():
    described = without_field(DESCRIBED, GEM, "UserGem__DeliveryKey__c")
    finding = asked(CHECK, a_context(permission_list="DT"), described=described)
    assert finding.outcome == "fail"


def test_a_package_that_is_too_old_is_left_to_its_own_check():
    described = without_field(DESCRIBED, GEM, "UserGem__DeliveryKey__c")
    defined = {**DEFINED, GEM: DEFINED[GEM] - {"UserGem__DeliveryKey__c"}}
    finding = asked(
        CHECK,
        described=described,
        defined_fields=defined,
        package=PackageFacts(True, version="1.38", manifest="usergem-1"),
    )
    assert finding.outcome == "pass"


def test_a_standard_field_that_the_org_does_not_have_is_no_failure():
    described = without_field(DESCRIBED, "Account", "AccountSource")
    defined = {**DEFINED, "Account": DEFINED["Account"] - {"AccountSource"}}
    assert asked(CHECK, described=described, defined_fields=defined).outcome == "pass"


def test_a_field_to_read_needs_read_access_only():
    described = without_field(DESCRIBED, "Opportunity", "Amount")
    (item,) = points(asked(CHECK, described=described))
    assert item.outcome == "warning"
    assert "tick Read Access on Amount" in item.fix
