"""Which account and which person, and how the answer is put in words."""

from dataclasses import replace

import pytest

from jobchanges.planning.account_match import Accounts, account_match
from jobchanges.planning.names import company_key, company_similar, domain_of, email_domain
from jobchanges.planning.person_match import People, past_match, person_match
from tests.jobchanges.planning_world import account, job_change, left, past_contact, person


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://dow.example", "dow.example"),
        ("www.saint-gobain.example", "saint-gobain.example"),
        ("HTTP://WWW.Dow.Example/de/home?x=1", "dow.example"),
        ("jobs.acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("gmail.com", ""),
        ("https://www.linkedin.com/company/dow", ""),
        ("localhost", ""),
        ("http://192.168.0.1/", ""),
        ("no website", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_of_what_people_write(address, domain):
    assert domain_of(address) == domain


def test_free_mail_says_nothing_about_the_company():
    assert email_domain("dana@gmail.com") == ""
    assert email_domain("dana@mail.dow.example") == "dow.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lowe's", "Lowe’s Inc."),
        ("The Hertz Corporation", "HERTZ"),
        ("Nestlé S.A.", "Nestle"),
        ("Deere & Company", "Deere"),
        ("ＡＣＭＥ", "Acme, Inc."),
        ("株式会社トヨタ", "株式会社トヨタ"),
    ],
)
def test_spellings_of_one_company(one, other):
    assert company_key(one) == company_key(other)


def test_a_similar_name_needs_enough_letters():
    assert company_similar("Fresenius Medical Care", "Fresenius Medicall Care")
    assert not company_similar("Aon", "Acon")
    assert not company_similar("Bo Li", "Li Bo")
    change = job_change(new_company_name="Bo Li", new_company_domain="", new_company_website="")
    change = replace(change, new_email="")
    assert find(change, account(name="Li Bo", website=""))[0] is None


def find(change=None, *accounts):
    return account_match(change or job_change(), Accounts(accounts))


def test_the_domain_decides_before_the_name():
    by_name = account(id="0017z00000000G1AAI", name="Swedbank", website="https://other.example")
    by_domain = account(id="0017z00000000G2AAI", name="Savings Bank")
    found, why = find(None, by_name, by_domain)
    assert found == by_domain
    assert why == "Account matched by its website’s domain swedbank.example."


def test_without_a_domain_of_the_company_that_of_the_new_email_counts():
    change = job_change(new_company_domain="", new_company_website="")
    there = account(name="Savings Bank")
    assert find(change, there)[0] == there


def test_an_account_without_a_website_is_found_by_name():
    found, why = find(None, account(website=""))
    assert found
    assert why == "Account matched by its name."


def test_the_same_name_on_another_domain_is_taken_and_said_so():
    _found, why = find(None, account(website="https://sb.example"))
    assert "its website is on sb.example, not on swedbank.example" in why


def test_a_similar_name_on_another_domain_is_another_company():
    change = job_change(new_company_name="Swedbank Hypotek")
    near = account(name="Swedbank Hypotekk", website="https://sb.example")
    assert find(change, near)[0] is None
    found, why = find(change, replace(near, website=""))
    assert found
    assert "similar name" in why


def test_of_several_the_closest_name_then_the_oldest_is_taken():
    older = account(id="0017z00000000G1AAI", name="Swedbank")
    newer = account(id="0017z00000000G2AAI", name="Swedbank")
    other = account(id="0017z00000000G0AAI", name="Swedbank Pension")
    found, why = find(None, newer, other, older)
    assert found == older
    assert "3 accounts fit" in why


def test_a_free_mail_domain_matches_no_account():
    change = job_change(
        new_company_domain="gmail.com", new_company_website="", new_email="cathy@gmail.com"
    )
    stranger = account(name="Somebody", website="https://gmail.com")
    assert find(change, stranger) == (None, "No account of this org fits the new company.")


def person_of(change, *people, at=None):
    return person_match(change, People(people), at)


def test_a_person_is_found_by_the_new_email_whatever_its_case():
    there = person(email="CMANNING@SWEDBANK.EXAMPLE", last_name="Other")
    found, why = person_of(job_change(), there)
    assert found == there
    assert why == "Person found by the new e-mail address."


def test_a_person_is_found_by_name_on_the_new_domain():
    there = person(first_name="CATHY", email="c@mail.swedbank.example")
    assert person_of(job_change(), there)[1] == (
        "Person found by name and the new company’s e-mail domain."
    )


@pytest.mark.parametrize(
    "where",
    [
        {"account_id": account().id},
        {"company": "Swedbank"},
        {"account_website": "swedbank.example"},
    ],
)
def test_a_person_is_found_by_name_at_the_new_company(where):
    found, why = person_of(job_change(), person(**where), at=account())
    assert found
    assert why == "Person found by name and the new company."


def test_leads_are_looked_through_too_and_contacts_come_first():
    lead = person("Lead", email="cmanning@swedbank.example")
    contact = person(email="cmanning@swedbank.example")
    assert person_of(job_change(), lead)[0] == lead
    found, why = person_of(job_change(), lead, contact)
    assert found == contact
    assert "2 records fit" in why


def test_of_two_contacts_the_one_on_the_matched_account_is_taken_though_the_other_is_older():
    older = person(id="0037z00000000A1AAI", email="cmanning@swedbank.example")
    there = replace(older, id="0037z00000000A2AAI", account_id=account().id)
    assert person_of(job_change(), older, there, at=account())[0] == there
    assert person_of(job_change(), older, there)[0] == older


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"company": "Acme", "email": "c@acme.example"},
        {"company": "Swedbank Pension Fund Holding", "email": ""},
    ],
)
def test_a_namesake_elsewhere_is_not_the_person(elsewhere):
    assert person_of(job_change(), person(**elsewhere))[0] is None


def test_free_mail_makes_nobody_of_two_namesakes_one_person():
    nowhere = job_change(
        new_company_domain="", new_company_website="", new_email="cathy.manning@gmail.com"
    )
    namesake = person(company="Acme", email="cm1971@gmail.com")
    assert person_of(nowhere, namesake)[0] is None


def test_a_converted_lead_leads_to_its_contact():
    contact = person(email="someone@else.example", company="Acme")
    lead = replace(
        person("Lead", email="cmanning@swedbank.example"),
        converted=True,
        converted_contact_id=contact.id,
    )
    found, why = person_of(job_change(), lead, contact)
    assert found == contact
    assert "converted to this contact" in why
    assert person_of(job_change(), lead)[0] is None


def past_of(change, *people):
    return past_match(change, People(people))


def test_the_past_id_is_used_when_the_name_or_email_fits():
    assert past_of(job_change(), past_contact())[0] == past_contact()
    masked = past_contact(email="x@masked.invalid", first_name="Cath")
    assert past_of(job_change(), masked)[0] == masked
    married = past_contact(last_name="Jones")
    assert past_of(job_change(), married)[0] == married


def test_the_past_id_is_used_for_who_has_the_new_email_already_or_a_slip_in_the_name():
    moved = past_contact(first_name="Ole", last_name="Berg", email="cmanning@swedbank.example")
    assert past_of(job_change(), moved)[0] == moved
    slip = past_contact(first_name="Cathy", last_name="Maning", email="")
    assert past_of(job_change(), slip)[0] == slip


def test_the_past_id_of_somebody_with_a_name_of_the_same_sound_is_not_used():
    other = past_contact(first_name="Carl", last_name="Mannering", email="")
    assert past_of(job_change(past_email=""), other)[0] is None


def test_the_past_id_of_a_stranger_is_not_used():
    stranger = past_contact(first_name="Ole", last_name="Berg", email="ole@acme.example")
    found, why = past_of(job_change(), stranger)
    assert found is None
    assert "somebody else in this org" in why
    other = person(email="cmanning@lowes.example")
    found, why = past_of(job_change(), stranger, other)
    assert found == other
    assert "somebody else" in why
    assert "found by the past e-mail address" in why


def test_a_converted_past_lead_gives_its_contact():
    contact = person()
    lead = replace(person("Lead"), converted=True, converted_contact_id=contact.id)
    change = left(past_contact_id="", past_lead_id=lead.id)
    assert past_of(change, lead, contact)[0] == contact
    assert past_of(change, lead)[0] == lead


def test_a_promotion_finds_the_past_record_first():
    change = job_change(kind="promotion")
    newer = person(email="cmanning@swedbank.example")
    assert person_of(change, newer, past_contact())[0] == past_contact()
    assert person_of(change, newer)[0] == newer


def test_a_promotion_is_not_written_to_a_lead_that_nobody_can_change_any_more():
    gone = replace(person("Lead"), converted=True, converted_contact_id="0037z00000000ZZAAI")
    change = job_change(kind="promotion", past_contact_id="", past_lead_id=gone.id)
    newer = person(email="cmanning@swedbank.example")
    assert person_of(change, gone, newer)[0] == newer
    assert person_of(change, gone)[0] is None
