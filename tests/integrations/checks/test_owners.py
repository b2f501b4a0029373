"""Default owner of the settings."""

from dataclasses import replace

from integrations.checks.owners import Owners
from tests.integrations.checks.surveys import DESCRIBED, OWNER, a_context, healthy, with_field

ADA, BEN = "005000000000021AAA", "005000000000022AAA"
TURNS = [(ADA, "Ada Long"), (BEN, "Ben Ode")]
IN_ORG = {ADA: replace(OWNER, user_id=ADA, name="Ada Long")}


def found_in(**answers):
    return Owners().run(healthy(**answers), a_context())


def test_an_active_owner_is_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert finding.found == "Dana Whitfield (dana.whitfield@northwind.example) is active."


def test_an_inactive_owner_fails_by_name():
    finding = found_in(owner=replace(OWNER, active=False))
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "Dana Whitfield is inactive in this org."
    assert "tick Active" in finding.items[0].fix


def test_an_owner_of_another_org_fails():
    finding = found_in(owner=None)
    assert finding.outcome == "fail"
    assert finding.items[0].sentence == "Dana Whitfield is not a user of this org."


def found_with(context, **answers):
    return Owners().run(healthy(**answers), a_context(**context))


def test_people_in_turn_who_are_active_are_right():
    people = IN_ORG | {BEN: replace(OWNER, user_id=BEN, name="Ben Ode")}
    finding = found_with({"turns": TURNS}, turn_owners=people)
    assert finding.outcome == "pass"
    assert "2 of 2 people in turn are active." in finding.found


def test_a_person_in_turn_of_another_org_fails_by_name():
    finding = found_with({"turns": TURNS}, turn_owners=IN_ORG)
    assert finding.outcome == "fail"
    assert [one.sentence for one in finding.items] == [
        "Ben Ode, one of the people in turn, is not in this org."
    ]


def test_an_inactive_person_in_turn_fails_by_name():
    people = IN_ORG | {BEN: replace(OWNER, user_id=BEN, name="Ben Ode", active=False)}
    finding = found_with({"turns": TURNS}, turn_owners=people)
    assert finding.items[0].sentence == (
        "Ben Ode, one of the people in turn, is inactive in this org."
    )
    assert "Take Ben Ode out of the people in turn" in finding.items[0].fix


def test_the_field_that_names_the_owner_has_to_be_seen():
    finding = found_with({"contact_owner_field": "SDR_Owner__c"})
    assert finding.outcome == "fail"
    assert "not in this org or hidden from the integration user" in finding.items[0].sentence
    assert "tick Read Access on SDR_Owner__c" in finding.items[0].fix


def test_the_field_that_names_the_owner_has_to_be_a_lookup_to_a_user():
    seen = with_field(DESCRIBED, "Account", "SDR_Owner__c", type="reference", custom=True)
    wrong = found_with({"contact_owner_field": "SDR_Owner__c"}, described=seen)
    assert "is no lookup to a user" in wrong.items[0].sentence
    right = with_field(seen, "Account", "SDR_Owner__c", reference_to=("User",))
    found = found_with({"contact_owner_field": "SDR_Owner__c"}, described=right)
    assert found.outcome == "pass"


def test_without_an_owner_of_the_flow_template_nothing_is_asked():
    context = a_context(default_owner_id="", record_mode="flow_template")
    assert not Owners().applies(context)
    assert "your own flow decides" in Owners().not_needed(context)


def test_before_an_owner_is_chosen_there_is_nothing_to_ask():
    assert not Owners().applies(a_context(default_owner_id=""))
