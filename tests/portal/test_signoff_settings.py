"""What both sides sign of the settings: each choice in words, replaced fields one by one."""

import io
import json

import pytest
from pypdf import PdfReader

from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.models.output import SHARED_CHOICES
from jobchanges.settings_fields import FieldChoice
from portal.models import Summary
from portal.signoff.content import content_of, facts_of, shown_of
from portal.signoff.differences import difference_sentence, differences_of
from portal.signoff.record import summary_json, summary_pdf
from portal.signoff.sections import sections_of
from portal.signoff.services import summary_check
from tests.factories import OrgOfferFactory, SummaryFactory
from tests.portal.signing import PRODUCTION, production_done, signed

pytestmark = pytest.mark.django_db
OLGA, BEN = "005000000000002AAA", "005000000000003AAA"


def row(target="past_contact", field="Contact_Status__c", source="", text="", replace=False):
    return {"target": target, "field": field, "source": source, "text": text, "replace": replace}


STATUS = row(text="Former customer", replace=True)
GRADE = row("new_lead", "Rating", text="Hot")
NOTE = row("past_contact", "Note__c", source="new_company_name")


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


def choose(customer, **values):
    OutputSettings.objects.filter(customer=customer).update(**values)


def taken(customer):
    facts = facts_of(customer)
    return content_of(customer, facts), shown_of(customer, facts)


def summary_of(customer) -> Summary:
    content, shown = taken(customer)
    return Summary(customer=customer, content=content, shown=shown)


def lines(summary, key="settings"):
    section = next(one for one in sections_of(summary) if one.key == key)
    return {one.label: one.value for one in section.rows}


def changed(customer, **values):
    before, before_shown = taken(customer)
    choose(customer, **values)
    after, after_shown = taken(customer)
    found = differences_of(before, after, before_shown=before_shown, after_shown=after_shown)
    return [difference_sentence(one) for one in found]


def test_choices_that_nobody_made_leave_the_hash_as_it_was(northwind):
    assert set(taken(northwind)[0]["settings"]) == {
        "record_mode",
        "lead_source",
        "contact_owner_rule",
        "default_owner_id",
        "campaign_id",
        "campaign_status",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("record_mode", "always_lead"),
        ("lead_source", "Web"),
        ("contact_owner_rule", "default_owner"),
        ("run_assignment_rules", True),
        ("save_past_alerts", True),
        ("lead_owner_rule", "round_robin"),
        ("contact_owner_field", "SDR_Owner__c"),
        ("lead_account_field", "Matched__c"),
        ("update_past_record", False),
        ("field_mapping", [NOTE]),
    ],
)
def test_rule_1_each_choice_is_part_of_what_is_signed(northwind, name, value):
    before = taken(northwind)[0]["settings"]
    choose(northwind, **{name: value})
    after = taken(northwind)[0]["settings"]
    assert before.get(name) != value
    assert after[name] == value


def test_rule_1_no_choice_was_forgotten_in_what_is_signed():
    apart = {"id", "customer", "updated_at", "updated_by"}
    shared = {one.name for one in OutputSettings._meta.concrete_fields}
    assert shared - apart == set(SHARED_CHOICES)


def test_people_in_another_order_are_another_choice(northwind):
    choose(northwind, lead_owner_rule="round_robin")
    people = [{"id": OLGA, "name": "Olga Owner"}, {"id": BEN, "name": "Ben Ode"}]
    here = EnvironmentSettings.objects.filter(customer=northwind)
    here.update(round_robin=people)
    first = taken(northwind)[0]
    here.update(round_robin=people[::-1])
    assert taken(northwind)[0] != first


def test_each_choice_is_read_in_words(northwind):
    choose(
        northwind,
        contact_owner_rule="account_lookup",
        contact_owner_field="SDR_Owner__c",
        lead_account_field="Matched__c",
        update_past_record=False,
    )
    said = lines(summary_of(northwind))
    assert said["Owner of a created contact"] == "Another user named on the account (SDR_Owner__c)"
    assert said["Owner of a created lead"] == "Always the default owner"
    assert said["Account on the lead, in your field"] == "Matched__c"
    assert said["Record at the past company"] == "linked only, nothing is written on it"
    assert "People in turn" not in said


def test_people_in_turn_are_named_in_their_order(northwind):
    choose(northwind, lead_owner_rule="round_robin")
    people = [{"id": BEN, "name": "Ben Ode"}, {"id": OLGA, "name": "Olga Owner"}]
    EnvironmentSettings.objects.filter(customer=northwind).update(round_robin=people)
    summary = summary_of(northwind)
    assert summary.content["settings"]["round_robin"] == [BEN, OLGA]
    assert lines(summary)["People in turn"] == f"Ben Ode ({BEN}), Olga Owner ({OLGA})"


def test_people_in_turn_of_whom_no_rule_speaks_are_not_signed(northwind):
    people = [{"id": BEN, "name": "Ben Ode"}]
    EnvironmentSettings.objects.filter(customer=northwind).update(round_robin=people)
    assert "round_robin" not in taken(northwind)[0]["settings"]


def test_with_the_flow_template_it_says_what_is_not_used(northwind):
    choose(northwind, record_mode="flow_template")
    said = lines(summary_of(northwind))
    for label in (
        *("Owner of a created contact", "Default owner", "Lead source", "Campaign"),
        *("Account on the lead, in your field", "Lead assignment rules"),
    ):
        assert said[label] == "not used: your flow decides"


def test_with_the_flow_template_nobody_is_said_to_receive_nothing(northwind):
    choose(northwind, record_mode="flow_template")
    said = lines(SummaryFactory(customer=northwind), "alerts")
    assert said["Owners who receive records"] == "your own flow decides"


def test_without_mapped_fields_nothing_is_said_of_them(northwind):
    assert [one.key for one in sections_of(summary_of(northwind))].count("fields") == 0


def test_each_replaced_field_has_a_line_with_what_it_does(northwind):
    choose(northwind, field_mapping=[GRADE, NOTE, STATUS])
    summary = summary_of(northwind)
    assert list(lines(summary, "fields").items()) == [
        ("Past contact: Note__c", "filled with New company where it is empty"),
        (
            "Past contact: Contact_Status__c",
            "filled with “Former customer”, also where something stands there",
        ),
        ("New lead: Rating", "filled with “Hot”"),
    ]
    section = next(one for one in sections_of(summary) if one.key == "fields")
    assert [one.kind for one in section.rows] == ["", "warn", ""]
    assert "UserGems overwrites what your people wrote in that field" in section.notice
    settings = next(one for one in sections_of(summary) if one.key == "settings")
    assert "but for one field that you let us replace" in settings.sentence


def test_a_field_is_called_what_production_calls_it(northwind):
    epoch = facts_of(northwind).epoch(PRODUCTION)
    called = FieldChoice("Contact_Status__c", "Contact Status", "picklist")
    OrgOfferFactory(epoch=epoch, org_fields=(("Contact", (called,)),))
    choose(northwind, field_mapping=[STATUS])
    assert list(lines(summary_of(northwind), "fields")) == [
        "Past contact: Contact Status (Contact_Status__c)"
    ]


def test_a_field_that_is_never_written_says_so(northwind):
    choose(northwind, field_mapping=[STATUS], update_past_record=False)
    summary = summary_of(northwind)
    section = next(one for one in sections_of(summary) if one.key == "fields")
    assert "Not written with the other choices" in section.rows[0].note
    settings = next(one for one in sections_of(summary) if one.key == "settings")
    assert "only empty fields are filled" in settings.sentence


def test_the_record_and_the_pdf_hold_each_replaced_field(northwind, admin_person):
    choose(northwind, field_mapping=[STATUS])
    summary = signed(northwind, admin_person)
    record = json.loads(summary_json(summary))
    assert record["signed"]["content"]["settings"]["field_mapping"] == [STATUS]
    pages = PdfReader(io.BytesIO(summary_pdf(summary))).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    assert "Past contact: Contact_Status__c" in text
    assert "filled with “Former customer”, also where something stands there" in text


def test_letting_a_field_be_replaced_voids_and_says_which(northwind, admin_person):
    choose(northwind, field_mapping=[{**STATUS, "replace": False}])
    signed(northwind, admin_person)
    choose(northwind, field_mapping=[STATUS])
    assert summary_check(northwind) is None


def test_differences_name_each_field(northwind):
    choose(northwind, field_mapping=[{**STATUS, "replace": False}])
    assert changed(northwind, field_mapping=[STATUS, GRADE]) == [
        "Past contact: Contact_Status__c: before “filled with “Former customer” where it is "
        "empty”, now “filled with “Former customer”, also where something stands there”.",
        "New lead: Rating: before “not filled”, now “filled with “Hot””.",
    ]


def test_differences_name_the_field_of_the_owner(northwind):
    choose(northwind, contact_owner_rule="account_lookup", contact_owner_field="SDR__c")
    assert changed(northwind, contact_owner_field="CSM__c") == [
        "Owner of a created contact: before “Another user named on the account (SDR__c)”, now "
        "“Another user named on the account (CSM__c)”."
    ]
