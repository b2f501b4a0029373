"""What `plan_make` decides, as a person reads it in the preview."""

from dataclasses import replace

import pytest

from integrations.salesforce.manifest import USERGEM_1
from jobchanges.planning import plan_from_json, plan_hash, plan_make, plan_to_json
from jobchanges.planning.types import FieldFacts, Ref
from tests.jobchanges.planning_world import (
    CAMPAIGN,
    DEFAULT_OWNER,
    ORG,
    OWNER,
    account,
    fields,
    job_change,
    left,
    matches,
    past_contact,
    person,
    settings,
)

P = "UserGem__"


def roles(plan):
    return [(write.role, write.operation, write.object_name) for write in plan.writes]


def sent(plan, role):
    return plan.write(role).fields


def words(plan):
    return " ".join(plan.explanations)


# --- record modes --------------------------------------------------------------------------------


def test_with_an_account_the_person_becomes_a_contact_on_it_owned_by_its_owner():
    plan = plan_make(job_change(), settings(), matches(account=account()))
    assert roles(plan) == [
        ("person", "create", "Contact"),
        ("package", "create", "UserGem__UserGem__c"),
    ]
    assert sent(plan, "person")["AccountId"] == account().id
    assert sent(plan, "person")["OwnerId"] == OWNER
    assert plan.outcome == "created"


def test_without_an_account_the_person_becomes_a_lead_of_the_default_owner():
    plan = plan_make(job_change(), settings(), matches())
    assert roles(plan)[0] == ("person", "create", "Lead")
    lead = sent(plan, "person")
    assert lead["OwnerId"] == DEFAULT_OWNER
    assert lead["Company"] == "Swedbank"
    assert lead["LeadSource"] == "UserGems"
    assert lead["Title"] == "Director of Customer Success"
    assert lead[f"{P}CreatedByUG__c"] is True


def test_always_lead_makes_a_lead_although_the_account_exists():
    plan = plan_make(job_change(), settings(record_mode="always_lead"), matches(account=account()))
    assert roles(plan)[0] == ("person", "create", "Lead")
    assert sent(plan, "package")[f"{P}NewAccount__c"] == account().id


def test_always_contact_makes_the_account_first_and_points_to_it():
    plan = plan_make(job_change(), settings(record_mode="always_contact"), matches())
    assert roles(plan) == [
        ("account", "create", "Account"),
        ("person", "create", "Contact"),
        ("package", "create", "UserGem__UserGem__c"),
    ]
    assert sent(plan, "account") == {
        "Name": "Swedbank",
        "Website": "https://swedbank.example",
        "NumberOfEmployees": 15614,
        "BillingCity": "Sundbyberg",
        "BillingCountry": "Sweden",
        "OwnerId": DEFAULT_OWNER,
        f"{P}CreatedByUG__c": True,
    }
    assert sent(plan, "person")["AccountId"] == Ref("account")
    assert sent(plan, "package")[f"{P}NewContact__c"] == Ref("person")
    assert {"new_account", "new_contact"} <= set(plan.branches)


# --- kinds ---------------------------------------------------------------------------------------


def test_joined_marks_the_past_record_and_links_all_sides():
    plan = plan_make(job_change(), settings(), matches(account=account(), past=past_contact()))
    assert [write.role for write in plan.writes] == ["person", "past_person", "package"]
    assert sent(plan, "past_person") == {f"{P}NoLongerAtCompany__c": True}
    assert plan.write("past_person").before == {f"{P}NoLongerAtCompany__c": None}
    record = sent(plan, "package")
    assert record[f"{P}DeliveryKey__c"] == f"jc-07-00072:{ORG}"
    assert record[f"{P}DeliveryAttempt__c"] == 1
    assert record[f"{P}PastContact__c"] == past_contact().id
    assert record[f"{P}PastAccount__c"] == past_contact().account_id
    assert record[f"{P}NewContact__c"] == Ref("person")
    assert record[f"{P}NewAccount__c"] == account().id
    assert sent(plan, "person")[f"{P}PastContact__c"] == past_contact().id


def test_left_writes_only_the_past_record_and_the_package_record():
    plan = plan_make(left(), settings(campaign_id=CAMPAIGN), matches(past=past_contact()))
    assert [write.role for write in plan.writes] == ["past_person", "package"]
    assert plan.outcome == "past_only"
    assert plan.branches == ("left_only", "past_contact")


def test_left_without_a_past_record_is_held():
    plan = plan_make(left(), settings(), matches())
    assert plan.is_held
    assert plan.writes == ()
    assert "No record of this person was found" in plan.held_reason


def test_a_promotion_enriches_the_existing_record_and_never_says_it_left():
    existing = past_contact()
    plan = plan_make(
        job_change(kind="promotion"),
        settings(campaign_id=CAMPAIGN),
        matches(person=existing, past=existing),
    )
    assert [write.role for write in plan.writes] == ["person", "package"]
    assert f"{P}NoLongerAtCompany__c" not in sent(plan, "person")
    assert sent(plan, "package")[f"{P}Kind__c"] == "Promotion"


def test_a_promotion_leaves_another_past_record_alone():
    plan = plan_make(
        job_change(kind="promotion"), settings(), matches(person=person(), past=past_contact())
    )
    assert [write.role for write in plan.writes] == ["person", "package"]


def test_a_promotion_without_an_existing_record_is_held():
    plan = plan_make(job_change(kind="promotion"), settings(), matches())
    assert "none was found" in plan.held_reason


def test_joining_an_unknown_company_is_held_unless_the_person_is_there_already():
    nowhere = job_change(new_company_name="", new_company_domain="", new_company_website="")
    assert "new company is not known" in plan_make(nowhere, settings(), matches()).held_reason
    assert not plan_make(nowhere, settings(), matches(person=person())).is_held


# --- existing records ----------------------------------------------------------------------------


def test_an_existing_person_gets_only_empty_fields_and_the_packages():
    existing = person(values={"Title": "CEO", "Email": "other@swedbank.example", "Phone": ""})
    plan = plan_make(job_change(), settings(), matches(account=account(), person=existing))
    written = sent(plan, "person")
    assert plan.write("person").record_id == existing.id
    assert "Title" not in written
    assert "Email" not in written
    assert "LeadSource" not in written
    assert written["Phone"] == "+1 413 860 7544"
    assert written[f"{P}PastCompany__c"] == "Lowe's"
    assert plan.outcome == "enriched"


def test_the_account_of_an_existing_contact_is_the_new_account_wherever_it_was_matched():
    existing = person(account_id="0017z00000000ZZAAY")
    plan = plan_make(job_change(), settings(), matches(account=account(), person=existing))
    assert sent(plan, "package")[f"{P}NewAccount__c"] == "0017z00000000ZZAAY"


def test_a_partly_filled_address_stays_as_it_is():
    existing = person(values={"MailingCity": "Oslo"})
    plan = plan_make(job_change(), settings(), matches(person=existing))
    assert "MailingCountry" not in sent(plan, "person")
    assert "address is partly filled" in words(plan)


def test_a_package_field_that_differs_is_written_with_its_before_image():
    existing = person(values={f"{P}PastCompany__c": "Acme"})
    plan = plan_make(job_change(), settings(), matches(person=existing))
    assert sent(plan, "person")[f"{P}PastCompany__c"] == "Lowe's"
    assert plan.write("person").before[f"{P}PastCompany__c"] == "Acme"


def test_a_past_record_that_is_marked_already_is_not_written_again():
    marked = past_contact(values={f"{P}NoLongerAtCompany__c": True})
    plan = plan_make(left(), settings(), matches(past=marked))
    assert [write.role for write in plan.writes] == ["package"]
    assert plan.outcome == "package_only"


def test_a_past_record_that_moved_to_the_new_company_is_enriched_and_not_marked():
    moved = past_contact()
    plan = plan_make(job_change(), settings(), matches(person=moved, past=moved))
    assert [write.role for write in plan.writes] == ["person", "package"]
    assert f"{P}PastContact__c" not in sent(plan, "person")
    assert "not marked as left" in words(plan)
    assert f"{P}PastAccount__c" not in sent(plan, "package"), "its account is the new one"


def test_a_past_lead_is_marked_and_linked_as_a_lead():
    plan = plan_make(left(past_contact_id=""), settings(), matches(past=person("Lead")))
    assert plan.write("past_person").object_name == "Lead"
    assert sent(plan, "package")[f"{P}PastLead__c"] == person("Lead").id
    assert "past_lead" in plan.branches


def test_a_converted_past_lead_without_its_contact_is_linked_but_not_written():
    lead = replace(person("Lead"), converted=True)
    plan = plan_make(left(past_contact_id=""), settings(), matches(past=lead))
    assert [write.role for write in plan.writes] == ["package"]
    assert "converted" in words(plan)


def test_the_date_generation_of_no_longer_at_company_gets_the_day_it_was_noticed():
    name = f"{P}NoLongerAtCompany__c"
    dated = fields(Contact={name: FieldFacts(name=name, type="date")})
    plan = plan_make(left(), settings(fields=dated), matches(past=past_contact()))
    assert sent(plan, "past_person") == {name: "2026-04-01"}


def test_the_day_that_stands_in_no_longer_at_company_already_stays():
    name = f"{P}NoLongerAtCompany__c"
    dated = fields(Contact={name: FieldFacts(name=name, type="date")})
    marked = past_contact(values={name: "2026-01-15"})
    plan = plan_make(left(), settings(fields=dated), matches(past=marked))
    assert [write.role for write in plan.writes] == ["package"]


# --- owners --------------------------------------------------------------------------------------


def test_an_inactive_account_owner_gives_way_to_the_default_owner():
    plan = plan_make(job_change(), settings(), matches(account=account(owner_active=False)))
    assert sent(plan, "person")["OwnerId"] == DEFAULT_OWNER
    assert "inactive_owner" in plan.branches
    assert "owner of the account is inactive" in words(plan)


def test_the_rule_default_owner_ignores_the_accounts_owner():
    plan = plan_make(
        job_change(), settings(contact_owner_rule="default_owner"), matches(account=account())
    )
    assert sent(plan, "person")["OwnerId"] == DEFAULT_OWNER


@pytest.mark.parametrize(
    ("owner_id", "active", "reason"),
    [
        ("", None, "No default owner is chosen"),
        (DEFAULT_OWNER, None, "not a user of this org"),
        (DEFAULT_OWNER, False, "inactive in this org"),
    ],
)
def test_a_record_nobody_can_own_is_held(owner_id, active, reason):
    plan = plan_make(
        job_change(), settings(default_owner_id=owner_id), matches(default_owner_active=active)
    )
    assert reason in plan.held_reason
    assert plan.writes == ()


def test_enriching_needs_no_owner():
    plan = plan_make(
        job_change(),
        settings(default_owner_id=""),
        matches(person=person(), default_owner_active=None),
    )
    assert not plan.is_held


# --- campaign ------------------------------------------------------------------------------------


def test_a_new_lead_joins_the_campaign_by_reference():
    plan = plan_make(
        job_change(), settings(campaign_id=CAMPAIGN, campaign_status="Sent"), matches()
    )
    assert [write.role for write in plan.writes] == ["person", "campaign_member", "package"]
    assert sent(plan, "campaign_member") == {
        "CampaignId": CAMPAIGN,
        "LeadId": Ref("person"),
        "Status": "Sent",
    }
    assert "campaign" in plan.branches


def test_an_existing_contact_joins_by_its_id_unless_a_member_already():
    with_campaign = settings(campaign_id=CAMPAIGN)
    plan = plan_make(job_change(), with_campaign, matches(person=person()))
    assert sent(plan, "campaign_member")["ContactId"] == person().id
    plan = plan_make(job_change(), with_campaign, matches(person=person(), member_exists=True))
    assert plan.write("campaign_member") is None
    assert "Already a member" in words(plan)


# --- fitting to the org --------------------------------------------------------------------------


def test_a_long_title_is_shortened_and_said_so():
    plan = plan_make(job_change(new_title="x" * 200), settings(), matches())
    assert sent(plan, "person")["Title"] == "x" * 128
    assert "Lead field Title: shortened to 128 characters." in plan.explanations
    assert "long_or_non_latin" in plan.branches


def test_half_an_emoji_or_a_bare_accent_is_never_sent():
    plan = plan_make(job_change(new_title="x" * 127 + "🚀"), settings(), matches())
    assert sent(plan, "person")["Title"] == "x" * 127
    plan = plan_make(job_change(new_title="x" * 127 + "e\u0301"), settings(), matches())
    assert sent(plan, "person")["Title"] == "x" * 127


def test_an_address_too_long_is_left_out_rather_than_cut():
    plan = plan_make(job_change(new_email="a" * 80 + "@b.example"), settings(), matches())
    assert "Email" not in sent(plan, "person")
    assert "Lead field Email: longer than 80 characters, left out." in plan.explanations


def test_hidden_and_read_only_fields_are_left_out_and_said_so():
    shape = fields(
        Lead={"Title": None, "Phone": FieldFacts(name="Phone", label="Phone", createable=False)}
    )
    plan = plan_make(job_change(), settings(fields=shape), matches())
    assert not {"Title", "Phone"} & set(sent(plan, "person"))
    assert "Lead field Title: not visible to the integration user, left out." in plan.explanations
    assert "Lead field Phone: the integration user may not write it, left out." in plan.explanations


def test_an_object_that_may_not_be_created_is_said_once_and_not_field_by_field():
    shape = fields()
    lead = shape["Lead"].items()
    shape["Lead"] = {name: replace(field, createable=False) for name, field in lead}
    plan = plan_make(job_change(), settings(fields=shape), matches())
    assert not plan.writes
    assert "The integration user may not create records of Lead in this org." in plan.held_reason
    assert not any("may not write it" in words for words in plan.explanations)


def test_a_value_outside_a_restricted_picklist_is_left_out():
    picky = FieldFacts(
        name="LeadSource", label="Lead Source", type="picklist", allowed=frozenset({"Web"})
    )
    plan = plan_make(job_change(), settings(fields=fields(Lead={"LeadSource": picky})), matches())
    assert "LeadSource" not in sent(plan, "person")
    assert "“UserGems” is not among its values" in words(plan)


def test_a_required_restricted_picklist_without_our_value_holds_the_job_change():
    picky = FieldFacts(
        name="LeadSource",
        label="Lead Source",
        type="picklist",
        allowed=frozenset({"Web"}),
        required=True,
    )
    plan = plan_make(job_change(), settings(fields=fields(Lead={"LeadSource": picky})), matches())
    assert "Lead field Lead Source is required" in plan.held_reason


def test_a_required_field_of_the_customers_own_is_foretold():
    own = FieldFacts(name="Region__c", label="Region", required=True)
    plan = plan_make(job_change(), settings(fields=fields(Lead={"Region__c": own})), matches())
    assert not plan.is_held
    assert "Lead field Region is required in this org" in words(plan)


def test_without_a_writable_key_nothing_is_sent():
    key = FieldFacts(name=USERGEM_1.key_field, createable=False)
    shape = fields(**{USERGEM_1.object_name: {USERGEM_1.key_field: key}})
    plan = plan_make(job_change(), settings(fields=shape), matches())
    assert "delivery key cannot be written" in plan.held_reason


def test_a_key_longer_than_its_field_holds_the_job_change_and_is_never_cut():
    plan = plan_make(job_change(key="k" * 300), settings(), matches())
    assert plan.is_held
    assert plan.held_code == "key"


def test_an_object_hidden_from_the_user_holds_the_job_change():
    shape = fields()
    del shape["Lead"]
    plan = plan_make(job_change(), settings(fields=shape), matches())
    assert "may not see Lead" in plan.held_reason


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "=HYPERLINK(1)", "{{ 7*7 }}", "Robert'); DROP--", "山田"],
)
def test_markup_and_formulas_are_just_data(name):
    plan = plan_make(job_change(last_name=name), settings(), matches())
    assert sent(plan, "person")["LastName"] == name


def test_what_looks_like_a_reference_cannot_point_at_another_node():
    plan = plan_make(job_change(new_title="@{account.id}"), settings(), matches())
    assert sent(plan, "person")["Title"] == "@ {account.id}"
    assert "taken out" in words(plan)


# --- every plan ----------------------------------------------------------------------------------


def test_every_node_turns_assignment_rules_off_and_respects_duplicate_rules():
    plan = plan_make(
        job_change(), settings(record_mode="always_contact"), matches(past=past_contact())
    )
    for write in plan.writes:
        assert write.headers == {
            "Sforce-Auto-Assign": "FALSE",
            "Sforce-Duplicate-Rule-Header": "allowSave=false",
        }


def test_a_plan_survives_storage_and_keeps_its_hash():
    plan = plan_make(
        job_change(), settings(record_mode="always_contact"), matches(past=past_contact())
    )
    stored = plan_to_json(plan)
    assert stored["writes"][1]["fields"]["AccountId"] == {"ref": "account"}
    assert plan_from_json(stored) == plan
    assert plan_hash(plan_from_json(stored)) == plan_hash(plan)


def test_another_value_is_another_hash_and_another_explanation_is_not():
    plan = plan_make(job_change(), settings(), matches())
    other = plan_make(job_change(new_title="Director"), settings(), matches())
    assert plan_hash(plan) != plan_hash(other)
    assert plan_hash(plan) == plan_hash(replace(plan, explanations=("said otherwise",)))


def test_the_attempt_number_is_written():
    plan = plan_make(job_change(), settings(), matches(), attempt_number=3)
    assert sent(plan, "package")[f"{P}DeliveryAttempt__c"] == 3


def test_branches_tell_a_missing_email_and_another_script():
    plan = plan_make(job_change(new_email="", last_name="高橋"), settings(), matches())
    assert {"no_email", "long_or_non_latin", "new_lead"} <= set(plan.branches)
