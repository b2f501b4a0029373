"""What will fire: rules, triggers and flows that meet our records."""

from dataclasses import replace

import pytest

from integrations.checks.answers import (
    VIEW_SETUP,
    CannotAsk,
    DuplicateRuleFacts,
    FlowFacts,
    TriggerFacts,
    ValidationRuleFacts,
)
from integrations.checks.automation import Automation
from integrations.checks.firing import signs_in
from tests.integrations.checks.surveys import (
    DESCRIBED,
    a_context,
    healthy,
    made_id,
    with_field,
    with_object,
)

ALWAYS = {"Lead": frozenset({"LastName", "Company", "OwnerId", "LeadSource"})}
WITH_INDUSTRY = with_field(DESCRIBED, "Account", "Industry", type="picklist")


def a_rule(name, message, object_name="Lead", field=""):
    return ValidationRuleFacts(made_id("03d", "Rule"), object_name, name, message, field)


def found_in(context=None, **answers):
    survey = healthy(**answers)
    return Automation().run(survey, a_context(**{"fields_always": ALWAYS, **(context or {})}))


def test_an_org_without_automation_is_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert not finding.items
    assert finding.found == (
        "No validation rule, duplicate rule, trigger or flow is active on what we write."
    )


def test_a_rule_that_asks_for_a_field_we_leave_empty_is_likely_to_refuse():
    rule = a_rule("Industry_on_new_accounts", "Choose an industry for the new account.", "Account")
    answers = {"validation_rules": (rule,), "described": WITH_INDUSTRY}
    finding = found_in({"record_mode": "always_contact"}, **answers)
    assert finding.outcome == "warning"
    assert finding.items[0].sentence == (
        "The validation rule Industry_on_new_accounts is likely to refuse new accounts: “Choose an "
        "industry for the new account.” We leave Industry empty."
    )
    assert "Object Manager, Account, Validation Rules, Industry_on_new_accounts" in (
        finding.items[0].fix
    )
    assert finding.items[0].setup_path == (
        "/lightning/setup/ObjectManager/Account/ValidationRules/view"
    )
    # In this mode no account is created, so nothing meets the rule.
    assert not found_in(**answers).items


def test_a_rule_on_what_not_every_job_change_brings_may_refuse_some():
    rule = a_rule(
        "Reachable_leads_in_Germany",
        "New leads in Germany need an e-mail address or a phone number.",
    )
    finding = found_in(validation_rules=(rule,))
    assert finding.outcome == "warning"
    assert "may refuse some new leads" in finding.items[0].sentence
    assert "Not every job change brings Email and Phone." in finding.items[0].sentence


def test_a_rule_on_what_every_plan_fills_is_only_listed():
    rule = a_rule("Company_needed", "Company is required.")
    finding = found_in(validation_rules=(rule,))
    assert finding.outcome == "pass"
    assert "names nothing that we leave empty: Company_needed." in finding.items[0].sentence
    assert finding.found == "Active on what we write: one validation rule."


def test_the_field_a_rule_shows_its_error_at_speaks_for_itself():
    rule = a_rule("Branche", "Branche fehlt", "Lead", "Rating__c")
    described = with_field(DESCRIBED, "Lead", "Rating__c", label="Rating")
    finding = found_in(validation_rules=(rule,), described=described)
    assert "We leave Rating empty." in finding.items[0].sentence


def test_a_user_who_may_create_nothing_meets_the_same_rules():
    rule = a_rule("Reachable", "A phone number is required: fill Phone.")
    fields = {
        name: replace(field, createable=False) for name, field in DESCRIBED["Lead"].fields.items()
    }
    described = with_object(DESCRIBED, "Lead", createable=False, fields=fields)
    rules = (rule,)
    assert (
        found_in(validation_rules=rules, described=described).items
        == found_in(validation_rules=rules).items
    )


def test_a_field_with_a_default_is_not_empty():
    rule = a_rule("Status_needed", "Status is required.")
    described = with_field(DESCRIBED, "Lead", "Status", defaulted_on_create=True)
    assert found_in(validation_rules=(rule,), described=described).outcome == "pass"


def test_a_message_that_demands_nothing_does_not_mark_the_rule():
    rule = a_rule("No_change", "Status may not go back.")
    assert found_in(validation_rules=(rule,)).outcome == "pass"


def test_hundreds_of_rules_do_not_become_hundreds_of_points():
    rules = tuple(a_rule(f"Rule_{one}", f"Phone is required ({one}).") for one in range(200))
    finding = found_in(validation_rules=rules)
    assert len(finding.items) == 11
    assert "190 more validation rules ask for what new leads may not have" in (
        finding.items[-1].sentence
    )
    assert "182 more" in finding.items[-1].sentence
    assert all(len(item.key) < 200 for item in finding.items)


def test_duplicate_rules_stop_us_also_where_they_only_alert():
    rule = DuplicateRuleFacts("Lead", "Standard_Lead", "Standard Lead Duplicate Rule")
    finding = found_in(duplicate_rules=(rule,))
    assert finding.outcome == "warning"
    assert "also where the rule only alerts" in finding.items[0].sentence
    saved = found_in({"save_past_alerts": True}, duplicate_rules=(rule,))
    assert "as the settings say" in saved.items[0].sentence


def test_assignment_rules_matter_where_the_settings_let_them_run():
    finding = found_in(assignment_rules=("Route by region",))
    assert finding.outcome == "pass"
    assert "do not let it run" in finding.items[0].sentence
    finding = found_in({"run_assignment_rules": True}, assignment_rules=("Route by region",))
    assert finding.outcome == "warning"
    assert "may e-mail that owner" in finding.items[0].sentence
    finding = found_in({"run_assignment_rules": True})
    assert finding.outcome == "warning"
    assert "none is active" in finding.items[0].sentence


def test_a_trigger_is_marked_by_its_name_and_grouped_by_object():
    triggers = (
        TriggerFacts("Lead", "LeadRouting", "", ("after insert",)),
        TriggerFacts("Lead", "LeadTrigger", "", ("before insert", "before update")),
        TriggerFacts("Contact", "ContactNotification", "", ("after update",)),
    )
    finding = found_in(triggers=triggers)
    said = [item.sentence for item in finding.items]
    assert said == [
        "The Apex trigger LeadRouting runs on the leads we save. By its name, it is likely to "
        "change the owner.",
        "The Apex trigger LeadTrigger runs on the leads we save. What it does is not read here.",
        "The Apex trigger ContactNotification runs on the contacts we save. By its name, it is "
        "likely to alert people.",
    ]
    assert {item.outcome for item in finding.items} == {"warning"}


def test_a_flow_that_changes_the_owner_and_alerts_says_both():
    flow = FlowFacts("Lead", "Assign_and_notify", "Assign and notify", "when a record is created")
    finding = found_in(flows=(flow,))
    assert "likely to change the owner and alert people." in finding.items[0].sentence
    assert finding.items[0].setup_path == "/lightning/setup/Flows/home"


@pytest.mark.parametrize(
    ("events", "met"),
    [
        (("before delete",), False),
        (("after undelete",), False),
        (("after insert",), True),
        ((), True),
    ],
)
def test_only_the_moments_at_which_we_save_count(events, met):
    finding = found_in(triggers=(TriggerFacts("Lead", "Audit", "", events),))
    assert bool(finding.items) is met


def test_a_trigger_for_new_leads_is_not_met_where_none_is_created():
    trigger = TriggerFacts("Lead", "Audit", "", ("after insert",))
    assert not found_in({"record_mode": "always_contact"}, triggers=(trigger,)).items


def test_our_own_package_is_not_named_and_others_are_only_listed():
    triggers = (
        TriggerFacts("Lead", "UserGemTrigger", "UserGem", ("after insert",)),
        TriggerFacts("Lead", "Sync", "hubspotx", ("after insert",)),
    )
    finding = found_in(triggers=triggers)
    assert finding.outcome == "pass"
    assert [item.sentence for item in finding.items] == [
        "Triggers of installed packages run on the leads we save: hubspotx.Sync."
    ]


def test_what_can_be_read_is_shown_where_something_else_cannot():
    rule = DuplicateRuleFacts("Lead", "Standard_Lead", "Standard Lead Duplicate Rule")
    hidden = CannotAsk(VIEW_SETUP)
    finding = found_in(
        validation_rules=hidden, triggers=hidden, flows=hidden, duplicate_rules=(rule,)
    )
    assert finding.outcome == "cannot"
    assert finding.missing_right == VIEW_SETUP
    assert [item.outcome for item in finding.items] == ["cannot", "warning"]
    assert "Apex triggers, flows and validation rules" in finding.items[0].sentence


def test_where_nothing_can_be_read_it_is_not_called_nothing():
    hidden = CannotAsk(VIEW_SETUP)
    finding = found_in(
        validation_rules=hidden,
        triggers=hidden,
        flows=hidden,
        duplicate_rules=hidden,
        assignment_rules=hidden,
    )
    assert finding.found == "Nothing is active in what could be read."


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("Lead_routing", {"owner"}),
        ("Set_Mailing_Address", set()),
        ("LeanData_Lead", {"owner"}),
        ("OpportunityRoutine", set()),
        ("SendWelcomeEmail", {"alert"}),
        ("ValidateAccount", {"refuse"}),
        ("BlockDuplicates", {"refuse"}),
        ("", set()),
    ],
)
def test_signs_are_read_from_whole_words(name, signs):
    assert signs_in(name) == signs


def test_rules_on_objects_we_do_not_write_are_left_out():
    rule = replace(a_rule("Stage", "Stage is required."), object_name="Opportunity")
    assert not found_in(validation_rules=(rule,)).items
