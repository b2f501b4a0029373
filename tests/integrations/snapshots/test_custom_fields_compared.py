"""Custom fields of two orgs: existence, shape, what is required, the lead source."""

from dataclasses import replace

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.snapshots.comparison import Change, Grade, compare
from tests.integrations.checks.surveys import (
    DESCRIBED,
    GEM,
    a_context,
    a_field,
    with_field,
    with_object,
    without_field,
    without_object,
)
from tests.integrations.snapshots.looking import in_production, in_sandbox, production, sandbox

NPS = "NPS_Score__c"
WITH_NPS = with_field(DESCRIBED, GEM, NPS, type="double", precision=3, scale=0, label="NPS Score")


def all_of(described):
    """What FieldDefinition tells of it."""
    return {name: frozenset(found.fields) for name, found in described.items()}


def test_a_healthy_pair_has_no_difference():
    assert compare(sandbox(), production()) == []


def test_a_field_required_in_production_only_blocks():
    found = in_production(
        described=with_field(DESCRIBED, "Lead", "Industry", nillable=False),
        defined_fields=all_of(with_field(DESCRIBED, "Lead", "Industry")),
    )
    assert (found.grade, found.kind) == (Grade.BLOCKS, "custom_fields")
    assert found.sentence == "Industry is required on Lead in production, not in the sandbox."
    assert "untick “Always require a value in this field" in found.fix
    assert found.setup_path == "/lightning/setup/ObjectManager/Lead/FieldsAndRelationships/view"


def test_a_field_required_in_the_sandbox_only_does_no_harm():
    found = in_sandbox(described=with_field(DESCRIBED, "Lead", "Industry", nillable=False))
    assert found.grade == Grade.COSMETIC
    assert found.sentence == "Industry is required on Lead in the sandbox, not in production."
    assert found.fix == ""


def test_a_required_field_that_plans_sometimes_fill_blocks_and_says_so():
    found = in_production(described=with_field(DESCRIBED, "Lead", "Title", nillable=False))
    assert found.grade == Grade.BLOCKS
    assert found.sentence.endswith("UserGems fills it only where the value is known.")


def test_a_required_field_that_plans_always_fill_does_no_harm():
    always = {"Lead": frozenset({"Title"})}
    found = in_production(
        a_context("production", fields_always=always),
        described=with_field(DESCRIBED, "Lead", "Title", nillable=False),
    )
    assert found.grade == Grade.COSMETIC


def test_a_required_field_of_an_object_that_we_do_not_create_is_nobodys_concern():
    described = with_field(DESCRIBED, "Account", "Industry", nillable=False)
    assert compare(sandbox(), production(described=described)) == []


def test_the_customers_own_field_missing_in_production_goes_into_the_change_set():
    found = in_sandbox(described=WITH_NPS, defined_fields=all_of(WITH_NPS))
    assert (found.grade, found.change) == (Grade.CHANGES, Change.MISSING)
    assert found.sentence == "UserGem has NPS Score in the sandbox, not in production."
    assert found.change_set == (("CustomField", f"{GEM}.{NPS}"),)


def test_the_customers_own_field_in_production_only_does_no_harm():
    found = in_production(described=WITH_NPS, defined_fields=all_of(WITH_NPS))
    assert (found.grade, found.change) == (Grade.COSMETIC, Change.EXTRA)
    assert found.change_set == ()


def test_another_field_of_the_customers_is_nobodys_concern():
    described = with_field(DESCRIBED, "Lead", "Score__c")
    assert compare(sandbox(described=described), production()) == []


def test_without_view_setup_a_field_may_be_missing_or_hidden():
    found = in_production(
        described=without_field(DESCRIBED, "Lead", "UserGem__Persona__c"),
        defined_fields=CannotAsk(VIEW_SETUP),
    )
    assert found.sentence == (
        "Lead has UG - Persona in the sandbox; in production not, or hidden from the integration "
        "user."
    )


def test_package_fields_missing_on_an_object_are_one_difference():
    described = without_field(DESCRIBED, "Lead", "UserGem__Persona__c", "UserGem__PastTitle__c")
    found = in_production(described=described, defined_fields=all_of(described))
    assert found.grade == Grade.CHANGES
    assert found.names == ("Lead.UserGem__PastTitle__c", "Lead.UserGem__Persona__c")
    assert found.change_set == ()
    assert "same version of the UserGems package" in found.fix


def test_without_the_key_nothing_can_be_sent():
    described = without_field(DESCRIBED, GEM, "UserGem__DeliveryKey__c")
    found = in_production(described=described, defined_fields=all_of(described))
    assert found.grade == Grade.BLOCKS


def test_a_shorter_field_changes_the_result_and_a_longer_one_does_not():
    short = with_field(DESCRIBED, "Lead", "Title", length=40)
    found = in_production(described=short)
    assert found.grade == Grade.CHANGES
    assert found.sentence == "Title on Lead holds 40 characters in production, 255 in the sandbox."
    assert (found.then, found.now) == ("255", "40")
    assert in_sandbox(described=short).grade == Grade.COSMETIC


def test_a_shorter_key_blocks():
    described = with_field(DESCRIBED, GEM, "UserGem__DeliveryKey__c", length=20)
    assert in_production(described=described).grade == Grade.BLOCKS


def test_another_type_blocks_where_we_write_the_field():
    found = in_production(described=with_field(DESCRIBED, "Lead", "Title", type="double"))
    assert found.grade == Grade.BLOCKS
    assert found.sentence == "Title on Lead is Text in the sandbox, Number in production."


def test_another_type_of_a_field_we_do_not_write_changes_what_reps_see():
    other = with_field(WITH_NPS, GEM, NPS, type="string")
    differences = compare(
        sandbox(described=WITH_NPS, defined_fields=all_of(WITH_NPS)),
        production(described=other, defined_fields=all_of(other)),
    )
    assert [one.grade for one in differences] == [Grade.CHANGES]


def test_fewer_digits_change_the_result():
    other = with_field(WITH_NPS, GEM, NPS, precision=2)
    found = compare(
        sandbox(described=WITH_NPS, defined_fields=all_of(WITH_NPS)),
        production(described=other, defined_fields=all_of(other)),
    )
    assert [(one.grade, one.then, one.now) for one in found] == [(Grade.CHANGES, "3.0", "2.0")]


def picklist(*values, **more):
    """The package's object with a picklist of the customer's own."""
    return with_field(
        DESCRIBED, GEM, "Tier__c", type="picklist", length=0, picklist_values=values, **more
    )


def test_values_of_the_customers_own_picklist_are_compared():
    then, now = picklist("Gold", "Silver"), picklist("Silver", "Bronze")
    found = compare(
        sandbox(described=then, defined_fields=all_of(then)),
        production(described=now, defined_fields=all_of(now)),
    )
    assert [(one.grade, one.change) for one in found] == [
        (Grade.CHANGES, Change.MISSING),
        (Grade.COSMETIC, Change.EXTRA),
    ]
    assert "“Gold” in the sandbox, not in production" in found[0].sentence


def test_a_picklist_that_is_restricted_in_production_only():
    then, now = picklist("Gold"), picklist("Gold", restricted_picklist=True)
    found = compare(
        sandbox(described=then, defined_fields=all_of(then)),
        production(described=now, defined_fields=all_of(now)),
    )
    assert [(one.grade, one.change) for one in found] == [(Grade.COSMETIC, Change.EXTRA)]


def test_a_picklist_that_we_write_and_that_is_restricted_in_production_only():
    def org(make, restricted):
        context = a_context(make.__name__)
        created = {**context.fields_created, GEM: context.fields_created[GEM] | {"Tier__c"}}
        described = picklist("Gold", restricted_picklist=restricted)
        settings = replace(context, fields_created=created)
        return make(settings, described=described, defined_fields=all_of(described))

    found = compare(org(sandbox, restricted=False), org(production, restricted=True))
    assert [one.grade for one in found] == [Grade.CHANGES]
    assert "untick “Restrict picklist" in found[0].fix


def lead_sources(*values, restricted):
    """Leads with such a Lead Source."""
    return with_field(
        DESCRIBED, "Lead", "LeadSource", picklist_values=values, restricted_picklist=restricted
    )


def test_a_lead_source_that_production_does_not_take_changes_the_result():
    found = in_production(described=lead_sources("Web", restricted=True))
    assert found.grade == Grade.CHANGES
    assert found.sentence == (
        "Lead Source on Lead takes “UserGems” in the sandbox; in production it stays empty: a "
        "restricted picklist without that value."
    )
    assert "New, “UserGems”" in found.by_hand


def test_a_lead_source_that_only_production_takes_does_no_harm():
    found = in_sandbox(described=lead_sources("Web", restricted=True))
    assert (found.grade, found.change) == (Grade.COSMETIC, Change.EXTRA)


def test_a_lead_source_that_only_cannot_be_chosen_is_cosmetic():
    unlisted = lead_sources("Web", restricted=False)
    found = in_production(described=unlisted)
    assert (found.grade, found.change) == (Grade.COSMETIC, Change.MISSING)
    other = in_sandbox(described=unlisted)
    assert (other.grade, other.change) == (Grade.COSMETIC, Change.EXTRA)


def test_other_lead_sources_are_nobodys_concern():
    described = lead_sources("UserGems", "Seminar", "Fair", restricted=False)
    assert compare(sandbox(), production(described=described)) == []


def test_a_lead_source_chosen_since_is_not_a_difference():
    """What was asked for on one side only proves nothing."""
    since = a_context("production", lead_source="Job change")
    described = lead_sources("Job change", restricted=True)
    assert compare(sandbox(), production(since, described=described)) == []


def test_a_hidden_object_is_a_matter_of_rights_only():
    described = without_object(DESCRIBED, "Lead")
    found = in_production(described=described)
    assert found.kind == "user_permissions"


def test_a_hidden_field_is_a_matter_of_rights_only():
    described = without_field(DESCRIBED, "Lead", "UserGem__PastCompany__c")
    found = in_production(described=described)
    assert (found.kind, found.key) == ("user_permissions", "Lead:see:missing")


def test_labels_are_nobodys_concern():
    described = with_field(DESCRIBED, "Lead", "Title", label="Position")
    described = with_object(described, "Lead", label="Prospect")
    assert compare(sandbox(), production(described=described)) == []


def test_a_field_asked_for_since_is_not_a_difference():
    context = a_context("production")
    more = {**context.fields_created, "Lead": context.fields_created["Lead"] | {"Rating"}}
    since = replace(context, fields_created=more)
    described = with_field(DESCRIBED, "Lead", "Rating")
    defined = all_of(described)
    assert compare(sandbox(), production(since, described=described, defined_fields=defined)) == []


def test_a_formula_is_a_type_of_its_own():
    fields = {**DESCRIBED[GEM].fields, NPS: a_field(NPS, calculated=True, createable=False)}
    formula = with_object(DESCRIBED, GEM, fields=fields)
    plain = with_field(DESCRIBED, GEM, NPS)
    found = compare(
        sandbox(described=formula, defined_fields=all_of(formula)),
        production(described=plain, defined_fields=all_of(plain)),
    )
    assert [one.then for one in found] == ["Formula"]


def test_the_field_that_names_the_owner_has_to_be_in_both_orgs():
    lookup = {"type": "reference", "reference_to": ("User",), "custom": True}
    tested = with_field(DESCRIBED, "Account", "SDR__c", label="SDR Owner", **lookup)
    then = sandbox(
        a_context("sandbox", contact_owner_field="SDR__c"),
        described=tested,
        defined_fields=all_of(tested),
    )
    now = production(a_context("production", contact_owner_field="SDR__c"))
    (found,) = compare(then, now)
    assert found.sentence.startswith("Account has SDR Owner in the sandbox")
    assert found.change_set == (("CustomField", "Account.SDR__c"),)


def test_a_field_that_the_customer_has_filled_has_to_be_in_both_orgs():
    tested = with_field(DESCRIBED, "Contact", "Contact_Status__c", type="picklist", custom=True)
    known = a_context().fields_updated
    updated = {**known, "Contact": known["Contact"] | {"Contact_Status__c"}}
    then = sandbox(
        a_context("sandbox", fields_updated=updated),
        described=tested,
        defined_fields=all_of(tested),
    )
    found = compare(then, production(a_context("production", fields_updated=updated)))
    assert {one.kind for one in found} >= {"custom_fields"}
    assert any(one.change_set == (("CustomField", "Contact.Contact_Status__c"),) for one in found)
