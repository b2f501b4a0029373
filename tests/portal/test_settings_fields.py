"""Owners, lookups and fields of the org on the page of the settings, without any script."""

import datetime

import pytest
from django.utils import timezone

from jobchanges.models import EnvironmentSettings, OrgOffer, OutputSettings
from jobchanges.settings_fields import FieldChoice
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OrgOfferFactory,
    OutputSettingsFactory,
)
from tests.portal.situations import production_connect, sandbox_approved, settings_chosen

pytestmark = pytest.mark.django_db

OLGA, BEN, ADA = "005000000000002AAA", "005000000000003AAA", "005000000000004AAA"
ADDRESS = "/settings/?environment=sandbox"
STATUS = FieldChoice(
    "Contact_Status__c",
    "Contact Status",
    "picklist",
    length=40,
    restricted=True,
    values=("Active", "Former customer"),
)
FIELDS = (
    ("Contact", (STATUS, FieldChoice("Note__c", "Note", "string", length=80))),
    (
        "Lead",
        (
            FieldChoice("Matched__c", "Matched Account", "reference", reference_to=("Account",)),
            FieldChoice("Rating", "Rating", "picklist", values=("Hot", "Cold")),
        ),
    ),
    (
        "Account",
        (FieldChoice("SDR__c", "SDR Owner", "reference", reference_to=("User",)),),
    ),
)
CHOSEN = {
    "record_mode": "contact_if_account",
    "contact_owner_rule": "account_owner",
    "lead_owner_rule": "default_owner",
    "default_owner_id": OLGA,
    "lead_source": "UserGems",
    "update_past_record": "on",
}


@pytest.fixture
def connected(customer, admin_person):
    connection = ConnectionFactory(customer=customer)
    OrgOfferFactory(
        epoch=connection.epoch,
        users=((OLGA, "Olga Owner"), (BEN, "Ben Ode"), (ADA, "Ada Long")),
        org_fields=FIELDS,
    )
    return connection


@pytest.fixture
def admin_browser(client, admin_person, connected):
    client.force_login(admin_person)
    return client


@pytest.fixture
def save(admin_browser):
    def post(**values):
        return admin_browser.post(ADDRESS, CHOSEN | values)

    return post


def row(name, **values):
    return {f"map_{name}_{key}": value for key, value in values.items()}


def errors(response):
    assert response.status_code == 422
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_all_four_modes_and_owner_rules_are_offered_with_what_follows(admin_browser):
    text = admin_browser.get(ADDRESS).content.decode()
    assert "The UserGem record only: our own flow does the rest" in text
    assert "A flow of yours makes them from it" in text
    assert "Another user named on the account" in text
    assert "Each new contact goes to one person of the list below, in turn." in text


def test_the_lookups_of_this_org_are_offered_by_label_and_api_name(admin_browser):
    text = admin_browser.get(ADDRESS).content.decode()
    assert "SDR Owner (SDR__c), Lookup" in text
    assert "Matched Account (Matched__c), Lookup" in text


def test_the_owner_by_a_field_of_the_account_is_saved(save):
    assert (
        save(contact_owner_rule="account_lookup", contact_owner_field="SDR__c").status_code == 302
    )
    output = OutputSettings.objects.get()
    assert (output.contact_owner_rule, output.contact_owner_field) == ("account_lookup", "SDR__c")


def test_the_owner_by_a_field_takes_a_field(save):
    found = errors(save(contact_owner_rule="account_lookup"))
    assert found == {
        "contact_owner_field": ["Choose the field of the account that names the owner."]
    }


def test_a_field_that_no_rule_looks_at_is_not_kept(save):
    save(contact_owner_field="SDR__c")
    assert OutputSettings.objects.get().contact_owner_field == ""


def test_people_in_turn_keep_their_order(save, admin_browser):
    save(lead_owner_rule="round_robin", turn_0=BEN, turn_1="", turn_2=OLGA)
    own = EnvironmentSettings.objects.get()
    assert own.round_robin == [
        {"id": BEN, "name": "Ben Ode"},
        {"id": OLGA, "name": "Olga Owner"},
    ]
    form = admin_browser.get(ADDRESS).context["form"]
    assert [one.value() for one in form.people] == [BEN, OLGA, "", "", ""]


def test_nobody_takes_turns_twice(save):
    found = errors(save(lead_owner_rule="round_robin", turn_0=BEN, turn_1=BEN))
    assert found == {"turn_1": ["This person is in the list already."]}


def test_a_rule_of_turns_takes_people(save):
    found = errors(save(contact_owner_rule="round_robin"))
    assert found == {"turn_0": ["Choose who takes turns: an owner rule above says so."]}


def test_everything_that_is_wrong_is_said_at_once(save):
    found = errors(save(default_owner_id="", lead_owner_rule="round_robin"))
    assert set(found) == {"default_owner_id", "turn_0"}


def test_a_text_without_a_field_is_not_lost_in_silence(save):
    found = errors(save(map_new_lead_0_field="", map_new_lead_0_source="", map_new_lead_0_text="x"))
    assert found == {"map_new_lead_0_field": ["Choose the field that is filled."]}


def test_a_rule_for_records_that_are_not_made_asks_for_nobody(save):
    assert save(record_mode="always_lead", contact_owner_rule="round_robin").status_code == 302


def test_somebody_who_left_the_org_is_said_at_their_place(save, customer):
    gone = "005000000000009AAA"
    OutputSettingsFactory(customer=customer, lead_owner_rule="round_robin")
    EnvironmentSettingsFactory(customer=customer, round_robin=[{"id": gone, "name": "Gone"}])
    found = errors(save(lead_owner_rule="round_robin", turn_0=gone))
    assert found == {"turn_0": ["This is not an active user of this org."]}


def test_with_the_flow_template_no_owner_is_needed(save):
    assert save(record_mode="flow_template", default_owner_id="").status_code == 302


def test_the_lookup_on_the_lead_and_the_past_record_are_saved(save):
    save(record_mode="always_lead", lead_account_field="Matched__c", update_past_record="")
    output = OutputSettings.objects.get()
    assert (output.lead_account_field, output.update_past_record) == ("Matched__c", False)


def test_a_field_of_a_past_record_is_filled_and_replaced_by_choice(save, admin_browser):
    save(
        **row("past_contact_0", field="Contact_Status__c", text="Former customer", replace="on"),
        **row("past_contact_1", field="Note__c", source="new_company_name", text=""),
    )
    assert OutputSettings.objects.get().field_mapping == [
        {
            "target": "past_contact",
            "field": "Contact_Status__c",
            "source": "",
            "text": "Former customer",
            "replace": True,
        },
        {
            "target": "past_contact",
            "field": "Note__c",
            "source": "new_company_name",
            "text": "",
            "replace": False,
        },
    ]
    text = admin_browser.get(ADDRESS).content.decode()
    assert "Contact Status" in text
    assert '<option value="Former customer"></option>' in text
    assert 'name="map_past_contact_2_field"' in text


def test_replacing_is_warned_of_in_plain_words(admin_browser):
    text = admin_browser.get(ADDRESS).content.decode()
    assert "Replacing overwrites what your people wrote on that record" in text
    assert 'name="map_new_lead_0_replace"' not in text


def test_a_row_without_its_field_is_removed(save, customer):
    OutputSettingsFactory(
        customer=customer,
        field_mapping=[
            {"target": "new_lead", "field": "Rating", "source": "", "text": "Hot", "replace": False}
        ],
    )
    save(**row("new_lead_0", field="", source="", text="Hot"))
    assert OutputSettings.objects.get().field_mapping == []


@pytest.mark.parametrize(
    ("rows", "place", "words"),
    [
        (
            row("past_contact_0", field="Contact_Status__c", text="Former"),
            "map_past_contact_0_field",
            "“Former” is not among the values of this field. It takes: Active, Former customer.",
        ),
        (
            row("past_contact_0", field="Note__c"),
            "map_past_contact_0_field",
            "Choose what goes in, or give a text.",
        ),
        (
            row("past_contact_0", field="Note__c", source="new_title", text="New"),
            "map_past_contact_0_field",
            "Choose what goes in, or give a text: not both.",
        ),
        (
            row("past_contact_0", field="Note__c", text="x" * 81),
            "map_past_contact_0_field",
            "longer than the 80 characters",
        ),
        (
            row("past_contact_0", field="Note__c", text="a")
            | row("past_contact_1", field="Note__c", text="b"),
            "map_past_contact_1_field",
            "This field is in the list already.",
        ),
    ],
    ids=["no such value", "nothing goes in", "two things go in", "too long", "twice"],
)
def test_what_a_field_cannot_take_is_said_at_its_row(save, rows, place, words):
    response = save(**rows)
    found = errors(response)
    assert words in " ".join(found[place])
    assert "On the contact at the past company" in response.content.decode()
    assert not OutputSettings.objects.exists()


def test_every_mistake_is_said_at_once(save):
    found = errors(
        save(
            lead_owner_rule="round_robin",
            **row("past_contact_0", field="Contact_Status__c", text="Former"),
        )
    )
    assert set(found) == {"turn_0", "map_past_contact_0_field"}


def test_a_field_the_org_has_no_more_stays_visible_and_is_refused(save, admin_browser, customer):
    gone = {"target": "new_lead", "field": "Old__c", "source": "", "text": "x", "replace": False}
    OutputSettingsFactory(customer=customer, field_mapping=[gone])
    assert "Old__c, not in this org" in admin_browser.get(ADDRESS).content.decode()
    found = errors(save(**row("new_lead_0", field="Old__c", text="x")))
    assert "does not see this field in this org" in found["map_new_lead_0_field"][0]


def test_fields_of_ours_are_not_offered(admin_browser, connected):
    fields = (("Contact", (FieldChoice("LastName", "Last Name", "string"), STATUS)),)
    offer = OrgOfferFactory.build(org_fields=fields)
    OrgOffer.objects.update(options=offer.options)
    text = admin_browser.get(ADDRESS).content.decode()
    assert "Contact Status (Contact_Status__c), Picklist" in text
    assert "Last Name" not in text


def test_an_offer_of_before_is_asked_for_anew_and_breaks_no_page(admin_browser, connected):
    stored = OrgOffer.objects.get()
    old = {name: value for name, value in stored.options.items() if name != "fields"}
    long_ago = timezone.now() - datetime.timedelta(minutes=1)
    OrgOffer.objects.update(options=old, asked_at=long_ago, answered_at=long_ago)
    text = admin_browser.get(ADDRESS).content.decode()
    assert "Your org is being asked which users and campaigns there are" in text
    assert OrgOffer.objects.get().asking


def test_production_gets_the_people_of_the_same_name(client, customer, admin_person):
    sandbox = sandbox_approved(customer)
    settings_chosen(customer, sandbox.epoch)
    OutputSettings.objects.update(lead_owner_rule="round_robin")
    people = [{"id": BEN, "name": "Ben Ode"}, {"id": OLGA, "name": "Olga Owner"}]
    people.append({"id": ADA, "name": "Ada Long"})
    EnvironmentSettings.objects.update(round_robin=people)
    production = production_connect(customer)
    OrgOffer.objects.filter(epoch=production.epoch).delete()
    here = (("005000000000031AAA", "Olga Owner"), ("005000000000032AAA", "Ben Ode"))
    OrgOfferFactory(epoch=production.epoch, users=here)
    client.force_login(admin_person)
    page = client.get("/settings/?environment=production")
    chosen = [one.value() for one in page.context["form"].people]
    assert chosen[:3] == ["005000000000032AAA", "005000000000031AAA", ""]
    assert "In turn in the sandbox, and not found here by name: Ada Long." in page.content.decode()


def test_changing_a_mapped_field_says_that_it_was_tested_otherwise(client, customer, admin_person):
    sandbox = sandbox_approved(customer)
    settings_chosen(customer, sandbox.epoch)
    production = production_connect(customer)
    OrgOffer.objects.filter(epoch=production.epoch).delete()
    OrgOfferFactory(epoch=production.epoch, org_fields=FIELDS)
    client.force_login(admin_person)
    values = CHOSEN | row("new_lead_0", field="Rating", text="Hot")
    page = client.post("/settings/?environment=production", values, follow=True)
    assert "You changed what was tested in the sandbox" in page.content.decode()
