"""What a careful Salesforce admin would call a duplicate, and what not."""

import pytest

from jobchanges.matching import matches_ask
from jobchanges.planning.likes import (
    company_like_anywhere,
    company_likes,
    last_name_like,
)
from jobchanges.planning.names import NameFit, person_name_compare
from tests.jobchanges.planning_world import job_change, settings
from tests.jobchanges.soql_org import SoqlOrg
from tests.jobchanges.test_matching_rounds import (
    CONTACT,
    LEAD,
    OTHER_CONTACT,
    account,
    contact,
    lead,
)

ELSEWHERE = {"past_contact_id": "", "past_email": ""}


def matched(org, **changes):
    change = job_change(**{**ELSEWHERE, **changes})
    return matches_ask(org, [change], settings())[change.key]


def person_at(first, last, email="", **changes):
    """Who is found when this contact stands at the new company."""
    there = account()
    org = SoqlOrg(
        Account=[there],
        Contact=[contact(at=there, FirstName=first, LastName=last, Email=email)],
    )
    return matched(org, new_email="", **changes)


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        ("Cathy Manning", "CATHY MANNING", NameFit.SAME),
        ("Zoë Núñez", "Zoe Nunez", NameFit.SAME),
        ("Jürgen Müller", "Juergen Mueller", NameFit.SAME),
        ("Sean O'Brien", "Sean OBrien", NameFit.SAME),
        ("裕樹 高橋", "裕樹 高橋", NameFit.SAME),
        ("Cathy Manning", "Cathy Ann Manning", NameFit.MIDDLE),
        ("Cathy A. Manning", "Cathy Ann Manning", NameFit.MIDDLE),
        ("Bob Manning", "Robert Manning", NameFit.SHORT),
        ("Cathy Manning", "Katherine Manning", NameFit.SHORT),
        ("Cathy B. Manning", "Cathy Ann Manning", None),
        ("Ann Manning", "Cathy Ann Manning", None),
        ("Bob Manning", "Rita Manning", None),
        ("C Manning", "Cathy Manning", None),
        ("Cathy Manning", "Cathy Mannings", None),
        ("裕樹 高橋", "健 高橋", None),
    ],
)
def test_how_far_two_names_agree(one, other, fit):
    first, _, last = one.rpartition(" ")
    other_first, _, other_last = other.rpartition(" ")
    assert person_name_compare(first, last, other_first, other_last) == fit
    assert person_name_compare(other_first, other_last, first, last) == fit


def test_a_middle_name_makes_nobody_else_and_is_said():
    found = person_at("Cathy Ann", "Manning")
    assert found.person.id == CONTACT
    assert found.person_why == (
        "Person found by name and the new company. The record is named Cathy Ann Manning."
    )


def test_accents_may_be_missing_in_the_record():
    assert person_at("Jose", "Nunez", first_name="José", last_name="Núñez").person.id == CONTACT


def test_a_short_form_counts_with_the_companys_email_domain_only():
    known = {"first_name": "Robert", "last_name": "Manning"}
    assert person_at("Bob", "Manning", **known).person is None
    found = person_at("Bob", "Manning", "bob.m@mail.swedbank.example", **known)
    assert found.person.id == CONTACT
    assert found.person_why == (
        "Person found by a short form of the name and the new company’s e-mail domain. "
        "The record is named Bob Manning."
    )


def test_the_full_name_at_the_company_goes_before_a_short_form():
    there = account()
    org = SoqlOrg(
        Account=[there],
        Contact=[
            contact(CONTACT, at=there, FirstName="Bob", Email="bob@swedbank.example"),
            contact(OTHER_CONTACT, at=there, FirstName="Robert"),
        ],
    )
    assert matched(org, first_name="Robert", new_email="").person.id == OTHER_CONTACT


def test_of_several_the_closest_name_then_the_oldest_contact_is_taken_and_said():
    there = account()
    older, newer = "0037z00000000001AA", "0037z00000000002AA"
    org = SoqlOrg(
        Account=[there],
        Contact=[
            contact("0037z00000000000AA", at=there, FirstName="Cathy Ann"),
            contact(newer, at=there),
            contact(older, at=there),
        ],
        Lead=[lead()],
    )
    found = matched(org, new_email="")
    assert found.person.id == older
    assert found.person_why == (
        "Person found by name and the new company. 4 records fit: the closest name, a contact "
        "before a lead, one on the matched account before others, then the oldest was taken."
    )


def test_a_shared_mailbox_gives_way_to_the_one_with_the_name():
    shared = {"Email": "info@swedbank.example"}
    org = SoqlOrg(
        Contact=[contact(FirstName="Front", LastName="Desk", **shared)], Lead=[lead(**shared)]
    )
    assert matched(org, new_email="info@swedbank.example").person.id == LEAD


def test_what_stands_behind_a_plus_is_part_of_the_address_and_the_name_finds_the_person():
    tagged = contact(Email="cathy+crm@swedbank.example")
    found = matched(SoqlOrg(Contact=[tagged]), new_email="cathy@swedbank.example")
    assert found.person_why == "Person found by name and the new company’s e-mail domain."


def test_another_country_domain_is_another_domain_so_the_name_decides():
    org = SoqlOrg(Account=[account(website="https://swedbank.co.uk")])
    found = matched(org)
    assert found.account
    assert "its website is on swedbank.co.uk, not on swedbank.example" in found.account_why
    namesake = SoqlOrg(Account=[account(name="Swedbank Hypotek", website="https://swedbank.co.uk")])
    assert matched(namesake).account is None


def test_a_subsidiary_under_its_own_name_is_another_account():
    org = SoqlOrg(Account=[account(name="Swedbank Robur", website="")])
    assert matched(org).account is None


@pytest.mark.parametrize(
    "website",
    [
        "swedbank.example",
        "WWW.SWEDBANK.EXAMPLE",
        "https://www.swedbank.example:8443/en/?a=1#b",
        "http://careers.swedbank.example/",
        "//swedbank.example",
    ],
)
def test_a_website_is_the_same_however_it_is_written(website):
    found = matched(SoqlOrg(Account=[account(name="Other", website=website)]))
    assert found.account_why == "Account matched by its website’s domain swedbank.example."


def test_an_international_domain_is_found_in_either_spelling():
    for website in ("https://münchen.example", "xn--mnchen-3ya.example"):
        org = SoqlOrg(Account=[account(name="Stadtwerke", website=website)])
        for domain in ("münchen.example", "xn--mnchen-3ya.example"):
            found = matched(org, new_company_domain=domain, new_company_name="SWM")
            assert found.account, (website, domain)


@pytest.mark.parametrize(
    ("known", "stands"),
    [
        ("Lowe's", "Lowes Inc."),
        ("Lowes", "Lowe’s"),
        ("Nestlé S.A.", "Nestle"),
        ("Hertz", "The Hertz Corporation"),
        ("HP", "HP Inc."),
        ("HP Inc.", "HP"),
        ("@properties", "@properties"),
        ("(RED)", "(RED)"),
        ("🚀", "🚀"),
        ("AT&T", "AT & T Inc"),
        ("Fresenius Medical Care AG", "Fresenius Medicall Care"),
    ],
)
def test_one_company_written_in_two_ways_is_one_account(known, stands):
    org = SoqlOrg(Account=[account(name=stands, website="")])
    found = matched(
        org, new_company_name=known, new_company_domain="", new_company_website="", new_email=""
    )
    assert found.account, company_likes(known)


@pytest.mark.parametrize(
    ("known", "stands"),
    [("Aon", "Acon"), ("Delta", "Delta Dental"), ("Apple", "Snapple"), ("HP", "HPE"), ("🚀", "🛸")],
)
def test_two_companies_with_names_alike_stay_two(known, stands):
    org = SoqlOrg(Account=[account(name=stands, website="")])
    assert (
        matched(
            org, new_company_name=known, new_company_domain="", new_company_website="", new_email=""
        ).account
        is None
    )


def test_the_same_person_as_lead_and_contact_is_written_to_as_contact():
    there = account()
    org = SoqlOrg(
        Account=[there],
        Contact=[contact(at=there)],
        Lead=[lead(Email="cmanning@swedbank.example")],
    )
    # The lead has the address: that is the stronger sign.
    assert matched(org).person.id == LEAD
    assert matched(org, new_email="").person_why.startswith(
        "Person found by name and the new company’s e-mail domain."
    )
    both = SoqlOrg(Account=[there], Contact=[contact(at=there)], Lead=[lead()])
    assert matched(both, new_email="").person.id == CONTACT


def test_the_past_record_may_be_the_person():
    there = account()
    org = SoqlOrg(Account=[there], Contact=[contact(at=there)])
    found = matched(org, past_contact_id=CONTACT)
    assert found.past.id == found.person.id == CONTACT


@pytest.mark.parametrize(
    ("name", "soql"),
    [
        ("Manning", "LastName='Manning'"),
        ("高橋", "LastName='高橋'"),
        ("O'Brien", "LastName LIKE 'O%Brien'"),
        ("Müller", "LastName LIKE 'M%ller'"),
        ("van der Berg", "LastName LIKE 'van%der%Berg'"),
        ("100%_", "LastName LIKE '100%'"),
        ("Ö", "LastName='Ö'"),
        ("'", "LastName='\\''"),
    ],
)
def test_how_a_last_name_is_asked_for(name, soql):
    assert last_name_like(name).soql("LastName") == soql


def test_how_a_company_is_asked_for():
    assert [like.soql("Name") for like in company_likes("Coca-Cola Europacific Partners plc")] == [
        "Name LIKE 'Coca%Cola%Europacific%'",
        "Name LIKE 'The Coca%Cola%Europacific%'",
    ]
    assert [like.soql("Company") for like in company_like_anywhere("Swedbank AB")] == [
        "Company LIKE '%Swedbank%'"
    ]
